package io.tributary.storage;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TenantId;
import java.util.List;
import java.util.Optional;

/**
 * Records for some partitions of one shard, appended together or not at all.
 *
 * @param tenant whose records they are, for limits
 * @param parts at most one for each partition, none empty; together at most {@link
 *     Shard#MAX_REQUEST_BYTES}
 * @param retry present when the caller may send the same again and wants one effect
 */
public record AppendRequest(TenantId tenant, List<Part> parts, Optional<RetryTag> retry) {

    /**
     * Consecutive records of one partition.
     *
     * @param settings the topic's settings as the caller found them
     * @param records at least one; each fits {@code settings.maxMessageBytes()}
     * @param firstOrdinal with a retry tag, how many records the same tag has sent to this
     *     partition before these; 0 otherwise
     */
    public record Part(
            PartitionId partition,
            PartitionSettings settings,
            List<NewRecord> records,
            long firstOrdinal) {}

    /**
     * Names a request across its retries.
     *
     * @param key 128 bits of a hash over tenant, topic and the caller's Idempotency-Key
     * @param fingerprint a hash of the whole request where it is known when the first record is
     *     sent, else 0; another fingerprint under the same key is refused
     */
    public record RetryTag(java.util.UUID key, long fingerprint) {}

    /** What the records take at most, uncompressed. */
    public long sizeBytes() {
        long size = 0;
        for (Part part : parts) {
            for (NewRecord record : part.records()) {
                size += record.sizeBytes();
            }
        }
        return size;
    }
}
