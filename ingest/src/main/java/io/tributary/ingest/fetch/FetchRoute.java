package io.tributary.ingest.fetch;

import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.door.Permission;
import io.tributary.ingest.door.Replies;
import io.tributary.ingest.door.TopicAccess;
import io.tributary.ingest.json.JsonOutput;
import io.tributary.ingest.quota.Claim;
import io.tributary.ingest.quota.Excess;
import io.tributary.ingest.quota.Place;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.topic.Topic;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;

/**
 * Hands out records of a partition: as one JSON object, as lines, or as events for as long as the
 * reader stays.
 */
public final class FetchRoute {
    private static final int INITIAL_BYTES = 16 << 10;

    private final IngestNode node;
    private final TopicAccess access;

    public FetchRoute(IngestNode node, TopicAccess access) {
        this.node = node;
        this.access = access;
    }

    /** How an answer is written. */
    private enum Form {
        OBJECT,
        LINES,
        EVENTS
    }

    /** {@code GET …/partitions/{p}/records}. */
    public void handle(RoutingContext request, String cluster, String topic, String partition) {
        access.with(
                request,
                cluster,
                topic,
                Operation.CONSUME,
                permission -> {
                    try {
                        begin(request, permission, Partitions.index(permission.topic(), partition));
                    } catch (ProblemException e) {
                        Replies.problem(request, e.problem());
                    }
                });
    }

    private void begin(RoutingContext request, Permission permission, int index) {
        Topic topic = permission.topic();
        Form form = form(request);
        FetchQuery query = FetchQuery.read(request.queryParams()).at(resumed(request, index, form));
        Context loop = request.vertx().getOrCreateContext();
        Claim claim = permission.claim();
        Optional<Excess> excess = claim.excess(Quota.FETCH_BYTES_PER_SECOND);
        if (form != Form.EVENTS
                && excess.filter(one -> one.clearsIn().compareTo(query.patience()) > 0)
                        .isPresent()) {
            var _ = claim.refused(Quota.FETCH_BYTES_PER_SECOND);
            Replies.excess(request, excess.get());
            return;
        }
        Optional<Place> place = Optional.empty();
        if (form == Form.EVENTS || query.patience().isPositive()) {
            switch (claim.connect()) {
                case Claim.Connection.Taken taken -> place = Optional.of(taken.place());
                case Claim.Connection.Refused refused -> {
                    Replies.excess(request, refused.excess());
                    return;
                }
            }
        }
        Optional<Place> taken = place;
        CountDownLatch gone = new CountDownLatch(1);
        request.response().closeHandler(closed -> gone.countDown());
        if (request.response().closed()) {
            gone.countDown();
        }
        node.blocking()
                .execute(
                        () -> {
                            try {
                                Pace pace = new Pace(permission, gone);
                                PartitionReader reader =
                                        new PartitionReader(
                                                node.shards().shard(topic.shard(index)),
                                                topic.partition(index),
                                                new RecordWriter(query.key(), query.value()));
                                LongPoll poll =
                                        new LongPoll(
                                                reader, permission, pace, request.response(), node);
                                switch (form) {
                                    case OBJECT -> object(request, loop, topic, poll, query);
                                    case LINES -> lines(request, loop, poll, query);
                                    case EVENTS ->
                                            new EventStream(
                                                            request,
                                                            node,
                                                            permission,
                                                            index,
                                                            new EventStream.Source(reader, pace),
                                                            gone)
                                                    .run(query);
                                }
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            } catch (IOException | RuntimeException e) {
                                Problem problem = Replies.toProblem(e);
                                loop.runOnContext(done -> Replies.problem(request, problem));
                            } finally {
                                taken.ifPresent(Place::close);
                            }
                        });
    }

    private static Form form(RoutingContext request) {
        String accept = request.request().getHeader("Accept");
        if (accept == null) {
            return Form.OBJECT;
        }
        String lower = accept.toLowerCase(Locale.ROOT);
        if (lower.contains("text/event-stream")) {
            return Form.EVENTS;
        }
        if (lower.contains("application/x-ndjson")) {
            return Form.LINES;
        }
        if (lower.contains("*/*")
                || lower.contains("application/*")
                || lower.contains("application/json")
                || lower.contains("application/problem+json")) {
            return Form.OBJECT;
        }
        throw Problem.of(
                        406,
                        "Accept must be application/json, application/x-ndjson or"
                                + " text/event-stream.")
                .asException();
    }

    /** Where a reader of events goes on after a break. */
    private static OptionalLong resumed(RoutingContext request, int index, Form form) {
        String last = request.request().getHeader("Last-Event-ID");
        if (form != Form.EVENTS || last == null || last.isEmpty()) {
            return OptionalLong.empty();
        }
        String prefix = index + "-";
        try {
            if (last.startsWith(prefix)) {
                long offset = Long.parseLong(last.substring(prefix.length()));
                if (offset >= 0 && offset < Long.MAX_VALUE) {
                    return OptionalLong.of(offset + 1);
                }
            }
        } catch (NumberFormatException e) {
            throw badEventId();
        }
        throw badEventId();
    }

    private static ProblemException badEventId() {
        return Problem.of(400, "Last-Event-ID is not one of this partition's.").asException();
    }

    private void object(
            RoutingContext request, Context loop, Topic topic, LongPoll poll, FetchQuery query)
            throws IOException, InterruptedException {
        JsonOutput out = new JsonOutput(INITIAL_BYTES);
        out.ascii("{\"kind\":\"TributaryRecordList\",\"cluster_id\":\"")
                .ascii(topic.tenant().clusterId())
                .ascii("\",\"topic_name\":\"")
                .ascii(topic.name())
                .ascii("\",\"records\":[");
        PartitionReader.Read read = poll.read(query, ",", out);
        out.ascii("],\"next_offset\":").number(read.next());
        out.ascii(",\"high_watermark\":").number(read.offsets().highWatermark());
        out.ascii(",\"log_start_offset\":").number(read.offsets().logStart()).ascii("}");
        node.metrics().fetched(read.records(), out.size());
        poll.pace().took(out.size());
        Buffer body = out.take();
        loop.runOnContext(done -> Replies.json(request, body));
    }

    private void lines(RoutingContext request, Context loop, LongPoll poll, FetchQuery query)
            throws IOException, InterruptedException {
        JsonOutput out = new JsonOutput(INITIAL_BYTES);
        PartitionReader.Read read = poll.read(query, "\n", out);
        if (read.records() > 0) {
            out.ascii("\n");
        }
        node.metrics().fetched(read.records(), out.size());
        poll.pace().took(out.size());
        Buffer body = out.take();
        loop.runOnContext(
                done -> {
                    if (!request.response().closed()) {
                        request.response()
                                .putHeader("Content-Type", "application/x-ndjson")
                                .putHeader("X-Next-Offset", Long.toString(read.next()))
                                .putHeader(
                                        "X-High-Watermark",
                                        Long.toString(read.offsets().highWatermark()))
                                .putHeader(
                                        "X-Log-Start-Offset",
                                        Long.toString(read.offsets().logStart()))
                                .end(body);
                    }
                });
    }
}
