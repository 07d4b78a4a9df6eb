package io.tributary.storage.state;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.log.Command;
import io.tributary.storage.log.LogEntry;
import io.tributary.storage.log.LogPosition;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Everything a shard knows, in memory: a function of its snapshot and the log after it. {@link
 * #replay} is the only way it changes, when an entry is decided as in recovery; only how far the
 * log is durable comes from outside. Thread-safe; no call blocks on I/O.
 */
public final class ShardState {
    private static final int FROZEN_AT_ONCE = 1_000;

    final ReentrantLock lock = new ReentrantLock();
    final ObjectUses objects = new ObjectUses();
    final PendingWork pending = new PendingWork(objects);
    final Partitions partitions = new Partitions(objects, pending);
    final Receipts receipts = new Receipts();
    final RetryKeys retries;
    final Map<TopicId, Long> removedTopics = new LinkedHashMap<>();
    private final long producerMillis;
    private final Changes changes;

    /**
     * Begins empty.
     *
     * @param producerExpiration how long a partition knows an idempotent producer that is silent
     */
    public ShardState(Duration retryWindow, Duration producerExpiration) {
        retries = new RetryKeys(retryWindow);
        producerMillis = producerExpiration.toMillis();
        changes = new Changes(this, producerMillis);
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
            changes.apply(at, entry);
        } finally {
            lock.unlock();
        }
    }

    /** No batch of the log is read any more. */
    void noneLogged() {
        changes.loggedBytes = 0;
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
        return changes.epoch;
    }

    /** Bytes of batches that are in the log only. */
    public long loggedBytes() {
        lock.lock();
        try {
            return changes.loggedBytes;
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
            changes.epoch = header.epoch();
            for (PartitionState partition : partitions.thawed()) {
                for (BatchRef batch : partition.logged()) {
                    changes.loggedBytes += batch.length();
                }
            }
            return header.replayFrom();
        } finally {
            lock.unlock();
        }
    }

    private Snapshot.Content content() {
        return new Snapshot.Content(
                changes.epoch, partitions, objects, retries, removedTopics, receipts);
    }
}
