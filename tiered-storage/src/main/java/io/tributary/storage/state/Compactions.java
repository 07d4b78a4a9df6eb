package io.tributary.storage.state;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.PartitionSettings.Compaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Answers which partitions there are to compact, by Kafka's rules, and how far. What is in the log
 * only is what Kafka's active segment is: nothing of it is compacted. Thread-safe; no call blocks
 * on I/O.
 */
public final class Compactions {
    private final ShardState state;

    public Compactions(ShardState state) {
        this.state = state;
    }

    /**
     * What of a partition is to be compacted.
     *
     * @param logStart records below it are gone
     * @param cleanTo below this offset every key has one record
     * @param segments from the first on, without those that are too young
     */
    public record Candidate(
            PartitionId partition, long logStart, long cleanTo, List<StoredSegment> segments) {
        /** What they take. */
        public long bytes() {
            return segments.stream().mapToLong(segment -> segment.info().lengthBytes()).sum();
        }
    }

    /** Looks at a partition then, or sooner where it was to be looked at anyhow. */
    public void lookAt(PartitionId id, long atMillis) {
        state.lock.lock();
        try {
            state.pending.compaction.atLatest(id, atMillis);
        } finally {
            state.lock.unlock();
        }
    }

    /**
     * Partitions to be looked at now; each is due again at {@code retryMillis} unless {@link #look}
     * or {@link #forget} say otherwise.
     */
    public List<PartitionId> due(long nowMillis, long retryMillis, int limit) {
        state.lock.lock();
        try {
            List<PartitionId> due = state.pending.compaction.take(nowMillis, limit);
            due.forEach(id -> state.pending.compaction.at(id, retryMillis));
            return due;
        } finally {
            state.lock.unlock();
        }
    }

    /** The partition is not compacted any more. */
    public void forget(PartitionId id) {
        state.lock.lock();
        try {
            state.pending.compaction.forget(id);
        } finally {
            state.lock.unlock();
        }
    }

    /** Looks whether a partition is to be compacted now, and if not, when to look again. */
    public Optional<Candidate> look(PartitionId id, Compaction settings, long nowMillis) {
        state.lock.lock();
        try {
            Optional<PartitionState> found = state.partitions.find(id);
            if (found.isEmpty()) {
                state.pending.compaction.forget(id);
                return Optional.empty();
            }
            Look look = new Look(found.get(), settings, nowMillis);
            if (look.due()) {
                return Optional.of(
                        new Candidate(
                                id,
                                found.get().logStart(),
                                found.get().cleaned().to(),
                                look.segments));
            }
            if (look.nextMillis == Long.MAX_VALUE) {
                state.pending.compaction.forget(id);
            } else {
                state.pending.compaction.at(id, look.nextMillis);
            }
            return Optional.empty();
        } finally {
            state.lock.unlock();
        }
    }

    /** A partition's segments, clean ones first, to the first that is too young. */
    private static final class Look {
        private final Compaction settings;
        private final long nowMillis;
        private final long horizonMillis;
        private final List<StoredSegment> segments = new ArrayList<>();
        private long cleanBytes;
        private long dirtyBytes;
        private long lagEndsMillis = Long.MAX_VALUE;
        private long nextMillis = Long.MAX_VALUE;

        private Look(PartitionState partition, Compaction settings, long nowMillis) {
            this.settings = settings;
            this.nowMillis = nowMillis;
            horizonMillis = partition.cleaned().horizonMillis();
            for (StoredSegment segment : partition.segments()) {
                boolean clean = segment.info().endOffset() <= partition.cleaned().to();
                long old = Retention.olderAt(segment.info().maxTimestamp(), settings.minLag());
                if (!clean && !settings.minLag().isZero() && old > nowMillis) {
                    nextMillis = old;
                    break;
                }
                segments.add(segment);
                if (clean) {
                    cleanBytes += segment.info().lengthBytes();
                } else {
                    lagEnds(segment);
                    dirtyBytes += segment.info().lengthBytes();
                }
            }
            nextMillis = Math.min(nextMillis, lagEndsMillis);
            if (cleanBytes > 0) {
                nextMillis = Math.min(nextMillis, horizonMillis);
            }
        }

        private void lagEnds(StoredSegment segment) {
            if (dirtyBytes == 0 && settings.maxLag().isPresent()) {
                lagEndsMillis =
                        Retention.olderAt(segment.info().maxTimestamp(), settings.maxLag().get());
            }
        }

        private boolean due() {
            boolean dirty = dirtyBytes > settings.minDirtyRatio() * (cleanBytes + dirtyBytes);
            boolean late = dirtyBytes > 0 && nowMillis >= lagEndsMillis;
            boolean tombstones = cleanBytes > 0 && nowMillis >= horizonMillis;
            return dirty || late || tombstones;
        }
    }
}
