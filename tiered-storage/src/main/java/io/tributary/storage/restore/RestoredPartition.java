package io.tributary.storage.restore;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.restore.Coverage.Piece;
import io.tributary.storage.restore.PartitionReport.Range;
import io.tributary.storage.restore.StoredShard.StoredObject;
import io.tributary.storage.segment.SegmentInfo;
import io.tributary.storage.state.BatchRef;
import io.tributary.storage.state.Salvage;
import io.tributary.storage.state.StoredSegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The records that are left of one partition, and where they lie.
 *
 * @param logStart where its records begin; never below the first piece
 * @param pieces in the order of their offsets, without overlap
 * @param knownEnd how far the partition is known to have reached
 */
record RestoredPartition(Salvage.Contents known, long logStart, List<Piece> pieces, long knownEnd) {

    /** A partition that nothing is known of. */
    static Salvage.Contents unknown(PartitionId id) {
        return new Salvage.Contents(id, 0, 0, List.of(), List.of());
    }

    /** The segments of objects the snapshot does not know, by partition. */
    static Map<PartitionId, List<Piece>> later(StoredShard shard) {
        Map<PartitionId, List<Piece>> found = new HashMap<>();
        for (StoredObject object : shard.later()) {
            for (SegmentInfo segment : object.segments()) {
                found.computeIfAbsent(segment.partition(), p -> new ArrayList<>())
                        .add(new Piece.Later(object.id(), object.sizeBytes(), segment));
            }
        }
        return found;
    }

    /**
     * Finds out what is left.
     *
     * @param known what the snapshot and the ledgers say of it
     * @param toldStart where it begins by other knowledge
     * @param later of this partition, see {@link #later(StoredShard)}
     * @param inLedger whether a batch can be read
     */
    static RestoredPartition of(
            StoredShard shard,
            Salvage.Contents known,
            long toldStart,
            List<Piece> later,
            Predicate<BatchRef> inLedger) {
        List<Piece> pieces = new ArrayList<>(later);
        for (StoredSegment segment : known.segments()) {
            Long size = shard.sizes().get(segment.object());
            if (size != null && size == segment.objectBytes()) {
                pieces.add(new Piece.Known(segment));
            }
        }
        for (BatchRef batch : known.logged()) {
            if (inLedger.test(batch)) {
                pieces.add(new Piece.Logged(batch));
            }
        }
        long told = Math.max(known.logStart(), toldStart);
        List<Piece> chosen = Coverage.choose(pieces, told);
        long knownEnd = Math.max(known.nextOffset(), told);
        if (chosen.isEmpty()) {
            return new RestoredPartition(known, knownEnd, chosen, knownEnd);
        }
        return new RestoredPartition(
                known,
                Math.max(told, chosen.getFirst().startOffset()),
                chosen,
                Math.max(knownEnd, chosen.getLast().endOffset()));
    }

    /** The first offset without a record; the log start where there is none at all. */
    long endOffset() {
        return pieces.isEmpty() ? logStart : pieces.getLast().endOffset();
    }

    List<Range> gaps() {
        List<Range> gaps = new ArrayList<>();
        for (int i = 1; i < pieces.size(); i++) {
            Range gap = new Range(pieces.get(i - 1).endOffset(), pieces.get(i).startOffset());
            if (!gap.isEmpty()) {
                gaps.add(gap);
            }
        }
        return gaps;
    }

    /** The first offset that has no record though a later one, or the partition's end, had. */
    long firstLost() {
        List<Range> gaps = gaps();
        return gaps.isEmpty() ? endOffset() : gaps.getFirst().from();
    }

    PartitionReport report(long gap) {
        long fromLedgers =
                pieces.stream()
                        .filter(Piece.Logged.class::isInstance)
                        .mapToLong(piece -> piece.endOffset() - piece.startOffset())
                        .sum();
        return new PartitionReport(
                known.partition(),
                logStart,
                endOffset(),
                gaps(),
                new Range(endOffset(), knownEnd),
                fromLedgers,
                knownEnd + gap);
    }
}
