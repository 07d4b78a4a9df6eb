package io.tributary.storage.object;

import io.tributary.storage.object.ObjectStoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An object store that belongs to one deployment: nothing is stored or deleted before its {@link
 * StoreMarker} is known to be this deployment's, so that no deployment takes another's objects for
 * orphans. Reads need no claim.
 */
public final class ClaimedObjectStore implements ObjectStore {
    private final ObjectStore store;
    private final Claimant claimant;
    private final ReentrantLock claiming = new ReentrantLock();
    private volatile boolean ours;

    public ClaimedObjectStore(ObjectStore store, Claimant claimant) {
        this.store = store;
        this.claimant = claimant;
    }

    /**
     * Makes sure that the store is this deployment's, marking it where nobody has yet. Asks the
     * store only until it is known.
     *
     * @throws ObjectStoreException of kind DENIED where it is another's, or not the one that was
     *     claimed before; nothing was changed then
     */
    public void claim() throws IOException {
        if (ours) {
            return;
        }
        claiming.lock();
        try {
            if (ours) {
                return;
            }
            Optional<StoreMarker> found = StoreMarker.read(store);
            StoreMarker marker = found.isPresent() ? found.get() : mark();
            if (!marker.id().equals(claimant.id())) {
                throw denied(
                        "it belongs to deployment "
                                + marker.id()
                                + ", and this is deployment "
                                + claimant.id()
                                + "; every deployment needs a store or a prefix of its own");
            }
            if (!claimant.hasClaimed()) {
                claimant.claimed();
            }
            ours = true;
        } finally {
            claiming.unlock();
        }
    }

    /** Whoever was there first is in the marker that is returned. */
    private StoreMarker mark() throws IOException {
        if (claimant.hasClaimed()) {
            throw denied(
                    "it has no "
                            + StoreMarker.KEY
                            + ", and the store of this deployment, "
                            + claimant.id()
                            + ", has one: it is another store, or was emptied");
        }
        if (!store.list(ObjectId.PREFIX, Optional.empty(), 1).isEmpty()) {
            throw denied(
                    "it holds objects and no "
                            + StoreMarker.KEY
                            + ", so they may be another deployment's; this one, "
                            + claimant.id()
                            + ", needs an empty store or prefix");
        }
        StoreMarker own = new StoreMarker(claimant.id());
        try {
            own.writeTo(store);
            return own;
        } catch (ObjectStoreException e) {
            if (e.kind() != Kind.EXISTS) {
                throw e;
            }
            return StoreMarker.read(store).orElseThrow(() -> e);
        }
    }

    private static ObjectStoreException denied(String why) {
        return new ObjectStoreException(Kind.DENIED, "the object store cannot be used: " + why);
    }

    @Override
    public void put(String key, Path file) throws IOException {
        claim();
        store.put(key, file);
    }

    @Override
    public void put(String key, ByteBuffer bytes) throws IOException {
        claim();
        store.put(key, bytes);
    }

    @Override
    public ByteBuffer get(String key, long offset, int length) throws IOException {
        return store.get(key, offset, length);
    }

    @Override
    public List<ByteBuffer> get(String key, long offset, List<Integer> lengths) throws IOException {
        return store.get(key, offset, lengths);
    }

    @Override
    public List<ObjectInfo> list(String prefix, Optional<String> after, int limit)
            throws IOException {
        return store.list(prefix, after, limit);
    }

    @Override
    public void delete(Collection<String> keys) throws IOException {
        claim();
        store.delete(keys);
    }

    @Override
    public void check() throws IOException {
        claim();
        store.check();
    }

    @Override
    public void close() {
        store.close();
    }
}
