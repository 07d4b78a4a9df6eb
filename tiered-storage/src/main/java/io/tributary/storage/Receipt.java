package io.tributary.storage;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Says what left for good, and why. A receipt grows for an hour while the same goes on; then
 * another begins.
 *
 * @param number counts the shard's receipts
 * @param records empty where objects went without any record of theirs
 * @param bytes of whole segments and batches that went, or of the objects where no records did
 * @param objects keys of all that held any of it in the object store; none for what was never there
 * @param decidedAtMillis when it was decided last; readers have not had it since
 * @param confirmedAtMillis when the object store had deleted the last of the objects, or when it
 *     was decided where there are none; empty until then
 */
public record Receipt(
        ShardId shard,
        long number,
        Why why,
        Optional<Records> records,
        long bytes,
        List<String> objects,
        long decidedAtMillis,
        OptionalLong confirmedAtMillis) {
    public Receipt {
        objects = List.copyOf(objects);
    }

    /** Offsets from {@code startOffset} (inclusive) to {@code endOffset} (exclusive). */
    public record Records(PartitionId partition, long startOffset, long endOffset) {}

    /** When it changed last: by a decision or by the object store's confirmation. */
    public long changedAtMillis() {
        return Math.max(decidedAtMillis, confirmedAtMillis.orElse(decidedAtMillis));
    }

    /** What made it go. Codes are part of the log's and the snapshot's format. */
    public enum Why {
        RETENTION(1),
        RECORDS_DELETED(2),
        TOPIC_DELETED(3),
        TENANT_DELETED(4),
        /** What was still to be read of the objects lies in others now. */
        REWRITTEN(5),
        /** Nothing referred to the objects. */
        ORPHANED(6),
        /** Newer records with their keys superseded them. */
        COMPACTED(7);

        private final int code;

        Why(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }

        /** Empty for a code that there is not. */
        public static Optional<Why> of(int code) {
            for (Why why : values()) {
                if (why.code == code) {
                    return Optional.of(why);
                }
            }
            return Optional.empty();
        }
    }

    /**
     * Asks for receipts in the order of their last change.
     *
     * @param sinceMillis only those changed at or after
     * @param after only those behind this place in the order
     * @param topic only those about its records
     * @param limit at most so many
     */
    public record Query(
            long sinceMillis, Optional<Place> after, Optional<TopicId> topic, int limit) {}

    /** A receipt's place in the order of last changes. */
    public record Place(long changedAtMillis, ShardId shard, long number)
            implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            int byTime = Long.compare(changedAtMillis, other.changedAtMillis);
            int byShard = byTime != 0 ? byTime : shard.compareTo(other.shard);
            return byShard != 0 ? byShard : Long.compare(number, other.number);
        }
    }

    public Place place() {
        return new Place(changedAtMillis(), shard, number);
    }
}
