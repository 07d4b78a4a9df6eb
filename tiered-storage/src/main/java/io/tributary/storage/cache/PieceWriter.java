package io.tributary.storage.cache;

import io.tributary.storage.object.ObjectId;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps pieces on the local disk without anybody waiting for it: one thread writes, and what a slow
 * disk is not ready for is not kept. Thread-safe; only {@link #drop} blocks on the disk.
 */
final class PieceWriter {
    private static final int MAX_WAITING_BYTES = 16 << 20;

    private record Waiting(Extent extent, ByteBuffer bytes) {}

    private final PieceFiles files;
    private final ThreadFactory threads;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private boolean writing;

    PieceWriter(PieceFiles files, ThreadFactory threads) {
        this.files = files;
        this.threads = threads;
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
                Waiting next;
                lock.lock();
                try {
                    next = waiting.poll();
                    more = next != null;
                    writing = more;
                    waitingBytes -= more ? next.extent().lengthBytes() : 0;
                } finally {
                    lock.unlock();
                }
                if (more) {
                    files.write(next.extent(), next.bytes());
                }
            }
        } finally {
            if (more) {
                lock.lock();
                try {
                    writing = false;
                } finally {
                    lock.unlock();
                }
            }
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
