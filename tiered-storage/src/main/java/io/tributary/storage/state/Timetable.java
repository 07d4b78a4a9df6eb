package io.tributary.storage.state;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.state.Retention.Late;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Answers which partitions the background work has to look at now, and what it finds there; what is
 * not due costs nothing. Thread-safe; no call blocks on I/O.
 */
public final class Timetable {
    /** A partition is looked at this often though nothing calls for it. */
    private static final long SWEEP_MILLIS = Duration.ofHours(1).toMillis();

    /** Nothing of a frozen one changes but the time. */
    private static final long FROZEN_SWEEP_MILLIS = Duration.ofDays(1).toMillis();

    private final ShardState state;

    public Timetable(ShardState state) {
        this.state = state;
    }

    /**
     * Partitions whose retention is to be looked at now; each is due again at {@code retryMillis}
     * unless {@link #look} says otherwise.
     */
    public List<PartitionId> retentionDue(long nowMillis, long retryMillis, int limit) {
        state.lock.lock();
        try {
            return state.partitions.due(nowMillis, retryMillis, limit);
        } finally {
            state.lock.unlock();
        }
    }

    /**
     * Looks at a partition's retention: where its log start is to be moved, and when to look again.
     *
     * @return empty when nothing is to go
     */
    public OptionalLong look(PartitionId id, PartitionSettings settings, long nowMillis) {
        state.lock.lock();
        try {
            PendingWork pending = state.pending;
            Optional<PartitionState> found = state.partitions.find(id);
            if (found.filter(partition -> !partition.isEmpty()).isEmpty()) {
                state.partitions.lookAt(id, FrozenPartitions.NEVER);
                return OptionalLong.empty();
            }
            if (settings.compaction().isPresent()) {
                pending.compaction.atLatest(id, nowMillis);
            }
            PartitionState partition = found.get();
            boolean frozen = state.partitions.thawed(id).isEmpty();
            long next = nowMillis + (frozen ? FROZEN_SWEEP_MILLIS : SWEEP_MILLIS);
            Retention.Bounds bounds = Retention.Bounds.of(settings);
            Optional<Late> late = pending.late(id, nowMillis);
            Retention kept = Retention.of(partition, bounds, late, nowMillis);
            next = Math.min(next, kept.nextExpiryMillis());
            next = Math.min(next, late.map(Late::untilMillis).orElse(next));
            Retention.Bounds localBounds = Retention.Bounds.ofLocal(settings);
            if (localBounds.none()) {
                pending.localCopies.wantAll(id, partition);
            } else {
                Retention local = Retention.ofLocal(partition, localBounds, nowMillis);
                pending.localCopies.startAt(id, partition, local.start());
                next = Math.min(next, local.nextExpiryMillis());
            }
            if (!frozen && (bounds.bytes().isPresent() || localBounds.bytes().isPresent())) {
                pending.sizeWatched.add(id);
            } else {
                pending.sizeWatched.remove(id);
            }
            state.partitions.lookAt(id, Math.max(next, nowMillis + 1));
            return kept.start() > partition.logStart()
                    ? OptionalLong.of(kept.start())
                    : OptionalLong.empty();
        } finally {
            state.lock.unlock();
        }
    }

    /** Since when a partition has had the batches it has in the log. */
    public record Waiting(PartitionId partition, long sinceMillis) {}

    /**
     * Partitions whose age in the log is to be looked at now; each is due again at {@code
     * retryMillis} unless {@link #flushAt} says otherwise.
     */
    public List<Waiting> flushDue(long nowMillis, long retryMillis, int limit) {
        state.lock.lock();
        try {
            List<Waiting> due = new ArrayList<>();
            for (PartitionId id : state.pending.flush.take(nowMillis, limit)) {
                if (state.partitions.logged().contains(id)) {
                    PartitionState partition = state.partitions.find(id).orElseThrow();
                    due.add(new Waiting(id, partition.loggedSinceMillis()));
                    state.pending.flush.at(id, retryMillis);
                }
            }
            return due;
        } finally {
            state.lock.unlock();
        }
    }

    /** Looks at a partition's age in the log no sooner than then, unless its settings change. */
    public void flushAt(PartitionId id, long atMillis) {
        state.lock.lock();
        try {
            state.pending.flush.at(id, atMillis);
        } finally {
            state.lock.unlock();
        }
    }

    /** Settings may have changed: looks at the topics' partitions now, at all without topics. */
    public void settingsChanged(Optional<Set<TopicId>> topics, long nowMillis) {
        state.lock.lock();
        try {
            if (topics.isPresent()) {
                topics.get().forEach(topic -> state.partitions.lookAt(topic, nowMillis));
            } else {
                state.partitions.lookAtAll(nowMillis);
            }
        } finally {
            state.lock.unlock();
        }
    }

    /** Objects whose local copies are past the local retention of all who read them. */
    public List<ObjectId> unwantedCopies() {
        state.lock.lock();
        try {
            return state.pending.localCopies.takeUnwanted();
        } finally {
            state.lock.unlock();
        }
    }

    /** Since when the log's ledgers hold records that expired; empty when they hold none. */
    public OptionalLong expiredInLogSince() {
        state.lock.lock();
        try {
            return state.pending.expiredBytes == 0
                    ? OptionalLong.empty()
                    : OptionalLong.of(state.pending.expiredSinceMillis);
        } finally {
            state.lock.unlock();
        }
    }

    /** What had expired in the log has left the ledgers, or is going to with the next trim. */
    public void trimmed() {
        state.lock.lock();
        try {
            state.pending.expiredBytes = 0;
        } finally {
            state.lock.unlock();
        }
    }
}
