package io.tributary.ingest.produce;

import io.tributary.ingest.door.Bodies;
import io.tributary.ingest.door.Permission;
import io.tributary.ingest.door.Replies;
import io.tributary.ingest.json.BatchBody;
import io.tributary.ingest.json.JsonOutput;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.quota.Quota;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;

/** A request with named records in one body, answered as a whole. Lives on one event loop. */
final class BatchExchange {
    private static final int MAX_BODY_BYTES = 8 << 20;

    private final RoutingContext context;
    private final HttpServerRequest request;
    private final Context loop;
    private final Permission permission;
    private final Buffer body = Buffer.buffer();
    private final Turns turns = new Turns();
    private List<BatchBody.Entry> entries = List.of();
    private Target target;
    private boolean ended;

    BatchExchange(RoutingContext context, Permission permission, Target target) {
        this.context = context;
        this.permission = permission;
        this.target = target;
        request = context.request();
        loop = context.vertx().getOrCreateContext();
    }

    void start() {
        if (Bodies.declaredLength(request) > MAX_BODY_BYTES) {
            refuseLarge();
            return;
        }
        request.handler(this::arrived);
        request.endHandler(end -> ended());
        request.resume();
    }

    private void arrived(Buffer chunk) {
        if (ended) {
            return;
        }
        body.appendBuffer(chunk);
        permission.claim().take(Quota.PRODUCE_BYTES_PER_SECOND, chunk.length());
        if (body.length() > MAX_BODY_BYTES) {
            refuseLarge();
        }
    }

    private void refuseLarge() {
        ended = true;
        Replies.problem(context, Bodies.tooLarge("A batch's body", MAX_BODY_BYTES));
    }

    private void ended() {
        if (ended) {
            return;
        }
        ended = true;
        byte[] bytes = body.getBytes();
        try {
            if (bytes.length == 0) {
                throw Problem.of(422, "The body is empty.").asException();
            }
            entries = BatchBody.parse(bytes);
        } catch (ProblemException e) {
            Replies.problem(context, e.problem());
            return;
        }
        if (permission.stale()) {
            permission.check(
                    loop,
                    topic -> {
                        target = target.at(topic);
                        send(bytes);
                    },
                    problem -> Replies.problem(context, problem));
        } else {
            send(bytes);
        }
    }

    private void send(byte[] bytes) {
        turns.add(target, entries.stream().map(BatchBody.Entry::parsed).toList());
        long fingerprint = target.retry().isPresent() ? RetryKey.fingerprint(bytes) : 0;
        turns.send(loop, fingerprint, this::answer);
        answer();
    }

    private void answer() {
        if (context.response().ended() || !turns.done()) {
            return;
        }
        Reports reports = new Reports(target.topic());
        JsonOutput successes = new JsonOutput(1 << 10);
        JsonOutput failures = new JsonOutput(1 << 8);
        int at = 0;
        for (Turn turn : turns.all()) {
            for (Turn.Slot slot : turn.slots()) {
                String id = entries.get(at++).id();
                Optional<Problem> problem = Reports.problem(slot);
                JsonOutput out = problem.isPresent() ? failures : successes;
                out.ascii(out.size() == 0 ? "{\"id\":" : ",{\"id\":").quoted(id).ascii(",");
                if (problem.isPresent()) {
                    Reports.failure(out, problem.get());
                } else {
                    reports.success(out, turn, (Turn.Slot.Placed) slot);
                }
                out.ascii("}");
            }
        }
        context.response().setStatusCode(207).putHeader("Content-Type", "application/json");
        turns.putHeaders(context.response());
        context.response()
                .end(
                        Buffer.buffer("{\"successes\":[")
                                .appendBuffer(successes.take())
                                .appendString("],\"failures\":[")
                                .appendBuffer(failures.take())
                                .appendString("]}"));
    }
}
