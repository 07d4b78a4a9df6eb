package io.tributary.storage.tiering;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.state.BatchRef;
import io.tributary.storage.state.Upkeep.Logged;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Decides which segments go into which object: a partition with much to store gets objects of its
 * own, the many with little share one.
 */
final class Packing {
    /** A partition with this much gets its own object. */
    static final long OWN_OBJECT_BYTES = 8 << 20;

    /** A shared object takes no more segments beyond this, an own object no more batches. */
    static final long OBJECT_BYTES = 64 << 20;

    /** No object has more segments, so that the log entry that names them stays small. */
    static final int MAX_SEGMENTS = 32_768;

    private Packing() {}

    /** A segment to be. */
    interface Sized {
        PartitionId partition();

        long bytes();
    }

    /** A segment to be: consecutive batches of one partition. */
    record Piece(PartitionId partition, List<BatchRef> batches, long bytes) implements Sized {}

    /**
     * Plans the objects of a flush, each a list of segments.
     *
     * @param segmentBytes the largest segment a partition wants
     */
    static List<List<Piece>> plan(List<Logged> logged, ToLongFunction<PartitionId> segmentBytes) {
        List<Piece> pieces = new ArrayList<>();
        for (Logged partition : logged) {
            long limit = Math.min(segmentBytes.applyAsLong(partition.partition()), OBJECT_BYTES);
            pieces.addAll(cut(partition, limit));
        }
        return pack(pieces);
    }

    /** Plans objects of segments that come in the order of their partitions, which they keep. */
    static <T extends Sized> List<List<T>> pack(List<T> pieces) {
        List<List<T>> objects = new ArrayList<>();
        List<T> shared = new ArrayList<>();
        long sharedBytes = 0;
        int from = 0;
        while (from < pieces.size()) {
            int to = from;
            long bytes = 0;
            while (to < pieces.size()
                    && pieces.get(to).partition().equals(pieces.get(from).partition())) {
                bytes += pieces.get(to++).bytes();
            }
            List<T> rest = pieces.subList(from, to);
            while (bytes >= OWN_OBJECT_BYTES) {
                List<T> own = rest.subList(0, count(rest));
                objects.add(List.copyOf(own));
                bytes -= own.stream().mapToLong(Sized::bytes).sum();
                rest = rest.subList(own.size(), rest.size());
            }
            for (T piece : rest) {
                if (shared.size() == MAX_SEGMENTS || sharedBytes >= OBJECT_BYTES) {
                    objects.add(shared);
                    shared = new ArrayList<>();
                    sharedBytes = 0;
                }
                shared.add(piece);
                sharedBytes += piece.bytes();
            }
            from = to;
        }
        if (!shared.isEmpty()) {
            objects.add(shared);
        }
        return objects;
    }

    /** How many of the pieces, at least one, one object takes. */
    private static int count(List<? extends Sized> pieces) {
        int count = 1;
        long bytes = pieces.getFirst().bytes();
        while (count < Math.min(pieces.size(), MAX_SEGMENTS)
                && bytes + pieces.get(count).bytes() <= OBJECT_BYTES) {
            bytes += pieces.get(count++).bytes();
        }
        return count;
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
