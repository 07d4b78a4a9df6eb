package io.tributary.storage.state;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * A shard's partitions. One that changes, or that has batches in the log, is an object of its own;
 * any other is frozen soon. To read a frozen one does not thaw it, to change it does, and neither
 * can be told from outside. Guarded by the lock of its {@link ShardState}.
 */
final class Partitions {
    /** How long a partition has had nothing in the log, and did not change, when it is frozen. */
    static final Duration IDLE = Duration.ofSeconds(1);

    /**
     * Frozen partitions that are due at once: each look asks for settings that nobody may have
     * asked for in a long time, and after a start all of them are due.
     */
    private static final int MOST_FROZEN_DUE = 200;

    private static final int LAST_INDEX = Integer.MAX_VALUE;

    private final ObjectUses objects;
    private final PendingWork pending;
    private final FrozenPartitions frozen;
    private final Map<PartitionId, PartitionState> thawed = new HashMap<>();
    private final Set<PartitionId> logged = new LinkedHashSet<>();

    /** Thawed partitions without batches in the log, and when they changed; the oldest first. */
    private final Map<PartitionId, Long> idle = new LinkedHashMap<>();

    Partitions(ObjectUses objects, PendingWork pending) {
        this.objects = objects;
        this.pending = pending;
        frozen = new FrozenPartitions(objects);
    }

    int count() {
        return thawed.size() + frozen.count();
    }

    /** A partition to be read, no longer than the lock is held. */
    Optional<PartitionState> find(PartitionId id) {
        PartitionState partition = thawed.get(id);
        return partition == null ? frozen.find(id) : Optional.of(partition);
    }

    /** A partition that is not frozen: what is frozen is durable, too. */
    Optional<PartitionState> thawed(PartitionId id) {
        return Optional.ofNullable(thawed.get(id));
    }

    Collection<PartitionState> thawed() {
        return thawed.values();
    }

    /** Partitions with batches in the log. */
    Set<PartitionId> logged() {
        return logged;
    }

    /** A partition to be changed. */
    Optional<PartitionState> change(PartitionId id, long nowMillis) {
        PartitionState partition = thawed.get(id);
        return partition == null ? thaw(id, nowMillis) : Optional.of(partition);
    }

    private Optional<PartitionState> thaw(PartitionId id, long nowMillis) {
        Optional<FrozenPartitions.Taken> taken = frozen.take(id);
        if (taken.isEmpty()) {
            return Optional.empty();
        }
        pending.thawed(id, taken.get().dueMillis());
        thawed.put(id, taken.get().partition());
        idle.put(id, nowMillis);
        return Optional.of(taken.get().partition());
    }

    /** A partition to be changed, empty where it is not there. */
    PartitionState changeOrMake(PartitionId id, long nowMillis) {
        return change(id, nowMillis)
                .orElseGet(
                        () -> {
                            PartitionState made = PartitionState.empty(objects);
                            thawed.put(id, made);
                            idle.put(id, nowMillis);
                            return made;
                        });
    }

    /** The partition changed: it may have batches in the log now, or none any more. */
    void changed(PartitionId id, PartitionState partition, long nowMillis) {
        idle.remove(id);
        if (partition.logged().isEmpty()) {
            logged.remove(id);
            idle.put(id, nowMillis);
        } else {
            logged.add(id);
        }
    }

    /** Forgets a partition that was to be changed. */
    void remove(PartitionId id) {
        thawed.remove(id);
        logged.remove(id);
        idle.remove(id);
        pending.removed(id);
    }

    /** A snapshot's partition with batches in the log. */
    void load(PartitionId id, PartitionState partition) {
        thawed.put(id, partition);
        logged.add(id);
        pending.loaded(id);
    }

    FrozenPartitions.Filling filling() {
        return frozen.new Filling();
    }

    /** Freezes what has been idle for long enough, a bounded number at a time. */
    void freezeIdle(long nowMillis, int limit) {
        for (int i = 0; i < limit && !idle.isEmpty(); i++) {
            Map.Entry<PartitionId, Long> oldest = idle.entrySet().iterator().next();
            PartitionId id = oldest.getKey();
            long idleMillis = nowMillis - oldest.getValue();
            if (idleMillis >= 0 && idleMillis < IDLE.toMillis()) {
                return;
            }
            idle.remove(id);
            PartitionState partition = thawed.get(id);
            if (partition.isQuiet()) {
                thawed.remove(id);
                frozen.put(PartitionRecord.Copy.of(id, partition), pending.freezing(id));
            } else {
                idle.put(id, nowMillis);
            }
        }
    }

    /** The partitions of a topic, in order. */
    List<PartitionId> of(TopicId topic) {
        List<PartitionId> found = new ArrayList<>();
        for (PartitionId id : thawed.keySet()) {
            if (id.topic().equals(topic)) {
                found.add(id);
            }
        }
        frozen.show(
                new PartitionId(topic, 0),
                new PartitionId(topic, LAST_INDEX),
                Integer.MAX_VALUE,
                (id, partition) -> found.add(id));
        found.sort(null);
        return found;
    }

    /** All partitions in order, to be read no longer than the lock is held. */
    Map<PartitionId, PartitionState> all() {
        Map<PartitionId, PartitionState> all = new TreeMap<>(thawed);
        frozen.show(FrozenPartitions.LOWEST, FrozenPartitions.HIGHEST, Integer.MAX_VALUE, all::put);
        return all;
    }

    /** See {@link FrozenPartitions#show}. */
    Optional<PartitionId> showFrozen(
            PartitionId from,
            PartitionId last,
            int limit,
            BiConsumer<PartitionId, PartitionState> to) {
        return frozen.show(from, last, limit, to);
    }

    /** Shows all that are not frozen, in no order. */
    void showThawed(BiConsumer<PartitionId, PartitionState> to) {
        thawed.forEach(to);
    }

    /** Looks at a partition's retention then and no sooner. */
    void lookAt(PartitionId id, long atMillis) {
        if (!thawed.containsKey(id)) {
            frozen.dueAt(id, atMillis);
        } else if (atMillis == FrozenPartitions.NEVER) {
            pending.retention.forget(id);
        } else {
            pending.retention.at(id, atMillis);
        }
    }

    /** Looks at the retention of a topic's partitions now, and at their age in the log. */
    void lookAt(TopicId topic, long nowMillis) {
        for (PartitionId id : of(topic)) {
            lookAt(id, nowMillis);
            if (logged.contains(id)) {
                pending.flush.atLatest(id, nowMillis);
            }
        }
    }

    /** Looks at the retention of all partitions now, and at their age in the log. */
    void lookAtAll(long nowMillis) {
        frozen.allDueAtLatest(nowMillis);
        thawed.keySet().forEach(id -> pending.retention.atLatest(id, nowMillis));
        logged.forEach(id -> pending.flush.atLatest(id, nowMillis));
    }

    /** Partitions whose retention is due; each is due again at {@code retryMillis}. */
    List<PartitionId> due(long nowMillis, long retryMillis, int limit) {
        List<PartitionId> due = new ArrayList<>(pending.retention.take(nowMillis, limit));
        due.forEach(id -> pending.retention.at(id, retryMillis));
        int left = Math.min(limit - due.size(), MOST_FROZEN_DUE);
        due.addAll(frozen.due(nowMillis, retryMillis, left));
        return due;
    }

    /**
     * What a snapshot has of partitions.
     *
     * @param frozen records in their order
     * @param thawed in no order
     */
    record Copy(List<ByteBuffer> frozen, List<PartitionRecord.Copy> thawed) {}

    /** Takes as long as there are partitions that are not frozen, and hardly more. */
    Copy copy() {
        List<PartitionRecord.Copy> copies = new ArrayList<>(thawed.size());
        thawed.forEach((id, partition) -> copies.add(PartitionRecord.Copy.of(id, partition)));
        return new Copy(frozen.records(), copies);
    }
}
