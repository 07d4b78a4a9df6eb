package io.tributary.storage.state;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.object.ObjectId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Answers what there is to tier, to expire, to rewrite and to delete. Thread-safe; no call blocks
 * on I/O.
 */
public final class Upkeep {
    /** An object gives way to a smaller one when less than this part of it is still read. */
    private static final double REWRITE_BELOW = 0.5;

    private final ShardState state;

    public Upkeep(ShardState state) {
        this.state = state;
    }

    /**
     * A partition's durable batches in the log.
     *
     * @param sinceMillis when the oldest was decided
     */
    public record Logged(
            PartitionId partition, List<BatchRef> batches, long bytes, long sinceMillis) {}

    /** All partitions with durable batches in the log, in their order. */
    public List<Logged> logged() {
        state.lock.lock();
        try {
            List<Logged> found = new ArrayList<>();
            for (PartitionId id : state.withLogged) {
                PartitionState partition = state.partitions.get(id);
                long durable = partition.offsets().highWatermark();
                List<BatchRef> batches =
                        partition.logged().stream()
                                .filter(batch -> batch.endOffset() <= durable)
                                .toList();
                if (!batches.isEmpty()) {
                    long bytes = batches.stream().mapToLong(BatchRef::length).sum();
                    found.add(new Logged(id, batches, bytes, partition.loggedSinceMillis()));
                }
            }
            found.sort(java.util.Comparator.comparing(Logged::partition));
            return found;
        } finally {
            state.lock.unlock();
        }
    }

    /** A partition's bytes in the log and since when, without the batches themselves. */
    public record LoggedSince(PartitionId partition, long sinceMillis) {}

    public List<LoggedSince> loggedSince() {
        state.lock.lock();
        try {
            return state.withLogged.stream()
                    .map(id -> new LoggedSince(id, state.partitions.get(id).loggedSinceMillis()))
                    .toList();
        } finally {
            state.lock.unlock();
        }
    }

    /** The oldest log entry that holds a batch still read from there. */
    public Optional<LogPosition> oldestLogged() {
        state.lock.lock();
        try {
            return state.withLogged.stream()
                    .flatMap(id -> state.partitions.get(id).oldestLogged().stream())
                    .min(java.util.Comparator.naturalOrder());
        } finally {
            state.lock.unlock();
        }
    }

    /** Partitions whose retention should be looked at now. */
    public List<PartitionId> retentionDue(long nowMillis) {
        state.lock.lock();
        try {
            List<PartitionId> due = new ArrayList<>();
            state.partitions.forEach(
                    (id, partition) -> {
                        if (!partition.isEmpty()
                                && partition.retentionIdleUntilMillis <= nowMillis) {
                            due.add(id);
                        }
                    });
            return due;
        } finally {
            state.lock.unlock();
        }
    }

    /**
     * Where retention puts the partition's log start, by Kafka's rules: a segment goes when its
     * largest timestamp is past, or when what follows it is enough; batches in the log go one by
     * one.
     *
     * @param recheckMillis look again no later than then, should the settings change
     * @return empty when nothing is to go
     */
    public OptionalLong retainedFrom(
            PartitionId id, PartitionSettings settings, long nowMillis, long recheckMillis) {
        state.lock.lock();
        try {
            PartitionState partition = state.partitions.get(id);
            if (partition == null || !settings.deleteExpired()) {
                return OptionalLong.empty();
            }
            Retention walk = new Retention(partition, settings, nowMillis);
            partition.retentionIdleUntilMillis = Math.min(walk.nextExpiryMillis(), recheckMillis);
            return walk.start() > partition.logStart()
                    ? OptionalLong.of(walk.start())
                    : OptionalLong.empty();
        } finally {
            state.lock.unlock();
        }
    }

    /** Looks at a partition's retention no sooner than then. */
    public void retentionIdle(PartitionId id, long untilMillis) {
        state.lock.lock();
        try {
            PartitionState partition = state.partitions.get(id);
            if (partition != null) {
                partition.retentionIdleUntilMillis = untilMillis;
            }
        } finally {
            state.lock.unlock();
        }
    }

    /** Objects in the store that nothing reads any more. */
    public List<ObjectId> garbage() {
        state.lock.lock();
        try {
            return List.copyOf(state.objects.garbage());
        } finally {
            state.lock.unlock();
        }
    }

    /** An object that should give way to one with only these segments. */
    public record Rewritable(ObjectId object, List<StoredSegment> live) {}

    /** Objects that hold records of removed topics, or mostly what nobody reads. */
    public List<Rewritable> rewritable() {
        state.lock.lock();
        try {
            Map<ObjectId, List<StoredSegment>> live = new HashMap<>();
            state.objects
                    .used()
                    .forEach(
                            (id, use) -> {
                                if (use.mustRewrite()
                                        || use.liveBytes() < use.storedBytes() * REWRITE_BELOW) {
                                    live.put(id, new ArrayList<>());
                                }
                            });
            if (live.isEmpty()) {
                return List.of();
            }
            for (PartitionState partition : state.partitions.values()) {
                for (StoredSegment segment : partition.segments()) {
                    List<StoredSegment> of = live.get(segment.object());
                    if (of != null) {
                        of.add(segment);
                    }
                }
            }
            return live.entrySet().stream()
                    .map(entry -> new Rewritable(entry.getKey(), entry.getValue()))
                    .toList();
        } finally {
            state.lock.unlock();
        }
    }

    /** Whether readers still get these offsets from this object. */
    public boolean reads(StoredSegment segment) {
        state.lock.lock();
        try {
            PartitionState partition = state.partitions.get(segment.info().partition());
            return partition != null && partition.holds(segment.object(), segment.info());
        } finally {
            state.lock.unlock();
        }
    }

    /** The sizes of all objects the state knows, read or garbage (size 0). */
    public Map<ObjectId, Long> known() {
        state.lock.lock();
        try {
            Map<ObjectId, Long> sizes = new HashMap<>();
            state.objects.used().forEach((id, use) -> sizes.put(id, use.objectBytes()));
            state.objects.garbage().forEach(id -> sizes.put(id, 0L));
            return sizes;
        } finally {
            state.lock.unlock();
        }
    }

    /** How much there is. */
    public record Counts(int partitions, int objects, long objectBytes, int garbage) {}

    public Counts counts() {
        state.lock.lock();
        try {
            long bytes = 0;
            for (ObjectUses.Use use : state.objects.used().values()) {
                bytes += use.objectBytes();
            }
            return new Counts(
                    state.partitions.size(),
                    state.objects.used().size(),
                    bytes,
                    state.objects.garbage().size());
        } finally {
            state.lock.unlock();
        }
    }
}
