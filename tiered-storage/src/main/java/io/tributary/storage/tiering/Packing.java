package io.tributary.storage.tiering;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.state.BatchRef;
import io.tributary.storage.state.Upkeep.Logged;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Decides which batches go into which object: a partition with much to store gets objects of its
 * own, the many with little share one.
 */
final class Packing {
    /** A partition with this much gets its own object. */
    static final long OWN_OBJECT_BYTES = 8 << 20;

    /** A shared object takes no more segments beyond this, an own object no more batches. */
    static final long OBJECT_BYTES = 64 << 20;

    private Packing() {}

    /** A segment to be: consecutive batches of one partition. */
    record Piece(PartitionId partition, List<BatchRef> batches, long bytes) {}

    /**
     * Plans objects, each a list of segments.
     *
     * @param segmentBytes the largest segment a partition wants
     */
    static List<List<Piece>> plan(List<Logged> logged, ToLongFunction<PartitionId> segmentBytes) {
        List<List<Piece>> objects = new ArrayList<>();
        List<Piece> shared = new ArrayList<>();
        long sharedBytes = 0;
        for (Logged partition : logged) {
            long limit = segmentBytes.applyAsLong(partition.partition());
            if (partition.bytes() >= OWN_OBJECT_BYTES) {
                cut(partition, Math.min(limit, OBJECT_BYTES))
                        .forEach(piece -> objects.add(List.of(piece)));
                continue;
            }
            shared.addAll(cut(partition, limit));
            sharedBytes += partition.bytes();
            if (sharedBytes >= OBJECT_BYTES) {
                objects.add(shared);
                shared = new ArrayList<>();
                sharedBytes = 0;
            }
        }
        if (!shared.isEmpty()) {
            objects.add(shared);
        }
        return objects;
    }

    private static List<Piece> cut(Logged partition, long limit) {
        List<Piece> pieces = new ArrayList<>();
        int from = 0;
        long bytes = 0;
        List<BatchRef> batches = partition.batches();
        for (int i = 0; i < batches.size(); i++) {
            int length = batches.get(i).length();
            if (i > from && bytes + length > limit) {
                pieces.add(new Piece(partition.partition(), batches.subList(from, i), bytes));
                from = i;
                bytes = 0;
            }
            bytes += length;
        }
        pieces.add(new Piece(partition.partition(), batches.subList(from, batches.size()), bytes));
        return pieces;
    }
}
