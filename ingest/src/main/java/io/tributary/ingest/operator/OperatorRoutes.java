package io.tributary.ingest.operator;

import io.tributary.ingest.door.AuthenticationGate;
import io.tributary.ingest.door.Replies;
import io.tributary.ingest.json.JsonOutput;
import io.tributary.ingest.json.TimestampText;
import io.tributary.kernel.fault.Problem;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import io.tributary.storage.Shards;
import io.tributary.storage.Shards.FlushReport;
import io.tributary.storage.Shards.ScrubReport;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.concurrent.Executor;

/** What whoever runs the service does to its storage. */
public final class OperatorRoutes implements Handler<RoutingContext> {
    private final Shards shards;
    private final Executor blocking;

    public OperatorRoutes(Shards shards, Executor blocking) {
        this.shards = shards;
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
                        Problem problem = Replies.toProblem(e);
                        context.runOnContext(done -> Replies.problem(request, problem));
                    }
                });
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
        out.ascii(",\"objects\":").number(report.objects());
        out.ascii(",\"bytes\":").number(report.bytes());
        out.ascii(",\"referenced\":").number(report.referenced());
        out.ascii(",\"orphans_removed\":").number(report.orphansRemoved());
        out.ascii(",\"orphans_in_grace\":").number(report.orphansInGrace());
        out.ascii(",\"missing\":[");
        String separator = "";
        for (String key : report.missing()) {
            out.ascii(separator).quoted(key);
            separator = ",";
        }
        return out.ascii("]}");
    }
}
