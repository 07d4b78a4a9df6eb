package io.tributary.storage.shard;

import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.object.ObjectStoreException;
import io.tributary.storage.object.ObjectStoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/** An object store whose puts, gets and deletes fail from a chosen one on. */
final class FailingStore implements ObjectStore {
    private final ObjectStore store;
    private int left = Integer.MAX_VALUE;
    private boolean doneFirst;
    private boolean failed;
    private Optional<Callable<Boolean>> meanwhile = Optional.empty();

    FailingStore(ObjectStore store) {
        this.store = store;
    }

    /**
     * Fails after so many more calls.
     *
     * @param afterDoing whether the first that fails is done nevertheless
     */
    synchronized void failAfter(int calls, boolean afterDoing) {
        left = calls;
        doneFirst = afterDoing;
        failed = false;
    }

    synchronized void work() {
        left = Integer.MAX_VALUE;
    }

    /** Whether a call failed since it was told to. */
    synchronized boolean failed() {
        return failed;
    }

    private interface Call<T> {
        T run() throws IOException;
    }

    private synchronized <T> T call(Call<T> call) throws IOException {
        if (left-- > 0) {
            return call.run();
        }
        left = 0;
        if (doneFirst && !failed) {
            call.run();
        }
        failed = true;
        throw new ObjectStoreException(Kind.UNAVAILABLE, "fails as it was told to");
    }

    /** Does something else while the next file is on its way. */
    synchronized void duringNextPut(Callable<Boolean> task) {
        meanwhile = Optional.of(task);
    }

    private synchronized Optional<Callable<Boolean>> takeMeanwhile() {
        Optional<Callable<Boolean>> task = meanwhile;
        meanwhile = Optional.empty();
        return task;
    }

    @Override
    public void put(String key, Path file) throws IOException {
        Optional<Callable<Boolean>> task = takeMeanwhile();
        if (task.isPresent()) {
            try {
                task.get().call();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        call(
                () -> {
                    store.put(key, file);
                    return true;
                });
    }

    @Override
    public void put(String key, ByteBuffer bytes) throws IOException {
        call(
                () -> {
                    store.put(key, bytes);
                    return true;
                });
    }

    @Override
    public ByteBuffer get(String key, long offset, int length) throws IOException {
        return call(() -> store.get(key, offset, length));
    }

    @Override
    public List<ObjectInfo> list(String prefix, Optional<String> after, int limit)
            throws IOException {
        return store.list(prefix, after, limit);
    }

    @Override
    public void delete(Collection<String> keys) throws IOException {
        call(
                () -> {
                    store.delete(keys);
                    return true;
                });
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
