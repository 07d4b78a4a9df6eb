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
import io.tributary.storage.segment.ProducerStamp;
import io.tributary.storage.segment.SegmentInfo;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Everything a shard knows, in memory: a function of its snapshot and the log after it. {@link
 * #replay} is the only way it changes, when an entry is decided as in recovery; only how far the
 * log is durable comes from outside. Thread-safe; no call blocks on I/O.
 */
public final class ShardState {
    /** How long a removed topic's late appends are recognised. */
    private static final long REMEMBER_REMOVED_MILLIS = Duration.ofHours(1).toMillis();

    private static final int FROZEN_AT_ONCE = 1_000;

    final ReentrantLock lock = new ReentrantLock();
    final ObjectUses objects = new ObjectUses();
    final PendingWork pending = new PendingWork(objects);
    final Partitions partitions = new Partitions(objects, pending);
    final Receipts receipts = new Receipts();
    final RetryKeys retries;
    final Map<TopicId, Long> removedTopics = new LinkedHashMap<>();
    private final long producerMillis;
    private long epoch;
    private long loggedBytes;

    /**
     * Begins empty.
     *
     * @param producerExpiration how long a partition knows an idempotent producer that is silent
     */
    public ShardState(Duration retryWindow, Duration producerExpiration) {
        retries = new RetryKeys(retryWindow);
        producerMillis = producerExpiration.toMillis();
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
        PartitionState partition = partitions.changeOrMake(command.partition(), decidedAtMillis);
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
        ProducerStamp.of(command.batch())
                .ifPresent(
                        stamp ->
                                partition.produced(
                                        stamp,
                                        header,
                                        decidedAtMillis,
                                        decidedAtMillis - producerMillis));
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
        partitions.changed(command.partition(), partition, decidedAtMillis);
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
            Optional<PartitionState> known = partitions.change(info.partition(), atMillis);
            long start = known.map(PartitionState::logStart).orElse(Long.MAX_VALUE);
            if (info.startOffset() < start) {
                receipts.heldBy(info.partition(), info.startOffset(), key);
            }
            if (info.endOffset() <= start) {
                TopicId topic = info.partition().topic();
                use.dead(topic, removedTopics.containsKey(topic));
                continue;
            }
            PartitionState partition = known.orElseThrow();
            use.add(info.partition(), info.lengthBytes());
            loggedBytes -=
                    partition.store(
                            new StoredSegment(command.object(), command.objectBytes(), info),
                            old -> {
                                if (release(old, false)) {
                                    replaced.put(old.object().key(), old.objectBytes());
                                }
                            });
            pending.localCopies.stored(command.object(), use, info);
            partition.forgetSilentProducers(atMillis - producerMillis);
            partitions.changed(info.partition(), partition, atMillis);
        }
        objects.add(command.object(), use);
        receipts.left(Why.REWRITTEN, replaced, atMillis);
    }

    private boolean release(StoredSegment segment, boolean removed) {
        pending.localCopies.leaving(segment);
        return objects.release(segment, removed);
    }

    private void moveLogStart(Command.LogStartMoved command, long atMillis) {
        partitions
                .change(command.partition(), atMillis)
                .ifPresent(partition -> moveLogStart(partition, command, atMillis));
    }

    private void moveLogStart(
            PartitionState partition, Command.LogStartMoved command, long atMillis) {
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
        partition.forgetSilentProducers(atMillis - producerMillis);
        partitions.changed(command.partition(), partition, atMillis);
    }

    private void remove(Command.TopicRemoved command, long atMillis) {
        removedTopics.values().removeIf(at -> atMillis - at > REMEMBER_REMOVED_MILLIS);
        removedTopics.put(command.topic(), atMillis);
        objects.removed(command.topic());
        for (PartitionId id : partitions.of(command.topic())) {
            PartitionState partition = partitions.change(id, atMillis).orElseThrow();
            long bytes = partition.logged().stream().mapToLong(BatchRef::length).sum();
            loggedBytes -= bytes;
            List<StoredSegment> segments = List.copyOf(partition.segments());
            segments.forEach(segment -> release(segment, true));
            receipts.left(
                    command.why(),
                    new Receipts.Leaving(
                            new Records(id, partition.logStart(), partition.nextOffset()),
                            segments,
                            bytes),
                    atMillis);
            partitions.remove(id);
        }
    }

    /** No batch of the log is read any more. */
    void noneLogged() {
        loggedBytes = 0;
    }

    /** Readers may have what lies below the ends, and nothing below the starts. */
    public void durable(Collection<PartitionEnd> ends, Collection<Command.LogStartMoved> starts) {
        lock.lock();
        try {
            for (PartitionEnd end : ends) {
                partitions
                        .thawed(end.partition())
                        .ifPresent(partition -> partition.durableTo(end.endOffset()));
            }
            for (Command.LogStartMoved start : starts) {
                partitions
                        .thawed(start.partition())
                        .ifPresent(partition -> partition.startDurableAt(start.offset()));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Readers may have everything: after recovery, which replays nothing but durable entries. */
    public void allDurable() {
        lock.lock();
        try {
            for (PartitionState partition : partitions.thawed()) {
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
            return partitions.find(id).map(PartitionState::nextOffset).orElse(0L);
        } finally {
            lock.unlock();
        }
    }

    /** Where the partition's records begin for readers. */
    public long logStart(PartitionId id) {
        lock.lock();
        try {
            return partitions.find(id).map(found -> found.offsets().logStart()).orElse(0L);
        } finally {
            lock.unlock();
        }
    }

    /** What the partition knows of an idempotent producer. */
    public Optional<Producer> producer(PartitionId id, long producerId, long nowMillis) {
        lock.lock();
        try {
            return partitions
                    .find(id)
                    .flatMap(found -> found.producer(producerId, nowMillis - producerMillis));
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

    /** Whether a live tag has this key. */
    public boolean remembers(UUID retryKey, long nowMillis) {
        lock.lock();
        try {
            return retries.live(retryKey, nowMillis);
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
     * The whole state at this moment.
     *
     * @param replayFrom the first entry of the log that it does not cover
     */
    public Snapshot snapshot(LogPosition replayFrom) {
        lock.lock();
        try {
            return Snapshot.take(replayFrom, content());
        } finally {
            lock.unlock();
        }
    }

    /** Lets go of partitions that have not changed for a while, a bounded number at a time. */
    public void freezeIdle(long nowMillis) {
        lock.lock();
        try {
            partitions.freezeIdle(nowMillis, FROZEN_AT_ONCE);
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
            for (PartitionState partition : partitions.thawed()) {
                for (BatchRef batch : partition.logged()) {
                    loggedBytes += batch.length();
                }
            }
            return header.replayFrom();
        } finally {
            lock.unlock();
        }
    }

    private Snapshot.Content content() {
        return new Snapshot.Content(epoch, partitions, objects, retries, removedTopics, receipts);
    }
}
