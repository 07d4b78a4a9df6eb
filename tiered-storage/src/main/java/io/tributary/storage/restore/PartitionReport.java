package io.tributary.storage.restore;

import io.tributary.kernel.id.PartitionId;
import java.util.List;

/**
 * What comes back of a partition. Offsets from start, inclusive, to end, exclusive, are there but
 * for the gaps.
 *
 * @param gaps lost between records that are there
 * @param lostAfter what is known to have followed the end and is lost
 * @param fromLedgers how many offsets come from ledgers
 * @param nextOffset what the next record gets
 */
public record PartitionReport(
        PartitionId partition,
        long startOffset,
        long endOffset,
        List<Range> gaps,
        Range lostAfter,
        long fromLedgers,
        long nextOffset) {
    /** Offsets from, inclusive, to, exclusive. */
    public record Range(long from, long to) {
        public boolean isEmpty() {
            return to <= from;
        }

        @Override
        public String toString() {
            return from + ".." + to;
        }
    }

    public boolean isEmpty() {
        return endOffset <= startOffset;
    }
}
