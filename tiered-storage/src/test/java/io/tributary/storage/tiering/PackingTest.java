package io.tributary.storage.tiering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.state.BatchRef;
import io.tributary.storage.state.Upkeep.Logged;
import io.tributary.storage.tiering.Packing.Piece;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PackingTest {
    private static final int MIB = 1 << 20;

    private static PartitionId partition(int number) {
        return new PartitionId(new TopicId(new UUID(1, number)), 0);
    }

    private static Logged logged(int number, int batches, int batchBytes) {
        List<BatchRef> refs = new ArrayList<>();
        for (int i = 0; i < batches; i++) {
            refs.add(new BatchRef(i, i + 1, new LogPosition(1, i), 0, batchBytes, 0));
        }
        return new Logged(partition(number), refs, (long) batches * batchBytes, 0);
    }

    private static List<List<Piece>> plan(long segmentBytes, Logged... logged) {
        return Packing.plan(List.of(logged), any -> segmentBytes);
    }

    private static long bytes(List<Piece> object) {
        return object.stream().mapToLong(Piece::bytes).sum();
    }

    @Test
    void thinPartitionsShareOneObjectInTheirOrder() {
        Logged[] many = new Logged[10_000];
        for (int i = 0; i < many.length; i++) {
            many[i] = logged(i, 2, 100);
        }
        List<List<Piece>> objects = plan(64 * MIB, many);
        assertEquals(1, objects.size());
        assertEquals(10_000, objects.getFirst().size());
        for (int i = 0; i < many.length; i++) {
            assertEquals(partition(i), objects.getFirst().get(i).partition());
        }
    }

    @Test
    void largePartitionGetsItsOwnObjectsAndItsRestGoesToTheOthers() {
        List<List<Piece>> objects =
                plan(1L << 40, logged(1, 1, MIB), logged(2, 65, MIB), logged(3, 1, MIB));
        assertEquals(2, objects.size());
        assertEquals(64L * MIB, bytes(objects.get(0)));
        assertEquals(
                List.of(partition(1), partition(2), partition(3)),
                objects.get(1).stream().map(Piece::partition).toList());
    }

    @Test
    void smallSegmentsOfALargePartitionDoNotCostAnObjectEach() {
        List<List<Piece>> objects = plan(3 * MIB, logged(1, 40, MIB));
        assertEquals(1, objects.size());
        assertEquals(14, objects.getFirst().size());
        assertTrue(objects.getFirst().stream().allMatch(piece -> piece.bytes() <= 3 * MIB));
    }

    @Test
    void sharedObjectIsClosedWhenItIsLargeEnough() {
        Logged[] many = new Logged[40];
        for (int i = 0; i < many.length; i++) {
            many[i] = logged(i, 4, MIB);
        }
        List<List<Piece>> objects = plan(64 * MIB, many);
        assertEquals(3, objects.size());
        assertEquals(64L * MIB, bytes(objects.getFirst()));
    }

    @Test
    void noObjectHasMoreSegmentsThanALogEntryTakes() {
        Logged[] many = new Logged[Packing.MAX_SEGMENTS + 1];
        for (int i = 0; i < many.length; i++) {
            many[i] = logged(i, 1, 100);
        }
        List<List<Piece>> objects = plan(64 * MIB, many);
        assertEquals(2, objects.size());
        assertEquals(Packing.MAX_SEGMENTS, objects.getFirst().size());
    }

    @Test
    void batchLargerThanASegmentIsASegmentByItself() {
        List<List<Piece>> objects = plan(100, logged(1, 3, 1_000));
        assertEquals(1, objects.size());
        assertEquals(3, objects.getFirst().size());
    }
}
