package io.tributary.ingest.door;

import io.tributary.ingest.quota.Excess;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.kernel.fault.ProblemJson;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers a request as a whole; on its event loop. */
public final class Replies {
    private static final Logger LOG = LoggerFactory.getLogger(Replies.class);

    /** How long what is still sent is thrown away, so that its sender gets to the answer. */
    private static final Duration LINGER = Duration.ofMillis(500);

    private Replies() {}

    /** Answers with a problem, and closes the connection where a body is still coming. */
    public static void problem(RoutingContext request, Problem problem) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed() || response.headWritten()) {
            return;
        }
        boolean rfc9457 = ProblemJson.wanted(request.request().getHeader("Accept"));
        response.setStatusCode(problem.status())
                .putHeader("Content-Type", rfc9457 ? ProblemJson.PROBLEM_JSON : ProblemJson.JSON);
        problem.retryAfter().ifPresent(after -> retryAfter(response, after));
        if (problem.status() == 401) {
            response.putHeader("WWW-Authenticate", "Basic realm=\"tributary\", Bearer");
        }
        end(request, Buffer.buffer(ProblemJson.body(problem, rfc9457)));
    }

    /** Answers that a quota is used up. */
    public static void excess(RoutingContext request, Excess excess) {
        HttpServerResponse response = request.response();
        if (!response.headWritten() && !response.closed()) {
            response.putHeader("X-RateLimit-Limit", Long.toString(excess.limit()))
                    .putHeader("X-RateLimit-Remaining", "0")
                    .putHeader("X-RateLimit-Reset", seconds(excess.clearsIn()));
        }
        problem(request, excess.problem());
    }

    /**
     * Ends the answer; where the request's body is still coming, it is thrown away, and the
     * connection, or with HTTP/2 the stream, ends as well. The connection ends a moment later: a
     * reset at once could take the answer from a client that still sends.
     */
    public static void end(RoutingContext request, Buffer body) {
        HttpServerRequest incoming = request.request();
        HttpServerResponse response = request.response();
        if (incoming.isEnded() || incoming.version() == HttpVersion.HTTP_2) {
            response.end(body);
            return;
        }
        if (!response.headWritten()) {
            response.putHeader("Connection", "close");
        }
        incoming.handler(ignored -> {});
        incoming.endHandler(all -> incoming.connection().close());
        response.end(body)
                .onComplete(
                        done ->
                                request.vertx()
                                        .setTimer(
                                                LINGER.toMillis(),
                                                late -> incoming.connection().close()));
        incoming.resume();
    }

    /** Says when a retry may help. */
    public static void retryAfter(HttpServerResponse response, Duration after) {
        response.putHeader("Retry-After", seconds(after));
    }

    /** Whole seconds, at least one. */
    static String seconds(Duration after) {
        return Long.toString(Math.max(1, after.plusMillis(999).toSeconds()));
    }

    /** What a caller is told of a failure; defects are logged here. */
    public static Problem toProblem(Throwable failure) {
        return switch (failure) {
            case ProblemException e -> e.problem();
            case IOException e -> {
                LOG.warn("request could not be served problem={}", e.toString());
                yield Problem.retryLater(
                        503, "The service cannot answer right now.", Duration.ofSeconds(1));
            }
            default -> {
                LOG.error("request failed", failure);
                yield Problem.of(500, "Internal server error");
            }
        };
    }

    /** Answers 200 with JSON. */
    public static void json(RoutingContext request, Buffer body) {
        if (!request.response().ended() && !request.response().closed()) {
            request.response().putHeader("Content-Type", ProblemJson.JSON).end(body);
        }
    }
}
