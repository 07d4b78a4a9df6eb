package io.tributary.ingest.door;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;

/** Keeps a request's body from arriving before somebody is there to take it. */
final class Bodies {
    private Bodies() {}

    /** Holds a body back, if there can be one, until whoever takes it resumes the request. */
    static void hold(RoutingContext request) {
        HttpMethod method = request.request().method();
        if (method.equals(HttpMethod.POST)
                || method.equals(HttpMethod.PUT)
                || method.equals(HttpMethod.PATCH)) {
            request.request().pause();
        }
    }
}
