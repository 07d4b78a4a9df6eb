package io.tributary.storage.object;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Counts what is asked of an object store and by which shard, since every request there costs, and
 * remembers whether it answered last.
 */
public final class ObjectStoreCounts implements ObjectStore {
    private final ObjectStore store;
    private final ObjectStoreUsage usage;
    private volatile Optional<ObjectStoreException> problem = Optional.empty();

    /** Counts into a usage that may hear of the store's requests, too. */
    public ObjectStoreCounts(ObjectStore store, ObjectStoreUsage usage) {
        this.store = store;
        this.usage = usage;
    }

    private interface Call<T> {
        T run() throws IOException;
    }

    private <T> T count(RequestKind kind, String key, long bytes, Call<T> call) throws IOException {
        ObjectStoreUsage.Share share = usage.ofKey(key);
        share.called(kind);
        boolean done = false;
        try {
            T result = watch(call);
            done = true;
            return result;
        } finally {
            if (done) {
                share.succeeded(kind, bytes);
            } else {
                share.failed(kind);
            }
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
                RequestKind.PUT,
                key,
                Files.size(file),
                () -> {
                    store.put(key, file);
                    return true;
                });
    }

    @Override
    public void put(String key, ByteBuffer bytes) throws IOException {
        count(
                RequestKind.PUT,
                key,
                bytes.remaining(),
                () -> {
                    store.put(key, bytes);
                    return true;
                });
    }

    @Override
    public ByteBuffer get(String key, long offset, int length) throws IOException {
        return count(RequestKind.GET, key, length, () -> store.get(key, offset, length));
    }

    @Override
    public List<ByteBuffer> get(String key, long offset, List<Integer> lengths) throws IOException {
        int length = lengths.stream().mapToInt(Integer::intValue).sum();
        return count(RequestKind.GET, key, length, () -> store.get(key, offset, lengths));
    }

    @Override
    public List<ObjectInfo> list(String prefix, Optional<String> after, int limit)
            throws IOException {
        return count(RequestKind.LIST, prefix, 0, () -> store.list(prefix, after, limit));
    }

    @Override
    public void delete(Collection<String> keys) throws IOException {
        if (keys.isEmpty()) {
            return;
        }
        // One call is never for several shards' objects, but in a scrub.
        count(
                RequestKind.DELETE,
                keys.iterator().next(),
                0,
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

    /** What was counted so far, by shard. */
    public ObjectStoreUsage usage() {
        return usage;
    }

    /** Why the store could not be used when it was asked last; empty when it could. */
    public Optional<ObjectStoreException> problem() {
        return problem;
    }
}
