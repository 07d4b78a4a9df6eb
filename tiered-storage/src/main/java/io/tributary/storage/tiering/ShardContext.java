package io.tributary.storage.tiering;

import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.time.Environment;
import io.tributary.log.LedgerStore;
import io.tributary.storage.StorageSettings;
import io.tributary.storage.TopicSettings;
import io.tributary.storage.append.Sequencer;
import io.tributary.storage.cache.ChunkCache;
import io.tributary.storage.cache.LocalObjects;
import io.tributary.storage.cache.SegmentReader;
import io.tributary.storage.compaction.CompactionMemory;
import io.tributary.storage.log.OwnedManifest;
import io.tributary.storage.log.ShardLog;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.state.Levels;
import io.tributary.storage.state.ShardState;
import io.tributary.storage.state.Upkeep;
import java.nio.file.Path;

/**
 * An open shard, as its background work sees it: the node's parts it shares with other shards, and
 * its own.
 */
public record ShardContext(Node node, ShardId shard, long epoch, Own own) {
    /**
     * What the shards of a node share.
     *
     * @param snapshots folder for local copies of snapshots
     */
    public record Node(
            StorageSettings settings,
            TopicSettings topics,
            LedgerStore ledgers,
            ObjectStore objects,
            LocalObjects local,
            ChunkCache chunks,
            SegmentReader segments,
            Path snapshots,
            CompactionMemory compaction,
            Environment environment) {}

    /** What belongs to one owner's epoch of one shard. */
    public record Own(
            OwnedManifest manifest,
            ShardState state,
            Upkeep upkeep,
            Levels levels,
            ShardLog log,
            Sequencer sequencer,
            TieringCounts counts,
            Closing closing) {}

    long nowMillis() {
        return node.environment().clock().millis();
    }
}
