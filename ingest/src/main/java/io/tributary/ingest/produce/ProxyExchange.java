package io.tributary.ingest.produce;

import io.tributary.ingest.door.Permission;
import io.tributary.ingest.door.Replies;
import io.tributary.ingest.door.WholeBody;
import io.tributary.ingest.json.Format;
import io.tributary.ingest.json.IncomingRecord;
import io.tributary.ingest.json.JsonFields;
import io.tributary.ingest.json.JsonOutput;
import io.tributary.ingest.json.Parsed;
import io.tributary.ingest.json.ProxyBody;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.quota.Quota;
import io.tributary.storage.AppendOutcome.PartRun;
import io.vertx.core.Context;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A produce of REST Proxy v2: one body, one answer with an offset or an error for each record.
 * Lives on one event loop.
 */
public final class ProxyExchange {
    private static final int MAX_BODY_BYTES = 8 << 20;
    private static final int FAILED = 50002;
    private static final int FAILED_FOR_NOW = 50003;
    private static final int NO_PARTITION = 40402;

    /**
     * What a request is to do.
     *
     * @param format of its keys and values
     * @param partition where all of its records go; empty for where each belongs
     * @param async whether it is answered before anything is stored
     * @param mediaType of the answer
     */
    public record Order(Format format, OptionalInt partition, boolean async, String mediaType) {}

    private final RoutingContext context;
    private final Context loop;
    private final Permission permission;
    private final Order order;
    private final Turns turns = new Turns();
    private Target target;

    ProxyExchange(RoutingContext context, Permission permission, Target target, Order order) {
        this.context = context;
        this.permission = permission;
        this.target = target;
        this.order = order;
        loop = context.vertx().getOrCreateContext();
    }

    void start() {
        WholeBody.read(context, "The body", MAX_BODY_BYTES, this::arrived);
    }

    private void arrived(byte[] body) {
        permission.claim().take(Quota.PRODUCE_BYTES_PER_SECOND, body.length);
        List<Parsed> records;
        try {
            records = ProxyBody.parse(body, order.format()).stream().map(this::placed).toList();
        } catch (ProblemException e) {
            Replies.problem(context, e.problem());
            return;
        }
        if (permission.stale()) {
            permission.check(
                    loop,
                    topic -> {
                        target = target.at(topic);
                        send(records, body);
                    },
                    problem -> Replies.problem(context, problem));
        } else {
            send(records, body);
        }
    }

    private Parsed placed(IncomingRecord record) {
        if (order.partition().isEmpty() || record.partition().equals(order.partition())) {
            return new Parsed.Good(record);
        }
        if (record.partition().isPresent()) {
            throw JsonFields.invalid("A record names another partition than the path.");
        }
        return new Parsed.Good(
                new IncomingRecord(
                        record.record(),
                        order.partition(),
                        record.keyFormat(),
                        record.valueFormat()));
    }

    private void send(List<Parsed> records, byte[] body) {
        turns.add(target, records);
        long fingerprint = target.retry().isPresent() ? RetryKey.fingerprint(body) : 0;
        turns.send(loop, fingerprint, this::answer);
        if (order.async()) {
            context.response().setStatusCode(204).end();
        } else {
            answer();
        }
    }

    private void answer() {
        if (context.response().ended() || !turns.done()) {
            return;
        }
        JsonOutput out = new JsonOutput(1 << 10).ascii("{\"offsets\":[");
        String separator = "";
        for (Turn.Slot slot : (Iterable<Turn.Slot>) turns.slots()::iterator) {
            out.ascii(separator);
            entry(out, slot);
            separator = ",";
        }
        out.ascii("],\"key_schema_id\":null,\"value_schema_id\":null}");
        context.response().putHeader("Content-Type", order.mediaType());
        turns.putHeaders(context.response());
        context.response().end(out.take());
    }

    private static void entry(JsonOutput out, Turn.Slot slot) {
        Optional<Problem> problem = Reports.problem(slot);
        if (problem.isEmpty()) {
            Turn.Slot.Placed placed = (Turn.Slot.Placed) slot;
            PartRun stored = placed.stored().orElseThrow();
            out.ascii("{\"partition\":").number(placed.lane().partition());
            out.ascii(",\"offset\":").number(stored.offsetOf(placed.n()));
            out.ascii(",\"error_code\":null,\"error\":null}");
        } else {
            out.ascii("{\"partition\":null,\"offset\":null,\"error_code\":");
            out.number(code(problem.get()));
            out.ascii(",\"error\":").quoted(problem.get().message()).ascii("}");
        }
    }

    private static int code(Problem problem) {
        if (problem.status() == 404) {
            return NO_PARTITION;
        }
        return problem.retryAfter().isPresent() ? FAILED_FOR_NOW : FAILED;
    }
}
