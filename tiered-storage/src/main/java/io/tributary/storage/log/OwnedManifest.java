package io.tributary.storage.log;

import io.tributary.kernel.fault.FencedException;
import io.tributary.kernel.id.ShardId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * A shard's manifest in the hands of its owner. Thread-safe; changes block on the store, one at a
 * time.
 */
public final class OwnedManifest {
    /** How often a change is tried that seems to have met another one of this owner. */
    private static final int MAX_TRIES = 5;

    private final ManifestStore store;
    private final ShardId shard;
    private final long epoch;
    private final ReentrantLock changing = new ReentrantLock();
    private volatile ManifestStore.Stored stored;

    /** False after a change that may or may not have taken effect. */
    private boolean known = true;

    private OwnedManifest(ManifestStore store, ShardId shard, ManifestStore.Stored claimed) {
        this.store = store;
        this.shard = shard;
        this.stored = claimed;
        epoch = claimed.manifest().epoch();
    }

    /**
     * Takes the shard over under the next epoch.
     *
     * @throws FencedException another node was faster
     */
    public static OwnedManifest claim(ManifestStore store, ShardId shard, String owner)
            throws IOException {
        if (store.read(shard).isEmpty()) {
            store.create(shard, new ShardManifest(0, owner, List.of(), Optional.empty()));
        }
        ManifestStore.Stored before = read(store, shard);
        ShardManifest claimed = before.manifest().withOwner(before.manifest().epoch() + 1, owner);
        if (!store.replace(shard, claimed, before.version())) {
            throw new FencedException("shard " + shard + " was taken over just now");
        }
        OwnedManifest manifest =
                new OwnedManifest(
                        store, shard, new ManifestStore.Stored(claimed, before.version()));
        manifest.reload();
        return manifest;
    }

    private static ManifestStore.Stored read(ManifestStore store, ShardId shard)
            throws IOException {
        return store.read(shard)
                .orElseThrow(() -> new IOException("the manifest of shard " + shard + " is gone"));
    }

    public ShardManifest current() {
        return stored.manifest();
    }

    /**
     * Changes the manifest; durable when this returns. After any other failure than being fenced
     * the change may have taken effect or not; the next one finds out.
     *
     * @param change is applied again where it is not sure that it took effect: what is so already
     *     stays as it is
     * @throws FencedException another node owns the shard now
     */
    public ShardManifest change(UnaryOperator<ShardManifest> change) throws IOException {
        changing.lock();
        try {
            for (int i = 0; i < MAX_TRIES; i++) {
                if (!known) {
                    reload();
                }
                ShardManifest next = change.apply(stored.manifest());
                if (next.equals(stored.manifest())) {
                    return next;
                }
                known = false;
                if (store.replace(shard, next, stored.version())) {
                    reload();
                    return stored.manifest();
                }
            }
            throw new IOException("the manifest of shard " + shard + " cannot be changed");
        } finally {
            changing.unlock();
        }
    }

    private void reload() throws IOException {
        ManifestStore.Stored now = read(store, shard);
        if (now.manifest().epoch() != epoch) {
            throw new FencedException(
                    "shard " + shard + " has another owner since epoch " + now.manifest().epoch());
        }
        stored = now;
        known = true;
    }
}
