package io.tributary.ingest.kafka.api;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.Shard;
import io.tributary.storage.Shard.Offsets;
import io.tributary.storage.Shard.Tiers;
import io.tributary.storage.Shard.Tiers.Range;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.requests.ListOffsetsRequest;

/** Finds the offset that a timestamp, or a number that stands for a place, means. Blocks. */
final class OffsetSearch {
    private static final long NONE = -1;

    private final Shard shard;
    private final PartitionId partition;

    OffsetSearch(Shard shard, PartitionId partition) {
        this.shard = shard;
        this.partition = partition;
    }

    /**
     * What was found; -1 for both where nothing was.
     *
     * @param timestamp of the record at the offset; -1 where no record was looked for
     */
    record Found(long offset, long timestamp) {
        static final Found NOTHING = new Found(NONE, NONE);

        static Found place(long offset) {
            return new Found(offset, NONE);
        }
    }

    /**
     * Finds the offset.
     *
     * @param timestamp milliseconds, or one of Kafka's negative numbers
     * @param version of the request, which decides what those mean
     */
    Found at(long timestamp, short version) throws IOException {
        if (timestamp >= 0) {
            return first(timestamp);
        }
        if (version < since(timestamp)) {
            throw Errors.UNSUPPORTED_VERSION.exception();
        }
        Tiers tiers = shard.tiers(partition);
        Offsets offsets = tiers.offsets();
        long tieredEnd = tiers.objectStore().stream().mapToLong(Range::endOffset).max().orElse(0);
        return switch ((int) timestamp) {
            case (int) ListOffsetsRequest.LATEST_TIMESTAMP -> Found.place(offsets.highWatermark());
            case (int) ListOffsetsRequest.EARLIEST_TIMESTAMP -> Found.place(offsets.logStart());
            case (int) ListOffsetsRequest.MAX_TIMESTAMP -> latestInTime();
            case (int) ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP ->
                    Found.place(Math.max(localStart(tiers), offsets.logStart()));
            case (int) ListOffsetsRequest.LATEST_TIERED_TIMESTAMP ->
                    tieredEnd > offsets.logStart() ? Found.place(tieredEnd - 1) : Found.NOTHING;
            default -> Found.place(Math.max(tieredEnd, offsets.logStart()));
        };
    }

    /** The version a negative number came with. */
    private static int since(long timestamp) {
        return switch ((int) Math.max(timestamp, Integer.MIN_VALUE)) {
            case (int) ListOffsetsRequest.LATEST_TIMESTAMP,
                    (int) ListOffsetsRequest.EARLIEST_TIMESTAMP ->
                    1;
            case (int) ListOffsetsRequest.MAX_TIMESTAMP -> 7;
            case (int) ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP -> 8;
            case (int) ListOffsetsRequest.LATEST_TIERED_TIMESTAMP -> 9;
            case (int) ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP -> 11;
            default -> Integer.MAX_VALUE;
        };
    }

    private Found first(long timestamp) throws IOException {
        OptionalLong offset = shard.offsetAtTime(partition, timestamp);
        return offset.isPresent() ? record(offset.getAsLong()) : Found.NOTHING;
    }

    /** The first record of the latest time, found by halving: storage knows the times in order. */
    private Found latestInTime() throws IOException {
        long present = 0;
        long absent = Long.MAX_VALUE;
        OptionalLong last = shard.offsetAtTime(partition, present);
        while (last.isPresent() && absent - present > 1) {
            long middle = present + (absent - present) / 2;
            OptionalLong offset = shard.offsetAtTime(partition, middle);
            if (offset.isPresent()) {
                present = middle;
                last = offset;
            } else {
                absent = middle;
            }
        }
        return last.isPresent() ? record(last.getAsLong()) : Found.NOTHING;
    }

    private Found record(long offset) throws IOException {
        for (ByteBuffer batch : shard.fetch(partition, offset, 1).batches()) {
            for (Record record : MemoryRecords.readableRecords(batch).records()) {
                if (record.offset() >= offset) {
                    return new Found(record.offset(), record.timestamp());
                }
            }
        }
        return Found.NOTHING;
    }

    /** Where what lies on the local disk begins without a break up to the end. */
    private static long localStart(Tiers tiers) {
        List<Range> local =
                Stream.concat(tiers.ledgers().stream(), tiers.localSegments().stream())
                        .sorted(Comparator.comparingLong(Range::endOffset).reversed())
                        .toList();
        long start = tiers.offsets().highWatermark();
        for (Range range : local) {
            if (range.endOffset() >= start) {
                start = Math.min(start, range.startOffset());
            }
        }
        return start;
    }
}
