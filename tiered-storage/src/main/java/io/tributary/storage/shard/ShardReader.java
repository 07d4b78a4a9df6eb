package io.tributary.storage.shard;

import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.log.LedgerMissingException;
import io.tributary.storage.OffsetOutOfRangeException;
import io.tributary.storage.Shard.Fetched;
import io.tributary.storage.cache.SegmentReader;
import io.tributary.storage.cache.SegmentReader.Place;
import io.tributary.storage.log.ShardLog;
import io.tributary.storage.object.ObjectStoreException;
import io.tributary.storage.segment.BatchHeader;
import io.tributary.storage.state.LoggedBatches;
import io.tributary.storage.state.ReadPlan;
import io.tributary.storage.state.Reads;
import io.tributary.storage.state.Reads.TimePlan;
import io.tributary.storage.state.StoredSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * Reads a shard's batches from wherever they lie: tail cache, ledger, local copy, object store. A
 * place that gives way while it is read is looked up again.
 */
final class ShardReader {
    /** How often records may move on while one read looks for them. */
    private static final int MAX_MOVES = 5;

    private final Reads reads;
    private final LoggedBatches logged;
    private final SegmentReader segments;

    ShardReader(Reads reads, ShardLog log, SegmentReader segments) {
        this.reads = reads;
        logged = new LoggedBatches(log);
        this.segments = segments;
    }

    Fetched fetch(PartitionId partition, long offset, int maxBytes) throws IOException {
        List<ByteBuffer> batches = new ArrayList<>();
        long next = offset;
        int left = maxBytes;
        int moves = 0;
        while (true) {
            ReadPlan plan = reads.plan(partition, next, left);
            if (plan instanceof ReadPlan.OutOfRange && batches.isEmpty()) {
                throw new OffsetOutOfRangeException(offset, plan.offsets());
            }
            List<ByteBuffer> found;
            try {
                found = read(partition, plan, next, left);
            } catch (IOException e) {
                if (!movedOn(e) || ++moves > MAX_MOVES) {
                    throw e;
                }
                continue;
            }
            for (ByteBuffer batch : found) {
                BatchHeader header = BatchHeader.parse(batch);
                if (!batches.isEmpty() && header.sizeBytes() > left) {
                    left = 0;
                    break;
                }
                batches.add(batch);
                left -= header.sizeBytes();
                next = header.lastOffset() + 1;
            }
            if (found.isEmpty() || left <= 0) {
                return new Fetched(batches, plan.offsets());
            }
        }
    }

    private List<ByteBuffer> read(PartitionId partition, ReadPlan plan, long offset, int maxBytes)
            throws IOException {
        return switch (plan) {
            case ReadPlan.OutOfRange gone -> List.of();
            case ReadPlan.AtEnd end -> List.of();
            case ReadPlan.FromLog inLog -> logged.read(inLog.batches());
            case ReadPlan.FromObject inObject ->
                    segments.catchUp(
                            place(inObject.segment()),
                            offset,
                            maxBytes,
                            (from, limit) ->
                                    reads.segments(partition, from, limit).stream()
                                            .map(ShardReader::place)
                                            .toList());
        };
    }

    /** Whether what was read has been moved or removed by the shard's own work. */
    private static boolean movedOn(IOException problem) {
        return switch (problem) {
            case LedgerMissingException e -> true;
            case ClosedChannelException e -> true;
            case ObjectStoreException e -> e.kind() == ObjectStoreException.Kind.MISSING;
            default -> false;
        };
    }

    OptionalLong offsetAtTime(PartitionId partition, long timestampMillis) throws IOException {
        long from = 0;
        int moves = 0;
        while (true) {
            TimePlan plan = reads.planTime(partition, timestampMillis, from);
            try {
                OptionalLong found = find(plan, timestampMillis);
                if (found.isPresent() || plan.next().isEmpty()) {
                    return found;
                }
                from = plan.next().getAsLong();
            } catch (IOException e) {
                if (!movedOn(e) || ++moves > MAX_MOVES) {
                    throw e;
                }
            }
        }
    }

    private OptionalLong find(TimePlan plan, long timestampMillis) throws IOException {
        long from = plan.offsets().logStart();
        for (StoredSegment segment : plan.segments()) {
            long at = Math.max(from, segment.info().startOffset());
            while (at < segment.info().endOffset()) {
                Optional<ByteBuffer> batch =
                        segments.batchAtTime(place(segment), at, timestampMillis);
                if (batch.isEmpty()) {
                    break;
                }
                OptionalLong found = firstAt(batch.get(), from, timestampMillis);
                if (found.isPresent()) {
                    return found;
                }
                at = BatchHeader.parse(batch.get()).lastOffset() + 1;
            }
        }
        for (ByteBuffer batch : logged.read(plan.batches())) {
            OptionalLong found = firstAt(batch, from, timestampMillis);
            if (found.isPresent()) {
                return found;
            }
        }
        return OptionalLong.empty();
    }

    private static OptionalLong firstAt(ByteBuffer batch, long from, long timestampMillis)
            throws IOException {
        try {
            for (RecordBatch records : MemoryRecords.readableRecords(batch).batches()) {
                records.ensureValid();
                for (Record record : records) {
                    if (record.offset() >= from && record.timestamp() >= timestampMillis) {
                        return OptionalLong.of(record.offset());
                    }
                }
            }
            return OptionalLong.empty();
        } catch (CorruptRecordException | MalformedBytesException e) {
            throw new CorruptDataException(
                    "record batch", from, e.getMessage(), "Restore it from a backup.");
        }
    }

    private static Place place(StoredSegment segment) {
        return new Place(segment.object(), segment.objectBytes(), segment.info());
    }
}
