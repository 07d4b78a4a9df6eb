package io.tributary.ingest.fetch;

import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.door.Permission;
import io.tributary.ingest.json.JsonOutput;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.time.Duration;

/**
 * Reads once for a reader that waits for a first record as long as it said, is there and may read,
 * and the service runs. Blocks.
 */
final class LongPoll {
    private final PartitionReader reader;
    private final Permission permission;
    private final Pace pace;
    private final HttpServerResponse response;
    private final IngestNode node;

    LongPoll(
            PartitionReader reader,
            Permission permission,
            Pace pace,
            HttpServerResponse response,
            IngestNode node) {
        this.reader = reader;
        this.permission = permission;
        this.pace = pace;
        this.response = response;
        this.node = node;
    }

    Pace pace() {
        return pace;
    }

    /**
     * Reads until there is a record, the answer is full, or the reader's patience is over.
     *
     * @param separator stands between two records
     * @throws io.tributary.kernel.fault.ProblemException also when the reader may read no longer
     */
    PartitionReader.Read read(FetchQuery query, String separator, JsonOutput out)
            throws IOException, InterruptedException {
        long deadline = node.clock().millis() + query.patience().toMillis();
        long offset = reader.begin(query.from());
        if (!paid(deadline)) {
            return reader.nothing(offset);
        }
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
            boolean complete = !fits || (atEnd && records > 0) || left <= 1;
            if (complete || (atEnd && !awaited(next, deadline))) {
                return new PartitionReader.Read(records, next, read.offsets());
            }
            offset = next;
        }
    }

    /** Waits until what the reader got before is paid for; false likewise. */
    private boolean paid(long deadline) throws IOException, InterruptedException {
        while (true) {
            long left = Math.max(0, deadline - node.clock().millis());
            if (pace.await(Duration.ofMillis(Math.min(left, Permission.RECHECK.toMillis())))) {
                return true;
            }
            if (left == 0 || response.closed() || node.stopping().begun()) {
                return false;
            }
            permission.check();
        }
    }

    /**
     * Waits for something beyond the offset; false when the time is over, the reader gone or the
     * service stops.
     */
    private boolean awaited(long offset, long deadline) throws IOException, InterruptedException {
        for (long left = deadline - node.clock().millis();
                left > 0;
                left = deadline - node.clock().millis()) {
            Duration tick = Duration.ofMillis(Math.min(left, Permission.RECHECK.toMillis()));
            boolean woken = reader.await(offset, tick);
            if (response.closed() || node.stopping().begun()) {
                return false;
            }
            permission.check();
            if (woken) {
                return true;
            }
        }
        return false;
    }
}
