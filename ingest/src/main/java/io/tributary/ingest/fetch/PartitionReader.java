package io.tributary.ingest.fetch;

import io.tributary.ingest.json.JsonOutput;
import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.OffsetOutOfRangeException;
import io.tributary.storage.Shard;
import io.tributary.storage.Shard.Fetched;
import io.tributary.storage.Shard.Offsets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;

/** Reads records of one partition for one reader, who waits on its own thread. Blocks. */
final class PartitionReader {
    /** Compressed bytes asked of storage at once. */
    private static final int MAX_FETCH_BYTES = 1 << 20;

    private final Shard shard;
    private final PartitionId partition;
    private final RecordWriter writer;

    PartitionReader(Shard shard, PartitionId partition, RecordWriter writer) {
        this.shard = shard;
        this.partition = partition;
        this.writer = writer;
    }

    /**
     * What was read.
     *
     * @param next the offset to go on from
     */
    record Read(int records, long next, Offsets offsets) {}

    /** The offset a reader begins at. */
    long begin(FetchQuery.From from) throws IOException {
        return switch (from) {
            case FetchQuery.From.Offset at -> at.offset();
            case FetchQuery.From.Earliest e -> shard.offsets(partition).logStart();
            case FetchQuery.From.Latest l -> shard.offsets(partition).highWatermark();
            case FetchQuery.From.Timestamp at -> {
                long end = shard.offsets(partition).highWatermark();
                yield shard.offsetAtTime(partition, at.millis()).orElse(end);
            }
        };
    }

    /** What was read where nothing was. */
    Read nothing(long offset) throws IOException {
        return new Read(0, offset, shard.offsets(partition));
    }

    /**
     * Writes records from an offset on, until they take so many bytes or there are no more.
     *
     * @param separator stands between two records
     */
    Read read(long offset, int maxBytes, String separator, JsonOutput out) throws IOException {
        Fetched fetched;
        try {
            fetched = shard.fetch(partition, offset, Math.min(maxBytes, MAX_FETCH_BYTES));
        } catch (OffsetOutOfRangeException e) {
            throw outOfRange(offset, e.available());
        }
        int begin = out.size();
        int records = 0;
        // Offsets up to the end that have no record, as a restore may leave them, are passed over.
        long next = fetched.batches().isEmpty() ? fetched.offsets().highWatermark() : offset;
        for (ByteBuffer bytes : fetched.batches()) {
            for (MutableRecordBatch batch : MemoryRecords.readableRecords(bytes).batches()) {
                try (CloseableIterator<Record> all =
                        batch.streamingIterator(BufferSupplier.NO_CACHING)) {
                    while (all.hasNext()) {
                        Record record = all.next();
                        if (record.offset() < next) {
                            continue;
                        }
                        int before = out.size();
                        out.ascii(records == 0 ? "" : separator);
                        writer.write(out, partition.index(), record);
                        if (records > 0 && out.size() - begin > maxBytes) {
                            out.cutTo(before);
                            return new Read(records, next, fetched.offsets());
                        }
                        records++;
                        next = record.offset() + 1;
                    }
                } catch (InvalidRecordException e) {
                    throw damaged(next, e);
                } catch (KafkaException e) {
                    throw damaged(next, e);
                }
                next = Math.max(next, batch.lastOffset() + 1);
            }
        }
        return new Read(records, next, fetched.offsets());
    }

    /** Waits until there is something beyond the offset; false when the time is over first. */
    boolean await(long offset, Duration atMost) throws InterruptedException {
        CountDownLatch there = new CountDownLatch(1);
        Shard.Watch watch = shard.watch(partition, offset, there::countDown);
        try {
            return there.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            watch.cancel();
        }
    }

    private CorruptDataException damaged(long offset, KafkaException cause) {
        return new CorruptDataException(
                "partition " + partition,
                offset,
                "a record batch cannot be read: " + cause.getMessage(),
                "Restore it from a backup.");
    }

    /** What is said of an offset that the partition does not have. */
    static ProblemException outOfRange(long offset, Offsets available) {
        return Problem.of(
                        416,
                        "Offset "
                                + offset
                                + " is out of range: this partition has "
                                + available.logStart()
                                + " to "
                                + available.highWatermark()
                                + ".")
                .asException();
    }
}
