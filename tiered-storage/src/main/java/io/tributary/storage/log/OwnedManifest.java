package io.tributary.storage.log;

import io.tributary.kernel.fault.FencedException;
import io.tributary.kernel.id.ShardId;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * A shard's manifest in the hands of its owner. Thread-safe; changes block on the store, one at a
 * time.
 */
public final class OwnedManifest {
    private final ManifestStore store;
    private final ShardId shard;
    private final ReentrantLock changing = new ReentrantLock();
    private volatile ManifestStore.Stored stored;

    private OwnedManifest(ManifestStore store, ShardId shard, ManifestStore.Stored stored) {
        this.store = store;
        this.shard = shard;
        this.stored = stored;
    }

    /**
     * Takes the shard over under the next epoch.
     *
     * @throws FencedException another node was faster
     */
    public static OwnedManifest claim(ManifestStore store, ShardId shard, String owner)
            throws IOException {
        if (store.read(shard).isEmpty()) {
            store.create(shard, new ShardManifest(0, owner, List.of(), java.util.Optional.empty()));
        }
        OwnedManifest manifest = new OwnedManifest(store, shard, store.read(shard).orElseThrow());
        manifest.change(old -> old.withOwner(old.epoch() + 1, owner));
        return manifest;
    }

    public ShardManifest current() {
        return stored.manifest();
    }

    /**
     * Changes the manifest; durable when this returns.
     *
     * @throws FencedException another node owns the shard now
     */
    public ShardManifest change(UnaryOperator<ShardManifest> change) throws IOException {
        changing.lock();
        try {
            ShardManifest next = change.apply(stored.manifest());
            if (!store.replace(shard, next, stored.version())) {
                throw new FencedException(
                        "shard " + shard + " has another owner since epoch " + next.epoch());
            }
            ManifestStore.Stored now =
                    store.read(shard)
                            .filter(s -> s.manifest().equals(next))
                            .orElseThrow(
                                    () ->
                                            new FencedException(
                                                    "shard " + shard + " was taken over just now"));
            stored = now;
            return next;
        } finally {
            changing.unlock();
        }
    }
}
