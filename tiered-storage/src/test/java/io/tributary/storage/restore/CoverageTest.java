package io.tributary.storage.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.restore.Coverage.Piece;
import io.tributary.storage.segment.SegmentInfo;
import io.tributary.storage.state.BatchRef;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class CoverageTest {
    private static final PartitionId PARTITION = new PartitionId(new TopicId(new UUID(1, 1)), 0);

    private static Piece segment(long epoch, long start, long end) {
        return new Piece.Later(
                new ObjectId(new ShardId(0), epoch, new UUID(start, end)),
                1_000,
                new SegmentInfo(PARTITION, start, end, 0, 10, 10, 10, 0));
    }

    private static Piece logged(long start, long end) {
        return new Piece.Logged(new BatchRef(start, end, new LogPosition(1, start), 0, 10, 0));
    }

    @Test
    void mergedSegmentTakesThePlaceOfWhatItWasMergedFrom() {
        Piece merged = segment(2, 0, 100);
        List<Piece> pieces =
                List.of(segment(1, 0, 50), segment(1, 50, 100), merged, segment(1, 100, 120));
        assertEquals(List.of(merged, segment(1, 100, 120)), Coverage.choose(pieces, 0));
    }

    @Test
    void halfDeletedSourcesOfAMergeAreNotMissed() {
        Piece merged = segment(2, 0, 100);
        assertEquals(List.of(merged), Coverage.choose(List.of(segment(1, 0, 50), merged), 0));
    }

    @Test
    void ledgerIsTakenOnlyForWhatNoObjectHas() {
        List<Piece> pieces =
                List.of(logged(0, 30), logged(30, 60), segment(1, 0, 60), logged(60, 70));
        assertEquals(List.of(segment(1, 0, 60), logged(60, 70)), Coverage.choose(pieces, 0));
    }

    @Test
    void whatLiesBelowTheLogStartCountsForNothing() {
        assertEquals(
                List.of(segment(1, 90, 120)),
                Coverage.choose(
                        List.of(segment(1, 0, 100), segment(1, 90, 120), segment(1, 0, 90)), 95));
        assertEquals(List.of(), Coverage.choose(List.of(segment(1, 0, 100)), 100));
    }

    @Test
    void choiceNeverOverlapsAndCoversAsMuchAsAnyCould() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(11);
        for (int round = 0; round < 500; round++) {
            List<Piece> pieces = new ArrayList<>();
            for (int i = random.nextInt(10); i >= 0; i--) {
                int start = random.nextInt(30);
                int end = start + 1 + random.nextInt(12);
                pieces.add(
                        random.nextInt(4) == 0
                                ? logged(start, end)
                                : segment(random.nextInt(3), start, end));
            }
            int logStart = random.nextInt(10);
            List<Piece> chosen = Coverage.choose(pieces, logStart);
            long before = Long.MIN_VALUE;
            for (Piece piece : chosen) {
                assertTrue(piece.startOffset() >= before && piece.endOffset() > logStart);
                before = piece.endOffset();
            }
            assertEquals(best(pieces, logStart), covered(chosen, logStart), pieces.toString());
        }
    }

    private static int covered(List<Piece> pieces, int logStart) {
        BitSet offsets = new BitSet();
        for (Piece piece : pieces) {
            offsets.set(
                    (int) Math.max(logStart, piece.startOffset()),
                    (int) Math.max(logStart, piece.endOffset()));
        }
        return offsets.cardinality();
    }

    /** The most any choice without overlap covers, by trying all. */
    private static int best(List<Piece> pieces, int logStart) {
        int best = 0;
        for (int choice = 0; choice < 1 << pieces.size(); choice++) {
            List<Piece> some = new ArrayList<>();
            for (int i = 0; i < pieces.size(); i++) {
                if ((choice >> i & 1) == 1 && pieces.get(i).endOffset() > logStart) {
                    some.add(pieces.get(i));
                }
            }
            some.sort(Comparator.comparingLong(Piece::endOffset));
            boolean apart = true;
            for (int i = 1; i < some.size(); i++) {
                long start = Math.max(some.get(i).startOffset(), logStart);
                apart &= start >= some.get(i - 1).endOffset();
            }
            if (apart) {
                best = Math.max(best, covered(some, logStart));
            }
        }
        return best;
    }

    @Test
    void whatNewerObjectsHaveAsAWholeIsNotTakenFromOlderOnes() {
        Piece old = segment(1, 0, 60);
        Piece newer = segment(2, 0, 60);
        Piece rest = segment(2, 60, 100);
        assertEquals(List.of(newer, rest), Coverage.choose(List.of(old, newer, rest), 0));
        assertEquals(List.of(newer, rest), Coverage.choose(List.of(rest, newer, old), 0));
        // One that is newer yet covers only some of them.
        Piece large = segment(1, 0, 100);
        assertEquals(List.of(newer, rest), Coverage.choose(List.of(large, newer, rest), 0));
        assertEquals(List.of(large), Coverage.choose(List.of(large, newer), 0));
    }
}
