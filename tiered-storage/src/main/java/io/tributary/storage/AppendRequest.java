package io.tributary.storage;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TenantId;
import java.util.List;
import java.util.Optional;

/**
 * Records for some partitions of one shard, appended together or not at all.
 *
 * @param tenant whose records they are, for limits
 * @param parts at most one for each partition; together at most {@link Shard#MAX_REQUEST_BYTES}
 * @param retry present when the caller may send the same again and wants one effect
 */
public record AppendRequest(TenantId tenant, List<Part> parts, Optional<RetryTag> retry) {

    /**
     * Consecutive records of one partition.
     *
     * @param settings the topic's settings as the caller found them
     * @param records at least one, unless the part has ordinals; each fits {@code
     *     settings.maxMessageBytes()}
     * @param ordinals present with a retry tag, and only then
     */
    public record Part(
            PartitionId partition,
            PartitionSettings settings,
            List<NewRecord> records,
            Optional<Ordinals> ordinals) {
        /** A part of a request without a retry tag. */
        public Part(PartitionId partition, PartitionSettings settings, List<NewRecord> records) {
            this(partition, settings, records, Optional.empty());
        }
    }

    /**
     * Which of a tagged request's records for its partition a part is about. They are counted from
     * 0 whether the caller takes them or refuses them, so that each has the same ordinal in every
     * try. A refused one is asked about: an earlier try may have stored it.
     *
     * @param first ordinal of the part's first record
     * @param taken the ordinals of {@code records}, less {@code first}, ascending
     * @param before hash of all records before {@code first}, by {@link ContentChain}
     * @param hashes the same up to and with each record of the part, refused ones too
     * @param after what this try sent before
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Ordinals(long first, int[] taken, int before, int[] hashes, Sent after) {
        /** How many records the part is about. */
        public int count() {
            return hashes.length;
        }

        /** The ordinal behind its last record. */
        public long end() {
            return first + hashes.length;
        }

        /** Hash of all records below an ordinal from {@code first} to {@link #end}. */
        public int hashAt(long ordinal) {
            return ordinal == first ? before : hashes[(int) (ordinal - first) - 1];
        }
    }

    /**
     * How far a try has sent records to be stored in a partition.
     *
     * @param end the ordinal behind the last of them; 0 for none
     * @param hash of all records below {@code end}
     */
    public record Sent(long end, int hash) {
        public static final Sent NOTHING = new Sent(0, new ContentChain().value());
    }

    /**
     * Names a request across its retries.
     *
     * @param key 128 bits of a hash over tenant, topic and the caller's Idempotency-Key
     * @param fingerprint a hash of the whole request where it is known when the first record is
     *     sent, else 0; two that differ under the same key are refused
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
