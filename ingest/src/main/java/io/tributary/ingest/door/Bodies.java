package io.tributary.ingest.door;

import io.tributary.kernel.fault.Problem;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/**
 * Keeps requests' bodies within bounds, and from arriving before somebody is there to take them.
 */
public final class Bodies {
    private Bodies() {}

    /** What a request says its body takes, in bytes; 0 where it does not say. */
    public static long declaredLength(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    /** What is said of a body beyond its bound. */
    public static Problem tooLarge(String what, int maxBytes) {
        return Problem.of(413, what + " may take " + maxBytes + " bytes.");
    }

    /** Holds a body back, if there can be one, until whoever takes it resumes the request. */
    static void hold(RoutingContext request) {
        HttpMethod method = request.request().method();
        if (method.equals(HttpMethod.POST)
                || method.equals(HttpMethod.PUT)
                || method.equals(HttpMethod.PATCH)
                || bringsOneWithGet(request.request())) {
            request.request().pause();
        }
    }

    /** Confluent's clients ask for committed offsets with a body, and only for them. */
    private static boolean bringsOneWithGet(HttpServerRequest request) {
        return request.method().equals(HttpMethod.GET)
                && request.path().startsWith("/consumers/")
                && request.path().endsWith("/offsets")
                && (declaredLength(request) > 0 || request.getHeader("Transfer-Encoding") != null);
    }
}
