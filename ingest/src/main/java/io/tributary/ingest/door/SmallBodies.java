package io.tributary.ingest.door;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;

/**
 * Refuses bodies that are too large, of all requests that bring no records, as soon as that is
 * known. Those without a length are taken whole here; over HTTP/2, where a request that was read
 * cannot be handed on, whoever reads them bounds them.
 */
public final class SmallBodies implements Handler<RoutingContext> {
    /** The largest of them. */
    private static final int MAX_BYTES = 1 << 20;

    private static final String WHAT = "The body";

    @Override
    @SuppressWarnings("deprecation") // the one public way to hand a body on
    public void handle(RoutingContext request) {
        HttpServerRequest incoming = request.request();
        if (Bodies.declaredLength(incoming) > MAX_BYTES) {
            Replies.problem(request, Bodies.tooLarge(WHAT, MAX_BYTES));
            return;
        }
        boolean bounded = incoming.getHeader("Content-Length") != null;
        if (bounded || incoming.isEnded() || incoming.version() == HttpVersion.HTTP_2) {
            request.next();
            return;
        }
        WholeBody.read(
                request,
                WHAT,
                MAX_BYTES,
                body -> {
                    request.setBody(Buffer.buffer(body));
                    request.next();
                });
    }
}
