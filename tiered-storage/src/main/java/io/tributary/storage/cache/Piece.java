package io.tributary.storage.cache;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What is fetched, kept and checked as one: some whole blocks of a segment, its index, or both. The
 * cuts follow from the segment's index, so every reader means the same pieces.
 *
 * @param check tells whether bytes are this piece's; looks at nothing but them
 */
record Piece(Extent extent, Check check) {
    interface Check {
        boolean passes(ByteBuffer bytes);
    }

    /**
     * Groups pieces that lie together, in the order given.
     *
     * @param maxBytes of a group of more than one
     */
    static List<List<Piece>> runs(List<Piece> pieces, int maxBytes) {
        List<List<Piece>> runs = new ArrayList<>();
        List<Piece> run = List.of();
        long bytes = 0;
        for (Piece piece : pieces) {
            int length = piece.extent().lengthBytes();
            if (run.isEmpty()
                    || !run.getLast().extent().isFollowedBy(piece.extent())
                    || bytes + length > maxBytes) {
                run = new ArrayList<>();
                runs.add(run);
                bytes = 0;
            }
            run.add(piece);
            bytes += length;
        }
        return runs;
    }

    /** Bytes of all pieces. */
    static long bytes(List<Piece> pieces) {
        return pieces.stream().mapToLong(piece -> piece.extent().lengthBytes()).sum();
    }
}
