package io.tributary.ingest.consumer;

import io.tributary.ingest.consumer.Positions.Move;
import io.tributary.ingest.json.JsonOutput;
import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.metadata.topic.Topic;
import io.tributary.storage.OffsetOutOfRangeException;
import io.tributary.storage.Shard;
import io.tributary.storage.Shard.Fetched;
import io.tributary.storage.Shards;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;

/** One look at an instance's partitions: the array of records a poll may return. Blocks. */
final class Round {
    private static final int INITIAL_BYTES = 16 << 10;

    /** Compressed bytes asked of storage at once. */
    private static final int FETCH_BYTES = 1 << 20;

    private final Shards shards;
    private final ProxyRecordWriter writer;
    private final int maxBytes;
    private final JsonOutput out = new JsonOutput(INITIAL_BYTES).ascii("[");
    private final Map<PartitionId, Move> moves = new HashMap<>();
    private final List<Seen> seen = new ArrayList<>();
    private int records;
    private boolean full;
    private Optional<ProblemException> unfit = Optional.empty();

    /** How far a partition could be read. */
    record Seen(Shard shard, PartitionId partition, long end) {}

    Round(Shards shards, ProxyRecordWriter writer, int maxBytes) {
        this.shards = shards;
        this.writer = writer;
        this.maxBytes = maxBytes;
    }

    /** Whether nothing more fits. */
    boolean full() {
        return full;
    }

    int records() {
        return records;
    }

    /** What the records take, about. */
    int bytes() {
        return out.size() - 1;
    }

    Map<PartitionId, Move> moves() {
        return moves;
    }

    List<Seen> seen() {
        return seen;
    }

    /** The whole array; a first record that is not in the format is a problem. */
    JsonOutput array() {
        if (records == 0 && unfit.isPresent()) {
            throw unfit.get();
        }
        return out.ascii("]");
    }

    /**
     * Adds records of a partition from an offset on, as many as there are or fit.
     *
     * @throws OffsetOutOfRangeException the partition has no such offset
     */
    void add(Topic topic, int index, long from) throws IOException {
        PartitionId partition = topic.partition(index);
        Shard shard = shards.shard(topic.shard(index));
        long at = from;
        while (!full) {
            Fetched fetched =
                    shard.fetch(partition, at, Math.clamp(maxBytes - bytes(), 1, FETCH_BYTES));
            long end = fetched.offsets().highWatermark();
            at =
                    fetched.batches().isEmpty()
                            ? Math.max(at, end)
                            : add(fetched.batches(), topic, index, at);
            if (at >= end) {
                seen.add(new Seen(shard, partition, end));
                break;
            }
        }
        if (at > from) {
            moves.put(partition, new Move(from, at));
        }
    }

    private long add(List<ByteBuffer> batches, Topic topic, int index, long from)
            throws IOException {
        long next = from;
        try {
            for (ByteBuffer bytes : batches) {
                for (MutableRecordBatch batch : MemoryRecords.readableRecords(bytes).batches()) {
                    next = add(batch, topic, index, next);
                    if (full) {
                        return next;
                    }
                }
            }
            return next;
        } catch (KafkaException e) {
            throw new CorruptDataException(
                    "partition " + topic.partition(index),
                    next,
                    "a record batch cannot be read: " + e.getMessage(),
                    "Restore it from a backup.");
        }
    }

    private long add(MutableRecordBatch batch, Topic topic, int index, long from) {
        long next = from;
        try (CloseableIterator<Record> all = batch.streamingIterator(BufferSupplier.NO_CACHING)) {
            while (!batch.isControlBatch() && all.hasNext()) {
                Record record = all.next();
                if (record.offset() < next) {
                    continue;
                }
                int before = out.size();
                out.ascii(records == 0 ? "" : ",");
                Optional<String> wrong = writer.write(out, topic.name(), index, record);
                if (wrong.isPresent() || (records > 0 && bytes() > maxBytes)) {
                    out.cutTo(before);
                    full = true;
                    unfit =
                            wrong.map(
                                    what ->
                                            Refusals.notInFormat(
                                                    "the "
                                                            + what
                                                            + " of "
                                                            + topic.name()
                                                            + "-"
                                                            + index
                                                            + " at offset "
                                                            + record.offset()
                                                            + " is not in the instance's format."
                                                            + " Seek past it, or read it with"
                                                            + " format binary."));
                    return next;
                }
                records++;
                next = record.offset() + 1;
                full = bytes() >= maxBytes;
                if (full) {
                    return next;
                }
            }
        }
        return Math.max(next, batch.lastOffset() + 1);
    }
}
