package io.tributary.storage.shard;

import io.tributary.kernel.id.ShardId;
import io.tributary.storage.log.ShardManifest.SnapshotRef;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.state.Upkeep;
import io.tributary.storage.tiering.Snapshots;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What the shards of a node refer to in the object store, at one moment. */
final class References {
    /** Why an object is there. */
    enum Cause {
        LIVE,
        GARBAGE,
        UNDER_WAY,
        SNAPSHOT
    }

    /**
     * One of them.
     *
     * @param sizeBytes 0 where the object may be there or not
     */
    record Reference(Cause cause, long sizeBytes) {
        /** Whether the object has to be there. */
        boolean required() {
            return cause == Cause.LIVE || cause == Cause.SNAPSHOT;
        }
    }

    private final Map<String, Reference> byKey = new TreeMap<>();

    private References() {}

    /**
     * Looks at the shards. What is under way is looked at first: it stays there until it is
     * referred to otherwise, so whatever existed before the look and is in neither is an orphan.
     */
    static References of(Map<ShardId, OpenShard> shards) {
        References references = new References();
        shards.values().forEach(references::add);
        return references;
    }

    private void add(OpenShard shard) {
        Set<String> underWay = shard.tiering().underWay();
        underWay.forEach(key -> byKey.put(key, new Reference(Cause.UNDER_WAY, 0)));
        Optional<SnapshotRef> snapshot = shard.context().own().manifest().current().snapshot();
        snapshot.ifPresent(
                ref -> byKey.put(ref.key(), new Reference(Cause.SNAPSHOT, ref.sizeBytes())));
        Upkeep.Known known = shard.context().own().upkeep().known();
        known.garbage().forEach(key -> byKey.put(key, new Reference(Cause.GARBAGE, 0)));
        known.live().forEach((key, size) -> byKey.put(key, new Reference(Cause.LIVE, size)));
    }

    Optional<Reference> find(String key) {
        return Optional.ofNullable(byKey.get(key));
    }

    /** By key, in the order of the keys. */
    Map<String, Reference> all() {
        return byKey;
    }

    /** Reads the key of an object or a snapshot, whose names have the same form. */
    static Optional<ObjectId> parse(String key) {
        return ObjectId.parse(
                key.startsWith(Snapshots.PREFIX)
                        ? ObjectId.PREFIX + key.substring(Snapshots.PREFIX.length())
                        : key);
    }
}
