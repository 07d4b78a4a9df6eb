package io.tributary.ingest.fetch;

import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.door.Permission;
import io.tributary.ingest.door.Replies;
import io.tributary.ingest.json.JsonOutput;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemJson;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Server-sent events: every record as it becomes readable, for as long as the reader stays and may
 * read. The id of an event is partition and offset of its record; a reader that comes back with it
 * goes on behind it. Runs on a thread of its own, which waits for a slow reader.
 */
final class EventStream {
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);
    private static final int CHUNK_BYTES = 256 << 10;
    private static final String RECORD_END = "\u0000";

    private final RoutingContext request;
    private final HttpServerResponse response;
    private final IngestNode node;
    private final Permission permission;
    private final int partition;
    private final PartitionReader reader;
    private final Pace pace;
    private final CountDownLatch gone;

    /** Where records come from, and how fast. */
    record Source(PartitionReader reader, Pace pace) {}

    EventStream(
            RoutingContext request,
            IngestNode node,
            Permission permission,
            int partition,
            Source source,
            CountDownLatch gone) {
        this.request = request;
        this.response = request.response();
        this.node = node;
        this.permission = permission;
        this.partition = partition;
        reader = source.reader();
        pace = source.pace();
        this.gone = gone;
    }

    /** Sends events until the reader goes, may read no longer, or the topic is gone. */
    void run(FetchQuery query) throws IOException, InterruptedException {
        long offset = reader.begin(query.from());
        JsonOutput out = new JsonOutput(CHUNK_BYTES);
        PartitionReader.Read read = next(offset, out);
        response.setChunked(true)
                .putHeader("Content-Type", "text/event-stream")
                .putHeader("Cache-Control", "no-store");
        long quietSince = node.clock().millis();
        send(Buffer.buffer(": stream begins\n\n"));
        while (gone.getCount() > 0) {
            if (node.stopping().begun()) {
                end(": the service stops\n\n");
                return;
            }
            if (read.records() > 0) {
                node.metrics().fetched(read.records(), out.size());
                Buffer events = events(out.take().toString());
                pace.took(events.length());
                send(events);
                quietSince = node.clock().millis();
            } else if (node.clock().millis() - quietSince >= HEARTBEAT.toMillis()) {
                send(Buffer.buffer(": still here\n\n"));
                quietSince = node.clock().millis();
            }
            out.cutTo(0);
            offset = read.next();
            if (offset >= read.offsets().highWatermark()) {
                reader.await(offset, Permission.RECHECK);
            }
            try {
                permission.check();
                read = next(offset, out);
            } catch (IOException | RuntimeException e) {
                Problem problem = Replies.toProblem(e);
                end("event: error\ndata: " + ProblemJson.body(problem, false) + "\n\n");
                return;
            }
        }
    }

    /** Reads on, or nothing while what was read is not paid for. */
    private PartitionReader.Read next(long offset, JsonOutput out)
            throws IOException, InterruptedException {
        return pace.await(Permission.RECHECK)
                ? reader.read(offset, pace.most(CHUNK_BYTES), RECORD_END, out)
                : reader.nothing(offset);
    }

    private Buffer events(String records) {
        Buffer events = Buffer.buffer(records.length() + 64);
        for (String record : records.split(RECORD_END, -1)) {
            events.appendString("id: ")
                    .appendString(id(record))
                    .appendString("\ndata: ")
                    .appendString(record)
                    .appendString("\n\n");
        }
        return events;
    }

    /** The offset stands at the same place of every record we write. */
    private String id(String record) {
        int from = record.indexOf("\"offset\":") + "\"offset\":".length();
        return partition + "-" + record.substring(from, record.indexOf(',', from));
    }

    private void send(Buffer bytes) throws InterruptedException {
        response.write(bytes);
        while (response.writeQueueFull() && gone.getCount() > 0) {
            CountDownLatch drained = new CountDownLatch(1);
            response.drainHandler(done -> drained.countDown());
            if (!response.writeQueueFull()
                    || node.stopping().begun()
                    || drained.await(Permission.RECHECK.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        }
    }

    private void end(String last) {
        request.vertx()
                .getOrCreateContext()
                .runOnContext(
                        now -> {
                            if (!response.ended() && !response.closed()) {
                                response.end(last);
                            }
                        });
    }
}
