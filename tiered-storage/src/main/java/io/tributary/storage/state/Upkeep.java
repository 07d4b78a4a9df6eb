package io.tributary.storage.state;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.Receipt;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.object.ObjectId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Answers what there is to tier, to rewrite and to delete, and what was. Thread-safe; no call
 * blocks on I/O.
 */
public final class Upkeep {
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
            PartitionId partition, List<BatchRef> batches, long bytes, long sinceMillis) {
        private static Optional<Logged> of(
                PartitionId partition, List<BatchRef> batches, long sinceMillis) {
            return batches.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                            new Logged(
                                    partition,
                                    batches,
                                    batches.stream().mapToLong(BatchRef::length).sum(),
                                    sinceMillis));
        }

        /** Those that reach beyond an offset; empty when none does. */
        public Optional<Logged> from(long offset) {
            return of(
                    partition,
                    batches.stream().filter(batch -> batch.endOffset() > offset).toList(),
                    sinceMillis);
        }
    }

    /** All partitions with durable batches in the log, in their order. */
    public List<Logged> logged() {
        state.lock.lock();
        try {
            List<Logged> found = new ArrayList<>();
            for (PartitionId id : state.partitions.logged()) {
                PartitionState partition = state.partitions.find(id).orElseThrow();
                long durable = partition.offsets().highWatermark();
                List<BatchRef> batches =
                        partition.logged().stream()
                                .filter(batch -> batch.endOffset() <= durable)
                                .toList();
                Logged.of(id, batches, partition.loggedSinceMillis()).ifPresent(found::add);
            }
            found.sort(java.util.Comparator.comparing(Logged::partition));
            return found;
        } finally {
            state.lock.unlock();
        }
    }

    /** The oldest log entry that holds a batch still read from there. */
    public Optional<LogPosition> oldestLogged() {
        state.lock.lock();
        try {
            return state.partitions.logged().stream()
                    .flatMap(id -> state.partitions.find(id).stream())
                    .flatMap(partition -> partition.oldestLogged().stream())
                    .min(java.util.Comparator.naturalOrder());
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

    /** Objects that hold records of removed topics, or mostly what nobody reads. */
    public List<ObjectId> rewritable() {
        state.lock.lock();
        try {
            return List.copyOf(state.objects.rewritable());
        } finally {
            state.lock.unlock();
        }
    }

    /** Objects made before a time that hold segments nobody reads any more. */
    public List<ObjectId> holdingExpired(long madeBeforeMillis) {
        state.lock.lock();
        try {
            return state.objects.used().entrySet().stream()
                    .filter(entry -> entry.getValue().holdsUnread())
                    .map(Map.Entry::getKey)
                    .filter(object -> object.madeAtMillis() < madeBeforeMillis)
                    .toList();
        } finally {
            state.lock.unlock();
        }
    }

    /** Keys of orphans that were found and are still to be deleted. */
    public List<String> orphans() {
        state.lock.lock();
        try {
            return state.receipts.orphans();
        } finally {
            state.lock.unlock();
        }
    }

    /** Receipts changed at or after a time, in no order. */
    public List<Receipt> receipts(ShardId shard, long sinceMillis, Optional<TopicId> topic) {
        state.lock.lock();
        try {
            return state.receipts.find(shard, sinceMillis, topic);
        } finally {
            state.lock.unlock();
        }
    }

    /**
     * Every key the state knows.
     *
     * @param live sizes by key of objects that are read
     * @param garbage keys of what is going to be deleted
     */
    public record Known(Map<String, Long> live, Set<String> garbage) {}

    public Known known() {
        Map<ObjectId, Long> used = new HashMap<>();
        List<ObjectId> unused;
        Set<String> garbage;
        state.lock.lock();
        try {
            state.objects.used().forEach((id, use) -> used.put(id, use.objectBytes()));
            unused = List.copyOf(state.objects.garbage());
            garbage = new TreeSet<>(state.receipts.orphans());
        } finally {
            state.lock.unlock();
        }
        Map<String, Long> live = new TreeMap<>();
        used.forEach((id, bytes) -> live.put(id.key(), bytes));
        unused.forEach(id -> garbage.add(id.key()));
        return new Known(live, garbage);
    }

    /** How much there is. */
    public record Counts(int partitions, int objects, long objectBytes, int garbage) {}

    public Counts counts() {
        state.lock.lock();
        try {
            return new Counts(
                    state.partitions.count(),
                    state.objects.used().size(),
                    state.objects.usedBytes(),
                    state.objects.garbage().size());
        } finally {
            state.lock.unlock();
        }
    }
}
