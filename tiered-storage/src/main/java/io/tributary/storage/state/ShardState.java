package io.tributary.storage.state;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.Receipt.Records;
import io.tributary.storage.Receipt.Why;
import io.tributary.storage.log.Command;
import io.tributary.storage.log.LogEntry;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.BatchHeader;
import io.tributary.storage.segment.SegmentInfo;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Everything a shard knows, in memory: a function of its snapshot and the log after it. {@link
 * #replay} is the only way it changes, when an entry is decided as in recovery; only how far the
 * log is durable comes from outside. Thread-safe; no call blocks on I/O.
 */
public final class ShardState {
    /** How long a removed topic's late appends are recognised. */
    private static final long REMEMBER_REMOVED_MILLIS = Duration.ofHours(1).toMillis();

    final ReentrantLock lock = new ReentrantLock();
    final Map<PartitionId, PartitionState> partitions = new HashMap<>();
    final ObjectUses objects = new ObjectUses();

    /** Partitions with batches in the log. */
    final Set<PartitionId> withLogged = new LinkedHashSet<>();

    final Receipts receipts = new Receipts();
    final PendingWork pending = new PendingWork(partitions, objects);
    final RetryKeys retries;
    final Map<TopicId, Long> removedTopics = new LinkedHashMap<>();
    private long epoch;
    private long loggedBytes;

    public ShardState(Duration retryWindow) {
        retries = new RetryKeys(retryWindow);
    }

    /** How far a partition reaches with an entry. */
    public record PartitionEnd(PartitionId partition, long endOffset) {}

    /**
     * Applies an entry that lies at this position.
     *
     * @throws IllegalStateException it does not continue this state: the log is not this shard's
     */
    public void replay(LogPosition at, LogEntry entry) {
        lock.lock();
        try {
            for (Command command : entry.commands()) {
                apply(at, entry.decidedAtMillis(), command);
            }
        } finally {
            lock.unlock();
        }
    }

    private void apply(LogPosition at, long decidedAtMillis, Command command) {
        switch (command) {
            case Command.EpochStarted c -> epoch = c.epoch();
            case Command.BatchAppended c -> append(at, decidedAtMillis, c);
            case Command.RetryNoted c -> retries.note(c, decidedAtMillis);
            case Command.SegmentsStored c -> store(c, decidedAtMillis);
            case Command.LogStartMoved c -> moveLogStart(c, decidedAtMillis);
            case Command.TopicRemoved c -> remove(c, decidedAtMillis);
            case Command.ObjectsDeleted c -> {
                for (ObjectId object : c.objects()) {
                    objects.deleted(object);
                    receipts.deleted(object.key(), decidedAtMillis);
                }
            }
            case Command.OrphansFound c -> {
                Map<String, Long> sizes = new TreeMap<>();
                c.orphans().forEach(orphan -> sizes.put(orphan.key(), orphan.sizeBytes()));
                receipts.left(Why.ORPHANED, sizes, decidedAtMillis);
            }
            case Command.OrphansDeleted c ->
                    c.keys().forEach(key -> receipts.deleted(key, decidedAtMillis));
        }
    }

    private void append(LogPosition at, long decidedAtMillis, Command.BatchAppended command) {
        BatchHeader header = BatchHeader.parse(command.batch());
        PartitionState partition =
                partitions.computeIfAbsent(command.partition(), id -> new PartitionState());
        if (header.baseOffset() != partition.nextOffset()) {
            throw new IllegalStateException(
                    String.format(
                            java.util.Locale.ROOT,
                            "batch at offset %d of partition %s, which continues at %d, log entry"
                                    + " %s",
                            header.baseOffset(),
                            command.partition(),
                            partition.nextOffset(),
                            at));
        }
        int length = command.batch().remaining();
        pending.appending(command.partition(), partition, decidedAtMillis);
        partition.append(
                new BatchRef(
                        header.baseOffset(),
                        header.lastOffset() + 1,
                        at,
                        command.position(),
                        length,
                        header.maxTimestamp()),
                decidedAtMillis);
        loggedBytes += length;
        withLogged.add(command.partition());
    }

    private void store(Command.SegmentsStored command, long atMillis) {
        long storedBytes = 0;
        String key = command.object().key();
        Map<String, Long> replaced = new TreeMap<>();
        for (SegmentInfo info : command.segments()) {
            storedBytes += info.lengthBytes();
        }
        ObjectUses.Use use = new ObjectUses.Use(command.objectBytes(), storedBytes);
        for (SegmentInfo info : command.segments()) {
            PartitionState partition = partitions.get(info.partition());
            if (partition == null || info.startOffset() < partition.logStart()) {
                receipts.heldBy(info.partition(), info.startOffset(), key);
            }
            if (partition == null || info.endOffset() <= partition.logStart()) {
                TopicId topic = info.partition().topic();
                use.dead(topic, removedTopics.containsKey(topic));
                continue;
            }
            use.add(info);
            StoredSegment segment =
                    new StoredSegment(command.object(), command.objectBytes(), info);
            loggedBytes -=
                    partition.store(
                            segment,
                            old -> {
                                if (release(old, false)) {
                                    replaced.put(old.object().key(), old.objectBytes());
                                }
                            });
            objects.hold(segment);
            settle(info.partition(), partition);
        }
        objects.add(command.object(), use);
        pending.localCopies.changed(command.object());
        receipts.left(Why.REWRITTEN, replaced, atMillis);
    }

    private boolean release(StoredSegment segment, boolean removed) {
        pending.localCopies.changed(segment.object());
        return objects.release(segment, removed);
    }

    private void moveLogStart(Command.LogStartMoved command, long atMillis) {
        PartitionState partition = partitions.get(command.partition());
        if (partition == null) {
            return;
        }
        long before = partition.logStart();
        List<StoredSegment> leaving = new ArrayList<>();
        long bytes = partition.moveLogStart(command.offset(), leaving::add);
        leaving.forEach(segment -> release(segment, false));
        partition.startsWithin().ifPresent(leaving::add);
        loggedBytes -= bytes;
        pending.expired(bytes, atMillis);
        if (partition.logStart() > before) {
            Records records = new Records(command.partition(), before, partition.logStart());
            receipts.left(command.why(), new Receipts.Leaving(records, leaving, bytes), atMillis);
        }
        settle(command.partition(), partition);
    }

    private void remove(Command.TopicRemoved command, long atMillis) {
        removedTopics.values().removeIf(at -> atMillis - at > REMEMBER_REMOVED_MILLIS);
        removedTopics.put(command.topic(), atMillis);
        objects.removed(command.topic());
        List<PartitionId> gone =
                partitions.keySet().stream()
                        .filter(id -> id.topic().equals(command.topic()))
                        .sorted()
                        .toList();
        for (PartitionId id : gone) {
            PartitionState partition = partitions.remove(id);
            long bytes = partition.logged().stream().mapToLong(BatchRef::length).sum();
            loggedBytes -= bytes;
            partition.segments().forEach(segment -> release(segment, true));
            receipts.left(
                    command.why(),
                    new Receipts.Leaving(
                            new Records(id, partition.logStart(), partition.nextOffset()),
                            partition.segments(),
                            bytes),
                    atMillis);
            withLogged.remove(id);
            pending.removed(id);
        }
    }

    /** No batch of the log is read any more. */
    void noneLogged() {
        loggedBytes = 0;
    }

    private void settle(PartitionId id, PartitionState partition) {
        if (partition.logged().isEmpty()) {
            withLogged.remove(id);
        }
    }

    /** Readers may have what lies below the ends, and nothing below the starts. */
    public void durable(Collection<PartitionEnd> ends, Collection<Command.LogStartMoved> starts) {
        lock.lock();
        try {
            for (PartitionEnd end : ends) {
                PartitionState partition = partitions.get(end.partition());
                if (partition != null) {
                    partition.durableTo(end.endOffset());
                }
            }
            for (Command.LogStartMoved start : starts) {
                PartitionState partition = partitions.get(start.partition());
                if (partition != null) {
                    partition.startDurableAt(start.offset());
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Readers may have everything: after recovery, which replays nothing but durable entries. */
    public void allDurable() {
        lock.lock();
        try {
            for (PartitionState partition : partitions.values()) {
                partition.durableTo(partition.nextOffset());
                partition.startDurableAt(partition.logStart());
            }
        } finally {
            lock.unlock();
        }
    }

    /** The offset the partition's next record gets. */
    public long nextOffset(PartitionId id) {
        lock.lock();
        try {
            PartitionState partition = partitions.get(id);
            return partition == null ? 0 : partition.nextOffset();
        } finally {
            lock.unlock();
        }
    }

    public boolean removed(TopicId topic) {
        lock.lock();
        try {
            return removedTopics.containsKey(topic);
        } finally {
            lock.unlock();
        }
    }

    public long epoch() {
        return epoch;
    }

    /** Bytes of batches that are in the log only. */
    public long loggedBytes() {
        lock.lock();
        try {
            return loggedBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Looks up a tagged request's key. */
    public EarlierTry earlierTry(AppendRequest request, long nowMillis) {
        lock.lock();
        try {
            return retries.find(request, nowMillis);
        } finally {
            lock.unlock();
        }
    }

    /** How many live Idempotency-Keys the tenant has. */
    public int retryKeys(io.tributary.kernel.id.TenantId tenant) {
        lock.lock();
        try {
            return retries.count(tenant);
        } finally {
            lock.unlock();
        }
    }

    /**
     * The whole state, as {@link #load} reads it.
     *
     * @param replayFrom the first entry of the log that it does not cover
     */
    public ByteBuffer snapshot(LogPosition replayFrom) {
        lock.lock();
        try {
            return Snapshot.write(replayFrom, content());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes over a snapshot; only for a state that has seen nothing yet.
     *
     * @return the first entry of the log that the snapshot does not cover
     * @throws io.tributary.kernel.bytes.MalformedBytesException the snapshot is damaged
     */
    public LogPosition load(ByteBuffer snapshot) {
        lock.lock();
        try {
            Snapshot.Header header = Snapshot.read(snapshot, content());
            epoch = header.epoch();
            partitions.forEach(
                    (id, partition) -> {
                        for (BatchRef batch : partition.logged()) {
                            loggedBytes += batch.length();
                        }
                        if (!partition.logged().isEmpty()) {
                            withLogged.add(id);
                        }
                        pending.loaded(id, partition);
                    });
            return header.replayFrom();
        } finally {
            lock.unlock();
        }
    }

    private Snapshot.Content content() {
        return new Snapshot.Content(epoch, partitions, objects, retries, removedTopics, receipts);
    }
}
