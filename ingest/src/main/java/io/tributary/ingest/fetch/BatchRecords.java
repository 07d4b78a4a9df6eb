package io.tributary.ingest.fetch;

import io.tributary.ingest.fetch.FetchQuery.Shown;
import io.tributary.ingest.json.JsonOutput;
import io.tributary.kernel.fault.CorruptDataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;

/** The records of batches that come from elsewhere than a shard. Not thread-safe. */
public final class BatchRecords {
    private final int partition;
    private final RecordWriter writer = new RecordWriter(Shown.AUTO, Shown.AUTO);

    /** Records of the partition with this index. */
    public BatchRecords(int partition) {
        this.partition = partition;
    }

    /** Takes records one after the other. */
    @FunctionalInterface
    public interface Visitor {
        /** Takes a record; false for no more. */
        boolean record(Stored record) throws IOException;
    }

    /** A record, valid until the next one. */
    public final class Stored {
        private final Record record;

        private Stored(Record record) {
            this.record = record;
        }

        public long offset() {
            return record.offset();
        }

        /** Milliseconds since 1970. */
        public long timestamp() {
            return record.timestamp();
        }

        /** The value's bytes; empty for a tombstone. */
        public Optional<ByteBuffer> value() {
            return Optional.ofNullable(record.value());
        }

        /** Writes it as a fetch does that asks for nothing special, without a line break. */
        public void writeTo(JsonOutput out) {
            writer.write(out, partition, record);
        }
    }

    /**
     * Hands over the records of a batch from an offset on.
     *
     * @return the offset to go on from
     * @throws CorruptDataException the batch is not what was written
     */
    public long read(ByteBuffer bytes, long from, Visitor visitor) throws IOException {
        long next = from;
        try {
            for (MutableRecordBatch batch : MemoryRecords.readableRecords(bytes).batches()) {
                batch.ensureValid();
                try (CloseableIterator<Record> all =
                        batch.streamingIterator(BufferSupplier.NO_CACHING)) {
                    while (!batch.isControlBatch() && all.hasNext()) {
                        Record record = all.next();
                        if (record.offset() < from) {
                            continue;
                        }
                        if (!visitor.record(new Stored(record))) {
                            return next;
                        }
                        next = record.offset() + 1;
                    }
                }
                next = Math.max(next, batch.nextOffset());
            }
            return next;
        } catch (KafkaException e) {
            throw new CorruptDataException(
                    "partition " + partition,
                    next,
                    "a record batch cannot be read: " + e.getMessage(),
                    "Restore its object from a replica or a backup.");
        }
    }
}
