package io.tributary.storage.object;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what is asked of an object store, since every request there costs, and remembers whether
 * it answered last.
 */
public final class ObjectStoreCounts implements ObjectStore {
    private final ObjectStore store;
    private final LongAdder puts = new LongAdder();
    private final LongAdder gets = new LongAdder();
    private final LongAdder getBytes = new LongAdder();
    private final LongAdder lists = new LongAdder();
    private final LongAdder deletes = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private volatile Optional<ObjectStoreException> problem = Optional.empty();

    public ObjectStoreCounts(ObjectStore store) {
        this.store = store;
    }

    private interface Call<T> {
        T run() throws IOException;
    }

    private <T> T count(LongAdder requests, Call<T> call) throws IOException {
        requests.increment();
        try {
            return watch(call);
        } catch (IOException e) {
            failures.increment();
            throw e;
        }
    }

    private <T> T watch(Call<T> call) throws IOException {
        try {
            T answer = call.run();
            problem = Optional.empty();
            return answer;
        } catch (ObjectStoreException e) {
            problem =
                    switch (e.kind()) {
                        case UNAVAILABLE, DENIED -> Optional.of(e);
                        case MISSING, EXISTS, CORRUPT, UNSUPPORTED -> Optional.empty();
                    };
            throw e;
        }
    }

    @Override
    public void put(String key, Path file) throws IOException {
        count(
                puts,
                () -> {
                    store.put(key, file);
                    return true;
                });
    }

    @Override
    public void put(String key, ByteBuffer bytes) throws IOException {
        count(
                puts,
                () -> {
                    store.put(key, bytes);
                    return true;
                });
    }

    @Override
    public ByteBuffer get(String key, long offset, int length) throws IOException {
        getBytes.add(length);
        return count(gets, () -> store.get(key, offset, length));
    }

    @Override
    public List<ObjectInfo> list(String prefix, Optional<String> after, int limit)
            throws IOException {
        return count(lists, () -> store.list(prefix, after, limit));
    }

    @Override
    public void delete(Collection<String> keys) throws IOException {
        count(
                deletes,
                () -> {
                    store.delete(keys);
                    return true;
                });
    }

    @Override
    public void check() throws IOException {
        watch(
                () -> {
                    store.check();
                    return true;
                });
    }

    @Override
    public void close() {
        store.close();
    }

    public long puts() {
        return puts.sum();
    }

    public long gets() {
        return gets.sum();
    }

    /** Bytes asked for by gets. */
    public long getBytes() {
        return getBytes.sum();
    }

    public long lists() {
        return lists.sum();
    }

    public long deletes() {
        return deletes.sum();
    }

    /** Requests that failed, after the store's own retries. */
    public long failures() {
        return failures.sum();
    }

    /** Why the store could not be used when it was asked last; empty when it could. */
    public Optional<ObjectStoreException> problem() {
        return problem;
    }
}
