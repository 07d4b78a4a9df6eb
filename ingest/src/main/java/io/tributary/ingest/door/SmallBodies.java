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

    @Override
    @SuppressWarnings("deprecation") // the one public way to hand a body on
    public void handle(RoutingContext request) {
        HttpServerRequest incoming = request.request();
        if (Bodies.declaredLength(incoming) > MAX_BYTES) {
            tooLarge(request);
            return;
        }
        boolean bounded = incoming.getHeader("Content-Length") != null;
        if (bounded || incoming.isEnded() || incoming.version() == HttpVersion.HTTP_2) {
            request.next();
            return;
        }
        Buffer body = Buffer.buffer();
        incoming.handler(
                chunk -> {
                    if (body.length() <= MAX_BYTES
                            && body.appendBuffer(chunk).length() > MAX_BYTES) {
                        tooLarge(request);
                    }
                });
        incoming.endHandler(
                end -> {
                    if (body.length() <= MAX_BYTES) {
                        request.setBody(body);
                        request.next();
                    }
                });
        incoming.resume();
    }

    private static void tooLarge(RoutingContext request) {
        Replies.problem(request, Bodies.tooLarge("The body", MAX_BYTES));
    }
}
