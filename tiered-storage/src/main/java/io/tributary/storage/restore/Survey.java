package io.tributary.storage.restore;

import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.id.ShardId;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.object.ObjectStore.ObjectInfo;
import io.tributary.storage.object.ObjectStoreException;
import io.tributary.storage.restore.StoredShard.Loaded;
import io.tributary.storage.restore.StoredShard.StoredObject;
import io.tributary.storage.segment.ObjectFooter;
import io.tributary.storage.segment.SegmentInfo;
import io.tributary.storage.state.Salvage;
import io.tributary.storage.state.ShardState;
import io.tributary.storage.state.Upkeep;
import io.tributary.storage.tiering.Snapshots;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * Finds out what an object store has of a shard, from the store alone and without changing it.
 *
 * <p>What the newest readable snapshot knows is true. Beyond it, an object may continue the shard
 * when it was written under the snapshot's epoch or a later one: one of an earlier epoch that the
 * snapshot does not know was never part of the shard, or comes from an owner that had been
 * replaced.
 */
public final class Survey {
    /** Most tables of segments fit this. */
    private static final int TAIL_BYTES = 64 << 10;

    private static final int PAGE = 1_000;
    private static final int FOOTERS_AT_ONCE = 32;

    /** Keeps every Idempotency-Key a snapshot has: whether it is too old is decided later. */
    private static final Duration ANY_AGE = Duration.ofDays(36_500);

    private final ObjectStore store;
    private final Executor requests;
    private final Progress progress;

    /**
     * Looks into this store.
     *
     * @param requests runs requests that block, some at once
     */
    public Survey(ObjectStore store, Executor requests, Progress progress) {
        this.store = store;
        this.requests = requests;
        this.progress = progress;
    }

    /** Shards that have objects or snapshots. */
    public SortedSet<ShardId> shards() throws IOException {
        SortedSet<ShardId> shards = new TreeSet<>();
        for (String prefix : List.of(ObjectId.PREFIX, Snapshots.PREFIX)) {
            Optional<String> after = Optional.empty();
            while (true) {
                List<ObjectInfo> first = store.list(prefix, after, 1);
                if (first.isEmpty()) {
                    break;
                }
                String name = first.getFirst().key().substring(prefix.length());
                String shard = name.substring(0, Math.max(0, name.indexOf('/')));
                if (shard.matches("\\d{1,9}")) {
                    shards.add(new ShardId(Integer.parseInt(shard)));
                }
                // Beyond every name that begins with an epoch in hexadecimal.
                after = Optional.of(prefix + shard + "/z");
            }
        }
        return shards;
    }

    /** Looks at one shard; blocks. */
    public StoredShard shard(ShardId shard) throws IOException {
        List<String> warnings = new ArrayList<>();
        Optional<Loaded> snapshot = newestSnapshot(shard, warnings);
        Map<ObjectId, Long> sizes = new TreeMap<>(java.util.Comparator.comparing(ObjectId::key));
        for (ObjectInfo object : list(ObjectId.PREFIX + shard + "/")) {
            ObjectId.parse(object.key())
                    .ifPresentOrElse(
                            id -> sizes.put(id, object.sizeBytes()),
                            () ->
                                    warnings.add(
                                            object.key() + ": not an object's name, left aside"));
        }
        long highest = snapshot.map(Loaded::epoch).orElse(0L);
        List<ObjectId> candidates = new ArrayList<>();
        for (ObjectId id : sizes.keySet()) {
            highest = Math.max(highest, id.epoch());
            if (snapshot.isEmpty()) {
                candidates.add(id);
            } else if (!snapshot.get().knows(id)) {
                if (id.epoch() >= snapshot.get().epoch()) {
                    candidates.add(id);
                } else {
                    warnings.add(
                            id.key() + ": older than the snapshot and unknown to it, left aside");
                }
            }
        }
        return new StoredShard(
                shard, snapshot, sizes, footers(candidates, sizes, warnings), highest, warnings);
    }

    private List<ObjectInfo> list(String prefix) throws IOException {
        List<ObjectInfo> all = new ArrayList<>();
        Optional<String> after = Optional.empty();
        while (true) {
            List<ObjectInfo> page = store.list(prefix, after, PAGE);
            all.addAll(page);
            if (page.size() < PAGE) {
                return all;
            }
            after = Optional.of(page.getLast().key());
        }
    }

    private Optional<Loaded> newestSnapshot(ShardId shard, List<String> warnings)
            throws IOException {
        Optional<Loaded> newest = Optional.empty();
        for (ObjectInfo info : list(Snapshots.PREFIX + shard + "/")) {
            try {
                Loaded read = load(info);
                if (newest.isEmpty() || newer(read, newest.get())) {
                    newest = Optional.of(read);
                }
            } catch (MalformedBytesException e) {
                warnings.add(info.key() + ": " + e.getMessage());
            } catch (ObjectStoreException e) {
                if (e.kind() != ObjectStoreException.Kind.MISSING
                        && e.kind() != ObjectStoreException.Kind.CORRUPT) {
                    throw e;
                }
                warnings.add(info.key() + ": " + e.getMessage());
            }
        }
        return newest;
    }

    private static boolean newer(Loaded one, Loaded other) {
        return one.epoch() != other.epoch()
                ? one.epoch() > other.epoch()
                : one.replayFrom().compareTo(other.replayFrom()) > 0;
    }

    private Loaded load(ObjectInfo info) throws IOException {
        ShardState state = new ShardState(ANY_AGE, ANY_AGE);
        LogPosition replayFrom =
                state.load(store.get(info.key(), 0, Math.toIntExact(info.sizeBytes())));
        Upkeep.Known known = new Upkeep(state).known();
        return new Loaded(info.key(), state.epoch(), replayFrom, state, new Salvage(state), known);
    }

    private List<StoredObject> footers(
            List<ObjectId> ids, Map<ObjectId, Long> sizes, List<String> warnings)
            throws IOException {
        List<StoredObject> found = new ArrayList<>(ids.size());
        for (int from = 0; from < ids.size(); from += FOOTERS_AT_ONCE) {
            List<ObjectId> some = ids.subList(from, Math.min(ids.size(), from + FOOTERS_AT_ONCE));
            List<CompletableFuture<List<SegmentInfo>>> reads =
                    some.stream().map(id -> read(id, sizes.get(id))).toList();
            for (int i = 0; i < some.size(); i++) {
                ObjectId id = some.get(i);
                try {
                    found.add(new StoredObject(id, sizes.get(id), reads.get(i).join()));
                } catch (CompletionException e) {
                    warnings.add(id.key() + ": " + problem(e));
                }
            }
            progress.at("reading objects", from + some.size(), ids.size());
        }
        return found;
    }

    private CompletableFuture<List<SegmentInfo>> read(ObjectId id, long size) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return segments(id.key(), size);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                requests);
    }

    /** What is wrong with one object; anything else ends the survey. */
    private static String problem(CompletionException e) throws IOException {
        return switch (e.getCause()) {
            case MalformedBytesException malformed -> malformed.getMessage();
            case UncheckedIOException io when gone(io.getCause()) -> io.getCause().getMessage();
            case UncheckedIOException io -> throw io.getCause();
            default -> throw e;
        };
    }

    private static boolean gone(IOException e) {
        return e instanceof ObjectStoreException store
                && (store.kind() == ObjectStoreException.Kind.MISSING
                        || store.kind() == ObjectStoreException.Kind.CORRUPT);
    }

    private List<SegmentInfo> segments(String key, long size) throws IOException {
        if (size < ObjectFooter.TAIL_BYTES) {
            throw new MalformedBytesException("an object of " + size + " bytes cannot be");
        }
        int tailBytes = (int) Math.min(size, TAIL_BYTES);
        ByteBuffer tail = store.get(key, size - tailBytes, tailBytes);
        long tableAt =
                ObjectFooter.tablePosition(
                        tail.slice(tailBytes - ObjectFooter.TAIL_BYTES, ObjectFooter.TAIL_BYTES));
        if (tableAt < 0 || tableAt > size - ObjectFooter.TAIL_BYTES) {
            throw new MalformedBytesException("the table of segments lies outside the object");
        }
        int length = Math.toIntExact(size - tableAt);
        return ObjectFooter.read(
                length <= tailBytes
                        ? tail.slice(tailBytes - length, length)
                        : store.get(key, tableAt, length));
    }
}
