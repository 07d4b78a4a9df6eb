package io.tributary.ingest.door;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;

/** Takes requests' bodies as a whole, up to a bound; on the request's event loop. */
public final class WholeBody {
    private WholeBody() {}

    /**
     * Hands the body over when it is there, empty where there is none; answers one beyond the bound
     * itself.
     *
     * @param what the body is called in that answer
     */
    public static void read(
            RoutingContext context, String what, int maxBytes, Consumer<byte[]> then) {
        HttpServerRequest request = context.request();
        if (Bodies.declaredLength(request) > maxBytes) {
            Replies.problem(context, Bodies.tooLarge(what, maxBytes));
            return;
        }
        if (request.isEnded()) {
            then.accept(new byte[0]);
            return;
        }
        Buffer body = Buffer.buffer();
        request.handler(
                chunk -> {
                    if (body.length() <= maxBytes && body.appendBuffer(chunk).length() > maxBytes) {
                        Replies.problem(context, Bodies.tooLarge(what, maxBytes));
                    }
                });
        request.endHandler(
                end -> {
                    if (body.length() <= maxBytes) {
                        then.accept(body.getBytes());
                    }
                });
        request.resume();
    }
}
