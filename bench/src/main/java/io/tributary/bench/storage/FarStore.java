package io.tributary.bench.storage;

import io.tributary.storage.object.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * A store at the other end of a link, as it is where it does not share the node's cores: every
 * answer comes {@value #LATENCY_MILLIS} ms later, and all share {@value #BYTES_PER_MICRO} bytes a
 * microsecond. Only reads are slowed.
 */
final class FarStore implements ObjectStore {
    static final int LATENCY_MILLIS = 20;

    /** 2 Gbit/s. */
    static final int BYTES_PER_MICRO = 250;

    private final ObjectStore store;
    private long linkFreeNanos = System.nanoTime();

    FarStore(ObjectStore store) {
        this.store = store;
    }

    @Override
    public ByteBuffer get(String key, long offset, int length) throws IOException {
        ByteBuffer bytes = store.get(key, offset, length);
        long arrived = transferred(length);
        while (System.nanoTime() - arrived < 0) {
            LockSupport.parkNanos(arrived - System.nanoTime());
        }
        return bytes;
    }

    /** When the link has carried the answer. */
    private synchronized long transferred(int bytes) {
        long first = System.nanoTime() + LATENCY_MILLIS * 1_000_000L;
        linkFreeNanos =
                (linkFreeNanos - first > 0 ? linkFreeNanos : first)
                        + bytes * 1_000L / BYTES_PER_MICRO;
        return linkFreeNanos;
    }

    @Override
    public void put(String key, Path file) throws IOException {
        store.put(key, file);
    }

    @Override
    public void put(String key, ByteBuffer bytes) throws IOException {
        store.put(key, bytes);
    }

    @Override
    public List<ObjectInfo> list(String prefix, Optional<String> after, int limit)
            throws IOException {
        return store.list(prefix, after, limit);
    }

    @Override
    public void delete(Collection<String> keys) throws IOException {
        store.delete(keys);
    }

    @Override
    public void check() throws IOException {
        store.check();
    }

    @Override
    public void close() {
        store.close();
    }
}
