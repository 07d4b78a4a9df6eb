package io.tributary.bench.storage;

import io.tributary.kernel.id.ShardId;
import io.tributary.storage.log.ManifestStore;
import io.tributary.storage.log.ShardManifest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Manifests for the length of a run. */
final class MemoryManifests implements ManifestStore {
    private final Map<ShardId, Stored> stored = new HashMap<>();

    @Override
    public synchronized List<ShardId> list() {
        return stored.keySet().stream().sorted().toList();
    }

    @Override
    public synchronized Optional<Stored> read(ShardId shard) {
        return Optional.ofNullable(stored.get(shard));
    }

    @Override
    public synchronized boolean create(ShardId shard, ShardManifest manifest) {
        return stored.putIfAbsent(shard, new Stored(manifest, 0)) == null;
    }

    @Override
    public synchronized boolean replace(ShardId shard, ShardManifest manifest, int version) {
        Stored old = stored.get(shard);
        if (old == null || old.version() != version) {
            return false;
        }
        stored.put(shard, new Stored(manifest, version + 1));
        return true;
    }
}
