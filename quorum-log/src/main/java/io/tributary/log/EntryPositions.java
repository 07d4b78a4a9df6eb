package io.tributary.log;

import java.util.Arrays;

/** Where each entry of a ledger begins in its file. One thread adds, any thread asks. */
final class EntryPositions {
    private long[] positions = new long[64];
    private int count;

    synchronized void add(long position) {
        if (count == positions.length) {
            positions = Arrays.copyOf(positions, count * 2);
        }
        positions[count++] = position;
    }

    synchronized long get(long entry) {
        return positions[Math.toIntExact(entry)];
    }

    synchronized int count() {
        return count;
    }
}
