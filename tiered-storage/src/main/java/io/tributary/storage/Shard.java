package io.tributary.storage;

import io.tributary.kernel.id.PartitionId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A log shared by many partitions, as its users see it, open or not. Thread-safe. A partition
 * nobody wrote to yet is empty from offset 0.
 */
public interface Shard {
    /** The most an {@link AppendRequest} or a {@link BatchRequest} may take. */
    int MAX_REQUEST_BYTES = 12 << 20;

    /**
     * Sequences the records and answers once they are durable. Never blocks; the answer comes once,
     * on any thread, which must not be held up. Requests of one caller are sequenced in the order
     * of their calls.
     */
    void append(AppendRequest request, Consumer<AppendOutcome> answer);

    /**
     * Checks finished batches on the caller's thread, sequences those without a flaw, and answers
     * for each, in the request's order, once they are durable. Otherwise as {@link
     * #append(AppendRequest, Consumer)}.
     */
    void append(BatchRequest request, Consumer<List<BatchOutcome>> answer);

    /**
     * Reads whole record batches from the one that holds {@code offset} on; blocks on disk or
     * object store.
     *
     * @param maxBytes stop before exceeding this, but return at least one batch where there is one
     * @throws OffsetOutOfRangeException the offset is below the log start or above the high
     *     watermark
     * @throws ShardUnavailableException no owner serves the shard right now
     */
    Fetched fetch(PartitionId partition, long offset, int maxBytes) throws IOException;

    /** The epoch it is served under: Kafka's leader epoch of its partitions. */
    int epoch() throws ShardUnavailableException;

    /** Whether a live retry tag has this key. */
    boolean remembers(UUID retryKey) throws ShardUnavailableException;

    /** Where the partition begins and ends for readers. */
    Offsets offsets(PartitionId partition) throws ShardUnavailableException;

    /**
     * The first offset whose record's timestamp is at or after the given one; empty when there is
     * none. Blocks.
     */
    OptionalLong offsetAtTime(PartitionId partition, long timestampMillis) throws IOException;

    /**
     * Calls back once when the high watermark is beyond the offset, at once where it is already,
     * and also when the shard closes: look again then. The callback must be short.
     *
     * @return a way to call it off
     */
    Watch watch(PartitionId partition, long offset, Runnable callback);

    /**
     * Bytes of batches that could be read from an offset on, counted until there are so many. Reads
     * nothing.
     *
     * @throws OffsetOutOfRangeException as {@link #fetch} would
     */
    long bytesFrom(PartitionId partition, long offset, long enough) throws IOException;

    /** The idempotent producers that the partition knows. */
    List<KnownProducer> producers(PartitionId partition) throws ShardUnavailableException;

    /**
     * Removes the records below an offset, wherever they lie, as Kafka's DeleteRecords does. An
     * offset at or below the log start changes nothing. Blocks until the removal is durable.
     *
     * @param beforeOffset empty for everything that can be read now
     */
    DeleteOutcome deleteRecords(PartitionId partition, OptionalLong beforeOffset)
            throws IOException;

    /** Where the partition's records lie. */
    Tiers tiers(PartitionId partition) throws ShardUnavailableException;

    /**
     * What a fetch found.
     *
     * @param batches whole record batches in order, read-only, valid for as long as they are held;
     *     the first may begin below the offset asked for; empty at the high watermark
     */
    record Fetched(List<ByteBuffer> batches, Offsets offsets) {}

    /**
     * Offsets from {@code logStart} (inclusive) to {@code highWatermark} (exclusive) can be read.
     */
    record Offsets(long logStart, long highWatermark) {}

    /**
     * An idempotent producer.
     *
     * @param lastTimestamp of its newest batch, milliseconds
     */
    record KnownProducer(long id, short epoch, int lastSequence, long lastTimestamp) {}

    /** Handle of a {@link #watch}. */
    interface Watch {
        void cancel();
    }

    /**
     * Where a partition's records lie; ranges are half-open, a range may be in a local segment and
     * in the object store.
     */
    record Tiers(
            Offsets offsets,
            List<Range> ledgers,
            List<Range> localSegments,
            List<Range> objectStore) {
        /** Offsets, bytes, and the ledger or object that holds them. */
        public record Range(long startOffset, long endOffset, long bytes, String where) {}
    }
}
