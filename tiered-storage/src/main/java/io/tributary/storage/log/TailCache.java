package io.tributary.storage.log;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The newest entries of all shards' logs, in a ring of memory outside the heap, where a stream of
 * them costs the garbage collector nothing. Oldest out. Thread-safe.
 */
public final class TailCache {
    /** The ring is allocated in pieces, each when it is first used. */
    private static final int PIECE_BYTES = 4 << 20;

    /** What an entry takes of the ring at least, so that there are not too many. */
    private static final int LEAST_BYTES = 512;

    private final long budgetBytes;
    private final ByteBuffer[] ring;
    private final Map<LogPosition, Place> entries = new LinkedHashMap<>();

    /** Bytes of the ring given out since the start. */
    private long end;

    private long sizeBytes;

    /** Bytes of the ring, counted as {@link #end} is. */
    private record Place(long from, int length) {}

    public TailCache(long budgetBytes) {
        this.budgetBytes = budgetBytes;
        ring = new ByteBuffer[Math.toIntExact(Math.ceilDiv(budgetBytes, PIECE_BYTES))];
    }

    /** Keeps a copy of the entry, unless it is larger than all there is. */
    public void add(LogPosition position, ByteBuffer entry) {
        int length = entry.remaining();
        int taken = Math.max(length, LEAST_BYTES);
        if (taken > budgetBytes) {
            return;
        }
        synchronized (entries) {
            Iterator<Place> eldest = entries.values().iterator();
            while (eldest.hasNext()) {
                Place place = eldest.next();
                if (place.from() >= end + taken - budgetBytes) {
                    break;
                }
                eldest.remove();
                sizeBytes -= place.length();
            }
            copy(
                    end,
                    length,
                    (piece, at, from, bytes) ->
                            piece.put(at, entry, entry.position() + from, bytes));
            entries.put(position, new Place(end, length));
            end += taken;
            sizeBytes += length;
        }
    }

    /** A copy of some bytes of the entry; empty when it is too old. */
    public Optional<ByteBuffer> get(LogPosition position, int from, int length) {
        synchronized (entries) {
            Place place = entries.get(position);
            if (place == null) {
                return Optional.empty();
            }
            Objects.checkFromIndexSize(from, length, place.length());
            byte[] copy = new byte[length];
            copy(
                    place.from() + from,
                    length,
                    (piece, at, to, bytes) -> piece.get(at, copy, to, bytes));
            return Optional.of(ByteBuffer.wrap(copy));
        }
    }

    private interface Copy {
        /** Copies bytes of a piece of the ring and of what else there is, each from an index on. */
        void run(ByteBuffer piece, int at, int other, int bytes);
    }

    private void copy(long from, int length, Copy copy) {
        int done = 0;
        while (done < length) {
            long at = (from + done) % budgetBytes;
            int piece = (int) (at / PIECE_BYTES);
            int within = (int) (at % PIECE_BYTES);
            if (ring[piece] == null) {
                long behind = budgetBytes - (long) piece * PIECE_BYTES;
                ring[piece] = ByteBuffer.allocateDirect((int) Math.min(PIECE_BYTES, behind));
            }
            int bytes = Math.min(length - done, ring[piece].capacity() - within);
            copy.run(ring[piece], within, done, bytes);
            done += bytes;
        }
    }

    /** Forgets everything of these ledgers. */
    public void forget(Collection<Long> ledgerIds) {
        synchronized (entries) {
            entries.entrySet()
                    .removeIf(
                            entry -> {
                                boolean gone = ledgerIds.contains(entry.getKey().ledgerId());
                                if (gone) {
                                    sizeBytes -= entry.getValue().length();
                                }
                                return gone;
                            });
        }
    }

    public long sizeBytes() {
        synchronized (entries) {
            return sizeBytes;
        }
    }
}
