package io.tributary.storage.state;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.object.ObjectId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Mends a state whose log, or some of whose objects, are lost, before it becomes a shard again. The
 * only changes of a state that no log entry stands for: what follows from them begins with a
 * snapshot of it. Thread-safe; no call blocks on I/O.
 */
public final class Salvage {
    /** A mended state is not in use yet: no time passes. */
    private static final long NOW = 0;

    private final ShardState state;

    public Salvage(ShardState state) {
        this.state = state;
    }

    /**
     * What the state has of a partition.
     *
     * @param segments in objects, in their order
     * @param logged in the log, in their order
     */
    public record Contents(
            PartitionId partition,
            long logStart,
            long nextOffset,
            List<StoredSegment> segments,
            List<BatchRef> logged) {}

    /** Every partition, in order. */
    public List<Contents> partitions() {
        state.lock.lock();
        try {
            List<Contents> all = new ArrayList<>(state.partitions.count());
            state.partitions.all().forEach((id, partition) -> all.add(contents(id, partition)));
            return all;
        } finally {
            state.lock.unlock();
        }
    }

    /** A partition; empty from offset 0 where nobody wrote to it. */
    public Contents partition(PartitionId id) {
        state.lock.lock();
        try {
            return contents(
                    id,
                    state.partitions.find(id).orElseGet(() -> PartitionState.empty(state.objects)));
        } finally {
            state.lock.unlock();
        }
    }

    private static Contents contents(PartitionId id, PartitionState partition) {
        return new Contents(
                id,
                partition.logStart(),
                partition.nextOffset(),
                List.copyOf(partition.segments()),
                List.copyOf(partition.logged()));
    }

    /** Topics that are known to be removed. */
    public Set<TopicId> removedTopics() {
        state.lock.lock();
        try {
            return Set.copyOf(state.removedTopics.keySet());
        } finally {
            state.lock.unlock();
        }
    }

    /** Makes the partition where it is missing; its records continue at the offset at least. */
    public void skipTo(PartitionId id, long offset) {
        state.lock.lock();
        try {
            state.partitions.changeOrMake(id, NOW).skipTo(offset);
        } finally {
            state.lock.unlock();
        }
    }

    /** The partition's records begin at the offset; what lies below it is not read any more. */
    public void startAt(PartitionId id, long offset) {
        state.lock.lock();
        try {
            state.partitions
                    .change(id, NOW)
                    .orElseThrow()
                    .moveLogStart(offset, segment -> state.objects.release(segment, false));
        } finally {
            state.lock.unlock();
        }
    }

    /** The partition is compacted from its start: what came back of it may be older than that. */
    public void compactAnew(PartitionId id) {
        state.lock.lock();
        try {
            state.partitions
                    .change(id, NOW)
                    .ifPresent(found -> found.cleaned(PartitionState.Cleaned.NOTHING));
        } finally {
            state.lock.unlock();
        }
    }

    /** Forgets objects that are not in the store, and the segments they had. */
    public void objectsLost(Set<ObjectId> objects) {
        state.lock.lock();
        try {
            List<PartitionId> holders = new ArrayList<>();
            state.partitions
                    .all()
                    .forEach(
                            (id, partition) -> {
                                if (partition.segments().anyIn(objects)) {
                                    holders.add(id);
                                }
                            });
            for (PartitionId id : holders) {
                state.partitions.change(id, NOW).orElseThrow().forget(objects);
            }
            objects.forEach(state.objects::lost);
        } finally {
            state.lock.unlock();
        }
    }

    /** Forgets what lies in the log only. */
    public void logLost() {
        state.lock.lock();
        try {
            for (PartitionId id : List.copyOf(state.partitions.logged())) {
                PartitionState partition = state.partitions.change(id, NOW).orElseThrow();
                partition.forgetLogged();
                state.partitions.changed(id, partition, NOW);
            }
            state.noneLogged();
        } finally {
            state.lock.unlock();
        }
    }

    /** Retries of what was appended to the partition at or beyond the offset append it again. */
    public void retriesLost(PartitionId id, long offset) {
        state.lock.lock();
        try {
            state.retries.cut(id, offset);
            state.partitions.change(id, NOW).ifPresent(found -> found.cutProducers(offset));
        } finally {
            state.lock.unlock();
        }
    }
}
