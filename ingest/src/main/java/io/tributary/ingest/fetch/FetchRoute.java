package io.tributary.ingest.fetch;

import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.door.Replies;
import io.tributary.ingest.door.Stopping;
import io.tributary.ingest.door.TopicAccess;
import io.tributary.ingest.json.JsonOutput;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.topic.Topic;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
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
                found -> {
                    try {
                        begin(request, found, Partitions.index(found, partition));
                    } catch (ProblemException e) {
                        Replies.problem(request, e.problem());
                    }
                });
    }

    private void begin(RoutingContext request, Topic topic, int index) {
        Form form = form(request);
        FetchQuery query = FetchQuery.read(request.queryParams()).at(resumed(request, index, form));
        Context loop = request.vertx().getOrCreateContext();
        CountDownLatch gone = new CountDownLatch(1);
        request.response().closeHandler(closed -> gone.countDown());
        node.blocking()
                .execute(
                        () -> {
                            try {
                                PartitionReader reader =
                                        new PartitionReader(
                                                node.shards().shard(topic.shard(index)),
                                                topic.partition(index),
                                                new RecordWriter(query.key(), query.value()));
                                switch (form) {
                                    case OBJECT -> object(request, loop, topic, reader, query);
                                    case LINES -> lines(request, loop, reader, query);
                                    case EVENTS ->
                                            new EventStream(
                                                            request, node, topic, index, reader,
                                                            gone)
                                                    .run(query);
                                }
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            } catch (IOException | RuntimeException e) {
                                Problem problem = Replies.toProblem(e);
                                loop.runOnContext(done -> Replies.problem(request, problem));
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
            RoutingContext request,
            Context loop,
            Topic topic,
            PartitionReader reader,
            FetchQuery query)
            throws IOException, InterruptedException {
        JsonOutput out = new JsonOutput(INITIAL_BYTES);
        out.ascii("{\"kind\":\"TributaryRecordList\",\"cluster_id\":\"")
                .ascii(topic.tenant().clusterId())
                .ascii("\",\"topic_name\":\"")
                .ascii(topic.name())
                .ascii("\",\"records\":[");
        PartitionReader.Read read = first(request, reader, query, ",", out);
        out.ascii("],\"next_offset\":").number(read.next());
        out.ascii(",\"high_watermark\":").number(read.offsets().highWatermark());
        out.ascii(",\"log_start_offset\":").number(read.offsets().logStart()).ascii("}");
        node.metrics().fetched(read.records(), out.size());
        Buffer body = out.take();
        loop.runOnContext(done -> Replies.json(request, body));
    }

    private void lines(
            RoutingContext request, Context loop, PartitionReader reader, FetchQuery query)
            throws IOException, InterruptedException {
        JsonOutput out = new JsonOutput(INITIAL_BYTES);
        PartitionReader.Read read = first(request, reader, query, "\n", out);
        if (read.records() > 0) {
            out.ascii("\n");
        }
        node.metrics().fetched(read.records(), out.size());
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
                                .end(body);
                    }
                });
    }

    /** Reads until there is a record, the answer is full, or the reader's patience is over. */
    private PartitionReader.Read first(
            RoutingContext request,
            PartitionReader reader,
            FetchQuery query,
            String separator,
            JsonOutput out)
            throws IOException, InterruptedException {
        long deadline = node.clock().millis() + query.patience().toMillis();
        long offset = reader.begin(query.from());
        int begin = out.size();
        int records = 0;
        while (true) {
            int left = query.maxBytes() - (out.size() - begin);
            int before = out.size();
            out.ascii(records == 0 ? "" : separator);
            PartitionReader.Read read = reader.read(offset, Math.max(1, left), separator, out);
            boolean fits = records == 0 || out.size() - begin <= query.maxBytes();
            if (read.records() == 0 || !fits) {
                out.cutTo(before);
            } else {
                records += read.records();
            }
            long next = fits ? read.next() : offset;
            boolean atEnd = next >= read.offsets().highWatermark();
            Duration patience =
                    node.stopping().begun()
                            ? Duration.ZERO
                            : Duration.ofMillis(deadline - node.clock().millis());
            if (!fits || (atEnd && (records > 0 || !patience.isPositive())) || left <= 1) {
                return new PartitionReader.Read(records, next, read.offsets());
            }
            if (atEnd && records == 0) {
                CountDownLatch changed = new CountDownLatch(1);
                request.response().closeHandler(closed -> changed.countDown());
                try (Stopping.Word _ = node.stopping().then(changed::countDown)) {
                    if (!reader.await(next, patience, changed)) {
                        return new PartitionReader.Read(0, next, read.offsets());
                    }
                }
                if (request.response().closed()) {
                    return new PartitionReader.Read(0, next, read.offsets());
                }
            }
            offset = next;
        }
    }
}
