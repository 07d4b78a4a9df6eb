package io.tributary.storage.cache;

import io.tributary.kernel.time.Environment;
import io.tributary.storage.object.ObjectId;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps pieces on the local disk without anybody waiting for it: one thread writes, no more than so
 * many bytes a second, for the disk is the ledgers' first; what it is not ready for is not kept.
 * Thread-safe; only {@link #drop} blocks on the disk.
 */
final class PieceWriter {
    private static final int MAX_WAITING_BYTES = 16 << 20;

    private record Waiting(Extent extent, ByteBuffer bytes) {}

    private final PieceFiles files;
    private final ThreadFactory threads;
    private final InstantSource clock;
    private final long bytesPerSecond;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private boolean writing;

    /** What may be taken now, as of a time. */
    private long allowedBytes;

    private long allowedMillis;

    PieceWriter(PieceFiles files, Environment environment, long bytesPerSecond) {
        this.files = files;
        threads = environment.threads();
        clock = environment.clock();
        this.bytesPerSecond = bytesPerSecond;
        allowedBytes = bytesPerSecond;
        allowedMillis = clock.millis();
    }

    /** Whether pieces of so many bytes may be kept, which then count as written. */
    boolean takes(long bytes) {
        lock.lock();
        try {
            long now = clock.millis();
            long since = Math.clamp(now - allowedMillis, 0, 1_000);
            allowedBytes = Math.min(bytesPerSecond, allowedBytes + since * bytesPerSecond / 1_000);
            allowedMillis = now;
            if (bytes > allowedBytes) {
                return false;
            }
            allowedBytes -= bytes;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Keeps the piece, whose bytes nobody changes, if there is room. */
    void keep(Extent extent, ByteBuffer bytes) {
        lock.lock();
        try {
            if (!files.takes(extent) || waitingBytes + extent.lengthBytes() > MAX_WAITING_BYTES) {
                return;
            }
            waiting.add(new Waiting(extent, bytes));
            waitingBytes += extent.lengthBytes();
            if (writing) {
                return;
            }
            writing = true;
        } finally {
            lock.unlock();
        }
        Thread writer = threads.newThread(this::write);
        writer.setName("tributary-piece-writer");
        writer.start();
    }

    private void write() {
        boolean more = true;
        try {
            while (more) {
                Optional<Waiting> next = next();
                more = next.isPresent();
                next.ifPresent(piece -> files.write(piece.extent(), piece.bytes()));
            }
        } finally {
            if (more) {
                stopped();
            }
        }
    }

    /** The next piece to write; without one the writing has ended. */
    private Optional<Waiting> next() {
        lock.lock();
        try {
            Optional<Waiting> next = Optional.ofNullable(waiting.poll());
            next.ifPresent(piece -> waitingBytes -= piece.extent().lengthBytes());
            writing = next.isPresent();
            return next;
        } finally {
            lock.unlock();
        }
    }

    private void stopped() {
        lock.lock();
        try {
            writing = false;
        } finally {
            lock.unlock();
        }
    }

    /** Forgets an object's pieces, written or not. */
    void drop(ObjectId object) {
        lock.lock();
        try {
            waiting.removeIf(
                    piece -> {
                        boolean gone = piece.extent().object().equals(object);
                        waitingBytes -= gone ? piece.extent().lengthBytes() : 0;
                        return gone;
                    });
        } finally {
            lock.unlock();
        }
        files.drop(object);
    }

    /** Forgets every piece. */
    void dropAll() {
        lock.lock();
        try {
            waiting.clear();
            waitingBytes = 0;
        } finally {
            lock.unlock();
        }
        files.dropAll();
    }
}
