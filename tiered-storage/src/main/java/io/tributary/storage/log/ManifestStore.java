package io.tributary.storage.log;

import io.tributary.kernel.id.ShardId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Holds the shards' manifests, durable and linearizable: it decides who owns a shard. Thread-safe;
 * blocks.
 */
public interface ManifestStore {
    /** Every shard that has a manifest, on whatever node it is; rising. */
    List<ShardId> list() throws IOException;

    Optional<Stored> read(ShardId shard) throws IOException;

    /** Writes a shard's first manifest. False, and nothing changed, when there is one. */
    boolean create(ShardId shard, ShardManifest manifest) throws IOException;

    /** Replaces the manifest of this version. False, and nothing changed, when it is another. */
    boolean replace(ShardId shard, ShardManifest manifest, int version) throws IOException;

    /**
     * A manifest as it was read.
     *
     * @param version names this state of it; differs after every change
     */
    record Stored(ShardManifest manifest, int version) {}
}
