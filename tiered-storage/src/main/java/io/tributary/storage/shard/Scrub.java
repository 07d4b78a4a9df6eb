package io.tributary.storage.shard;

import io.tributary.kernel.id.ShardId;
import io.tributary.storage.ScrubReport;
import io.tributary.storage.log.Command.Orphan;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.object.ObjectStore.ObjectInfo;
import io.tributary.storage.object.ObjectStoreException;
import io.tributary.storage.object.ObjectStoreException.Kind;
import io.tributary.storage.shard.References.Cause;
import io.tributary.storage.shard.References.Reference;
import io.tributary.storage.tiering.Snapshots;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Compares what lies in the object store with what this node's shards refer to. What nobody refers
 * to is removed once it is older than the grace period; what is referred to and not there is
 * reported. A listing may lag behind: nothing is removed or reported without a second look at the
 * object itself and at the references. One run; blocks.
 */
final class Scrub {
    private static final int PAGE = 1_000;

    private final ObjectStore objects;
    private final Map<ShardId, OpenShard> shards;
    private final Terms terms;

    private final Map<Cause, Long> explained = new EnumMap<>(Cause.class);
    private final Map<String, Long> found = new HashMap<>();
    private final List<ObjectInfo> suspects = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();
    private final List<String> wrongSize = new ArrayList<>();
    private final List<String> damaged = new ArrayList<>();
    private long listed;
    private long listedBytes;
    private long foreign;
    private long inGrace;
    private long removed;
    private ScrubReport.Verification verified = new ScrubReport.Verification(0, 0);
    private String lastVerified;

    /**
     * What a run goes by.
     *
     * @param grace how old what nobody refers to must be to go
     * @param verifyBytes how much content is compared with its checksums, about
     * @param verifyAfter the key after which that begins
     * @param pace is waited for between requests
     */
    record Terms(Instant now, Duration grace, long verifyBytes, String verifyAfter, Pace pace) {}

    /** Slows a run down. */
    interface Pace {
        void pause() throws IOException;
    }

    Scrub(ObjectStore objects, Map<ShardId, OpenShard> shards, Terms terms) {
        this.objects = objects;
        this.shards = shards;
        this.terms = terms;
        lastVerified = terms.verifyAfter();
    }

    ScrubReport run() throws IOException {
        References before = References.of(shards);
        list(ObjectId.PREFIX, before);
        list(Snapshots.PREFIX, before);
        References after = References.of(shards);
        removeOrphans(after);
        checkRequired(before, after);
        verify(after);
        References last = References.of(shards);
        List.of(missing, wrongSize, damaged)
                .forEach(
                        keys ->
                                keys.removeIf(
                                        key ->
                                                last.find(key)
                                                        .filter(Reference::required)
                                                        .isEmpty()));
        return new ScrubReport(
                terms.now().toEpochMilli(),
                new ScrubReport.Listed(listed, listedBytes),
                new ScrubReport.Causes(
                        explained.getOrDefault(Cause.LIVE, 0L),
                        explained.getOrDefault(Cause.GARBAGE, 0L),
                        explained.getOrDefault(Cause.UNDER_WAY, 0L),
                        explained.getOrDefault(Cause.SNAPSHOT, 0L),
                        inGrace,
                        removed,
                        foreign),
                new ScrubReport.Wrong(missing, wrongSize, damaged),
                verified);
    }

    /** Where the next run's verification begins. */
    String lastVerified() {
        return lastVerified;
    }

    private void list(String prefix, References before) throws IOException {
        Optional<String> after = Optional.empty();
        while (true) {
            List<ObjectInfo> page = objects.list(prefix, after, PAGE);
            for (ObjectInfo object : page) {
                listed++;
                listedBytes += object.sizeBytes();
                Optional<Reference> reference = before.find(object.key());
                if (reference.isPresent()) {
                    explain(reference.get());
                    found.put(object.key(), object.sizeBytes());
                } else if (ours(object.key())) {
                    suspects.add(object);
                } else {
                    foreign++;
                }
            }
            if (page.size() < PAGE) {
                return;
            }
            after = Optional.of(page.getLast().key());
            terms.pace().pause();
        }
    }

    private void explain(Reference reference) {
        explained.merge(reference.cause(), 1L, Long::sum);
    }

    private boolean ours(String key) {
        return References.parse(key).filter(id -> shards.containsKey(id.shard())).isPresent();
    }

    private void removeOrphans(References after) throws IOException {
        Map<ShardId, List<Orphan>> orphans = new TreeMap<>();
        for (ObjectInfo object : suspects) {
            Optional<Reference> reference = after.find(object.key());
            if (reference.isPresent()) {
                explain(reference.get());
            } else if (isOrphan(object)) {
                orphans.computeIfAbsent(shard(object), s -> new ArrayList<>())
                        .add(new Orphan(object.key(), object.sizeBytes()));
            }
        }
        for (Map.Entry<ShardId, List<Orphan>> some : orphans.entrySet()) {
            shards.get(some.getKey()).tiering().delete(some.getValue());
            removed += some.getValue().size();
        }
    }

    private static ShardId shard(ObjectInfo object) {
        return References.parse(object.key()).orElseThrow().shard();
    }

    /** Whether an object that nothing refers to is there, is past its grace and may be judged. */
    private boolean isOrphan(ObjectInfo object) throws IOException {
        long epoch = References.parse(object.key()).orElseThrow().epoch();
        if (epoch > shards.get(shard(object)).context().epoch()) {
            // A later owner's: this node has lost the shard. Left unexplained.
            return false;
        }
        Duration age = Duration.between(object.storedAt(), terms.now());
        if (age.compareTo(terms.grace()) < 0) {
            inGrace++;
            return false;
        }
        if (look(object.key(), object.sizeBytes()) == Look.MISSING) {
            // Deleted before, and still listed.
            listed--;
            listedBytes -= object.sizeBytes();
            return false;
        }
        return true;
    }

    /** What was referred to before and after the listing should have been in it. */
    private void checkRequired(References before, References after) throws IOException {
        for (Map.Entry<String, Reference> entry : before.all().entrySet()) {
            String key = entry.getKey();
            long size = entry.getValue().sizeBytes();
            if (!entry.getValue().required()
                    || after.find(key).filter(Reference::required).isEmpty()
                    || found.getOrDefault(key, -1L) == size) {
                continue;
            }
            terms.pace().pause();
            switch (look(key, size)) {
                case MISSING -> missing.add(key);
                case SHORTER -> wrongSize.add(key);
                case THERE -> {
                    boolean longer =
                            objects.list(key, Optional.empty(), 1).stream()
                                    .anyMatch(o -> o.key().equals(key) && o.sizeBytes() != size);
                    if (longer) {
                        wrongSize.add(key);
                    }
                }
            }
        }
    }

    private enum Look {
        MISSING,
        SHORTER,
        THERE
    }

    /** Asks for the object's last byte, which no listing stands in for. */
    private Look look(String key, long sizeBytes) throws IOException {
        try {
            objects.get(key, Math.max(0, sizeBytes - 1), 1);
            return Look.THERE;
        } catch (ObjectStoreException e) {
            if (e.kind() == Kind.MISSING) {
                return Look.MISSING;
            }
            if (e.kind() == Kind.CORRUPT) {
                return Look.SHORTER;
            }
            throw e;
        }
    }

    private void verify(References references) throws IOException {
        Verification verification = new Verification(objects);
        List<String> keys =
                references.all().entrySet().stream()
                        .filter(entry -> entry.getValue().cause() == Cause.LIVE)
                        .map(Map.Entry::getKey)
                        .toList();
        int first = (int) keys.stream().filter(k -> k.compareTo(lastVerified) <= 0).count();
        for (int i = 0; i < keys.size() && verified.bytes() < terms.verifyBytes(); i++) {
            String key = keys.get((first + i) % keys.size());
            long size = references.find(key).orElseThrow().sizeBytes();
            terms.pace().pause();
            try {
                boolean good = verification.undamaged(key, size);
                if (!good) {
                    // Once more: what came over the wire may have been damaged there.
                    good = verification.undamaged(key, size);
                }
                if (!good) {
                    damaged.add(key);
                }
                verified =
                        new ScrubReport.Verification(
                                verified.objects() + 1, verified.bytes() + size);
            } catch (ObjectStoreException e) {
                if (e.kind() != Kind.MISSING) {
                    throw e;
                }
                // Deleted meanwhile, or reported as missing already.
            }
            lastVerified = key;
        }
    }
}
