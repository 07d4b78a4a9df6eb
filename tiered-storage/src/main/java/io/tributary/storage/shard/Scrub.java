package io.tributary.storage.shard;

import io.tributary.kernel.id.ShardId;
import io.tributary.storage.Shards.ScrubReport;
import io.tributary.storage.log.ShardManifest.SnapshotRef;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.object.ObjectStore.ObjectInfo;
import io.tributary.storage.tiering.ShardContext;
import io.tributary.storage.tiering.Snapshots;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares what lies in the object store with what this node's shards refer to. What nobody refers
 * to is removed once it is older than the grace period, which must be longer than the longest
 * upload; what is referred to and not there is reported. Objects of other nodes' shards are left
 * alone.
 */
final class Scrub {
    private static final Logger LOG = LoggerFactory.getLogger(Scrub.class);
    private static final int PAGE = 1_000;

    private final ObjectStore objects;
    private final Map<ShardId, OpenShard> shards;
    private final Duration grace;
    private final Instant now;

    private long count;
    private long bytes;
    private long removed;
    private long inGrace;

    Scrub(ObjectStore objects, Map<ShardId, OpenShard> shards, Duration grace, Instant now) {
        this.objects = objects;
        this.shards = shards;
        this.grace = grace;
        this.now = now;
    }

    ScrubReport run() throws IOException {
        Map<String, Long> before = referenced();
        Map<String, Long> found = new HashMap<>();
        List<ObjectInfo> suspects = new ArrayList<>();
        for (String prefix : List.of(ObjectId.PREFIX, Snapshots.PREFIX)) {
            list(prefix, before, found, suspects);
        }
        Map<String, Long> after = referenced();
        removeOrphans(suspects, after);
        List<String> missing = new ArrayList<>();
        before.forEach(
                (key, size) -> {
                    // Referred to before and after the listing, so it had to be in it.
                    Long still = after.get(key);
                    if (still != null && size > 0 && still > 0 && !size.equals(found.get(key))) {
                        missing.add(key);
                    }
                });
        missing.sort(null);
        ScrubReport report =
                new ScrubReport(
                        now.toEpochMilli(),
                        count,
                        bytes,
                        before.size(),
                        removed,
                        inGrace,
                        List.copyOf(missing));
        if (missing.isEmpty()) {
            LOG.info("scrub done objects={} bytes={} orphansRemoved={}", count, bytes, removed);
        } else {
            LOG.error(
                    "objects are missing from the store count={} first={}",
                    missing.size(),
                    missing.getFirst());
        }
        return report;
    }

    private void list(
            String prefix,
            Map<String, Long> referenced,
            Map<String, Long> found,
            List<ObjectInfo> suspects)
            throws IOException {
        Optional<String> after = Optional.empty();
        while (true) {
            List<ObjectInfo> page = objects.list(prefix, after, PAGE);
            for (ObjectInfo object : page) {
                if (!ours(prefix, object.key())) {
                    continue;
                }
                count++;
                bytes += object.sizeBytes();
                if (referenced.containsKey(object.key())) {
                    found.put(object.key(), object.sizeBytes());
                } else {
                    suspects.add(object);
                }
            }
            if (page.size() < PAGE) {
                return;
            }
            after = Optional.of(page.getLast().key());
        }
    }

    private boolean ours(String prefix, String key) {
        int end = key.indexOf('/', prefix.length());
        if (end < 0) {
            return false;
        }
        String shard = key.substring(prefix.length(), end);
        return shards.keySet().stream().anyMatch(id -> id.toString().equals(shard));
    }

    private void removeOrphans(List<ObjectInfo> suspects, Map<String, Long> referenced)
            throws IOException {
        Set<String> orphans = new HashSet<>();
        for (ObjectInfo object : suspects) {
            if (referenced.containsKey(object.key())) {
                continue;
            }
            if (Duration.between(object.storedAt(), now).compareTo(grace) >= 0) {
                orphans.add(object.key());
            } else {
                inGrace++;
            }
        }
        objects.delete(orphans);
        removed = orphans.size();
        count -= removed;
    }

    /** Every key the shards know, with its size; 0 where the object may be there or not. */
    private Map<String, Long> referenced() {
        Map<String, Long> keys = new TreeMap<>();
        for (OpenShard shard : shards.values()) {
            ShardContext context = shard.context();
            context.own().upkeep().known().forEach((id, size) -> keys.put(id.key(), size));
            shard.tiering().underWay().forEach(id -> keys.putIfAbsent(id.key(), 0L));
            Optional<SnapshotRef> snapshot = context.own().manifest().current().snapshot();
            snapshot.ifPresent(ref -> keys.put(ref.key(), (long) ref.sizeBytes()));
        }
        return keys;
    }
}
