package io.tributary.ingest.operator;

import io.tributary.ingest.door.AuthenticationGate;
import io.tributary.ingest.door.Replies;
import io.tributary.ingest.json.JsonOutput;
import io.tributary.ingest.json.TimestampText;
import io.tributary.kernel.fault.Problem;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.topic.Topics;
import io.tributary.storage.ScrubReport;
import io.tributary.storage.Shards;
import io.tributary.storage.Shards.FlushReport;
import io.tributary.storage.object.ObjectStoreException;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;

/** What whoever runs the service does to its storage. */
public final class OperatorRoutes implements Handler<RoutingContext> {
    private static final Duration STORE_AGAIN = Duration.ofSeconds(5);

    private final Shards shards;
    private final ReceiptList receipts;
    private final Executor blocking;

    public OperatorRoutes(Shards shards, Topics topics, Executor blocking) {
        this.shards = shards;
        receipts = new ReceiptList(shards, topics);
        this.blocking = blocking;
    }

    private interface Work {
        JsonOutput run() throws IOException;
    }

    @Override
    public void handle(RoutingContext request) {
        Principal principal = request.get(AuthenticationGate.PRINCIPAL);
        if (principal.role() != Role.OPERATOR) {
            Replies.problem(request, Problem.of(403, "Only the operator may do this."));
            return;
        }
        request.request().resume();
        HttpMethod method = request.request().method();
        String route = method + " " + request.request().path();
        switch (route) {
            case "POST /v1/operator/flush" -> run(request, () -> flushed(shards.flush()));
            case "POST /v1/operator/drop-local-cache" ->
                    run(
                            request,
                            () ->
                                    new JsonOutput(64)
                                            .ascii("{\"bytes_dropped\":")
                                            .number(shards.dropLocalCache())
                                            .ascii("}"));
            case "POST /v1/operator/scrub" -> run(request, () -> scrubbed(shards.scrub()));
            case "GET /v1/operator/scrub" -> run(request, () -> scrubbed(shards.lastScrub()));
            case "GET /v1/operator/receipts" ->
                    run(request, () -> receipts.list(request.queryParams()));
            default -> request.next();
        }
    }

    private void run(RoutingContext request, Work work) {
        var context = request.vertx().getOrCreateContext();
        blocking.execute(
                () -> {
                    try {
                        Buffer body = work.run().take();
                        context.runOnContext(done -> Replies.json(request, body));
                    } catch (IOException | RuntimeException e) {
                        Problem problem = problem(e);
                        context.runOnContext(done -> Replies.problem(request, problem));
                    }
                });
    }

    private static Problem problem(Exception failure) {
        if (failure instanceof ObjectStoreException e) {
            return Problem.retryLater(
                    503, "The object store cannot be used: " + e.getMessage(), STORE_AGAIN);
        }
        return Replies.toProblem(failure);
    }

    private static JsonOutput flushed(FlushReport report) {
        return new JsonOutput(128)
                .ascii("{\"objects\":")
                .number(report.objects())
                .ascii(",\"segments\":")
                .number(report.segments())
                .ascii(",\"bytes\":")
                .number(report.bytes())
                .ascii("}");
    }

    private static JsonOutput scrubbed(ScrubReport report) {
        JsonOutput out = new JsonOutput(256);
        out.ascii("{\"finished_at\":");
        if (report.finishedAtMillis() == 0) {
            out.ascii("null");
        } else {
            out.quoted(new TimestampText().of(report.finishedAtMillis()));
        }
        out.ascii(",\"objects\":").number(report.listed().objects());
        out.ascii(",\"bytes\":").number(report.listed().bytes());
        ScrubReport.Causes causes = report.causes();
        out.ascii(",\"live\":").number(causes.live());
        out.ascii(",\"garbage\":").number(causes.garbage());
        out.ascii(",\"under_way\":").number(causes.underWay());
        out.ascii(",\"snapshots\":").number(causes.snapshots());
        out.ascii(",\"orphans_in_grace\":").number(causes.orphansInGrace());
        out.ascii(",\"orphans_removed\":").number(causes.orphansRemoved());
        out.ascii(",\"foreign\":").number(causes.foreign());
        out.ascii(",\"unexplained\":").number(report.unexplained());
        keys(out, ",\"missing\":", report.wrong().missing());
        keys(out, ",\"wrong_size\":", report.wrong().wrongSize());
        keys(out, ",\"damaged\":", report.wrong().damaged());
        out.ascii(",\"verified_objects\":").number(report.verification().objects());
        out.ascii(",\"verified_bytes\":").number(report.verification().bytes());
        return out.ascii("}");
    }

    static void keys(JsonOutput out, String name, List<String> keys) {
        out.ascii(name).ascii("[");
        String separator = "";
        for (String key : keys) {
            out.ascii(separator).quoted(key);
            separator = ",";
        }
        out.ascii("]");
    }
}
