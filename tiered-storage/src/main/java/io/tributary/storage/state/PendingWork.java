package io.tributary.storage.state;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.segment.SegmentInfo;
import io.tributary.storage.state.Retention.Late;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a shard's background work has to look at, kept up to date as the state changes so that
 * nobody has to search for it. Guarded by the lock of its {@link ShardState}; never persisted.
 */
final class PendingWork {
    /** How late a partition that outgrows its retention is looked at. */
    private static final long SIZE_LOOK_MILLIS = Duration.ofSeconds(5).toMillis();

    /**
     * When the retention of a partition that is not frozen, and when its age in the log, are to be
     * looked at.
     */
    final Dues retention = new Dues();

    final Dues flush = new Dues();

    /** When a partition that is compacted, frozen or not, is to be looked at for that. */
    final Dues compaction = new Dues();

    /** Partitions whose next append may be more than their retention keeps. */
    final Set<PartitionId> sizeWatched = new HashSet<>();

    /** By partition; until all had their time to be read. */
    private final Map<PartitionId, Late> late = new HashMap<>();

    final LocalCopies localCopies;

    /** Bytes in the log's ledgers that expired since they were last trimmed, and since when. */
    long expiredBytes;

    long expiredSinceMillis;

    PendingWork(ObjectUses objects) {
        localCopies = new LocalCopies(objects);
    }

    /** A batch is about to be added. */
    void appending(PartitionId id, PartitionState partition, long decidedAtMillis) {
        if (partition.isEmpty()) {
            retention.atLatest(id, decidedAtMillis);
        } else if (sizeWatched.remove(id)) {
            retention.atLatest(id, decidedAtMillis + SIZE_LOOK_MILLIS);
        }
        if (partition.logged().isEmpty()) {
            flush.atLatest(id, decidedAtMillis);
        }
    }

    /** Records are moved from the log: those that came late are to have the time they had there. */
    void moved(PartitionId id, SegmentInfo segment, long loggedSinceMillis, long atMillis) {
        if (Late.is(segment.maxTimestamp(), loggedSinceMillis)) {
            Late more = new Late(segment.startOffset(), loggedSinceMillis);
            // While some have time, so do those that come after, as much as is left.
            late.merge(id, more, (some, next) -> some.untilMillis() > atMillis ? some : next);
        }
        if (segment.maxTimestamp() < loggedSinceMillis) {
            retention.atLatest(id, atMillis);
        }
    }

    /** Empty once what came late had its time. */
    Optional<Late> late(PartitionId id, long nowMillis) {
        return Optional.ofNullable(
                late.computeIfPresent(
                        id, (same, some) -> some.untilMillis() > nowMillis ? some : null));
    }

    /** The partition came out of a snapshot with batches in the log. */
    void loaded(PartitionId id) {
        retention.at(id, 0);
        flush.at(id, 0);
    }

    /** The partition is about to be frozen; returns when its retention is to be looked at. */
    long freezing(PartitionId id) {
        flush.forget(id);
        sizeWatched.remove(id);
        return retention.forget(id).orElse(FrozenPartitions.NEVER);
    }

    /** The partition is about to change again. */
    void thawed(PartitionId id, long dueMillis) {
        if (dueMillis != FrozenPartitions.NEVER) {
            retention.at(id, dueMillis);
        }
        // Whether its bytes are bounded is not known until its retention is looked at.
        sizeWatched.add(id);
    }

    void removed(PartitionId id) {
        retention.forget(id);
        flush.forget(id);
        compaction.forget(id);
        sizeWatched.remove(id);
        late.remove(id);
        localCopies.forget(id);
    }

    void expired(long bytes, long atMillis) {
        if (bytes > 0 && expiredBytes == 0) {
            expiredSinceMillis = atMillis;
        }
        expiredBytes += bytes;
    }
}
