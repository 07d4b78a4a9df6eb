package io.tributary.storage.simulation;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.Shard.Offsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What clients were told, and whether it holds together: one value an offset for ever, nothing
 * acknowledged or seen that disappears, nothing twice, each producer's records in order.
 */
final class History {
    private static final int KEYS = 6;

    /** A record as a client knows it; values are unique, "producer:number". */
    record Known(String value, long timestampMillis) {}

    private static final class Partition {
        private final Optional<Duration> retention;
        private final NavigableMap<Long, Known> known = new TreeMap<>();
        private final Map<String, Long> offsets = new HashMap<>();
        private long logStart;
        private long highWatermark;

        /** Records below were asked to be deleted. */
        private long mayBeDeleted;

        private boolean removed;
        private final boolean compacted;

        private Partition(Optional<Duration> retention, boolean compacted) {
            this.retention = retention;
            this.compacted = compacted;
        }
    }

    private final Machine machine;
    private final Map<PartitionId, Partition> partitions =
            new TreeMap<>(java.util.Comparator.comparing(PartitionId::toString));
    private int acknowledged;

    History(Machine machine) {
        this.machine = machine;
    }

    void add(PartitionId id, Optional<Duration> retention) {
        partitions.put(id, new Partition(retention, false));
    }

    /** Adds one that keeps the newest record of every key. */
    void addCompacted(PartitionId id) {
        partitions.put(id, new Partition(Optional.empty(), true));
    }

    boolean isCompacted(PartitionId id) {
        return partitions.get(id).compacted;
    }

    /** The key of the record with this value. */
    static String key(String value) {
        return value.startsWith("i") ? "key" : "k" + Math.floorMod(value.hashCode(), KEYS);
    }

    /** Partitions of topics that were not removed. */
    Collection<PartitionId> partitions() {
        return partitions.entrySet().stream()
                .filter(entry -> !entry.getValue().removed)
                .map(Map.Entry::getKey)
                .toList();
    }

    void removed(PartitionId id) {
        partitions.get(id).removed = true;
    }

    void mayBeDeleted(PartitionId id, long before) {
        Partition partition = partitions.get(id);
        partition.mayBeDeleted = Math.max(partition.mayBeDeleted, before);
    }

    /** Records below an offset are gone for good. */
    void deleted(PartitionId id, long before) {
        Partition partition = partitions.get(id);
        partition.logStart = Math.max(partition.logStart, before);
    }

    boolean isRemoved(PartitionId id) {
        return partitions.get(id).removed;
    }

    int acknowledged() {
        return acknowledged;
    }

    void acknowledged(PartitionId id, long offset, Known record) {
        acknowledged++;
        seen(id, offset, record);
    }

    void seen(PartitionId id, long offset, Known record) {
        Partition partition = partitions.get(id);
        Known before = partition.known.putIfAbsent(offset, record);
        check(
                before == null || before.value().equals(record.value()),
                () -> id + " offset " + offset + " was " + before + " and is " + record);
        Long elsewhere = partition.offsets.putIfAbsent(record.value(), offset);
        check(
                elsewhere == null || elsewhere == offset,
                () -> id + " has " + record + " at " + elsewhere + " and at " + offset);
    }

    /** How far a partition was known to reach; what is asked from now on reaches as far. */
    Offsets reached(PartitionId id) {
        Partition partition = partitions.get(id);
        long end = partition.known.isEmpty() ? 0 : partition.known.lastKey() + 1;
        return new Offsets(partition.logStart, Math.max(partition.highWatermark, end));
    }

    /**
     * What a node said that nobody had taken over from when it was asked.
     *
     * @param before what was known when it was asked: answers may come in another order
     */
    void offsets(PartitionId id, Offsets before, Offsets offsets) {
        Partition partition = partitions.get(id);
        if (partition.removed) {
            return;
        }
        check(
                offsets.highWatermark() >= before.highWatermark(),
                () -> id + " high watermark was " + before.highWatermark() + " is " + offsets);
        check(
                offsets.logStart() >= before.logStart(),
                () -> id + " log start was " + before.logStart() + " is " + offsets);
        partition.highWatermark = Math.max(partition.highWatermark, offsets.highWatermark());
        partition.logStart = Math.max(partition.logStart, offsets.logStart());
        checkExpired(id, partition);
    }

    /** What lies before the log start was deleted, or older than the topic's retention. */
    private void checkExpired(PartitionId id, Partition partition) {
        check(
                partition.logStart <= partition.mayBeDeleted || partition.retention.isPresent(),
                () -> id + " lost what it keeps for ever, begins at " + partition.logStart);
        partition
                .known
                .tailMap(Math.min(partition.mayBeDeleted, partition.logStart))
                .headMap(partition.logStart)
                .forEach(
                        (offset, record) ->
                                check(
                                        offset < partition.mayBeDeleted
                                                || machine.nowMillis() - record.timestampMillis()
                                                        >= partition.retention.get().toMillis(),
                                        () -> id + " dropped " + offset + " " + record));
        partition.known.headMap(partition.logStart).clear();
    }

    /** Compares all that can be read between two offsets with all that is known of them. */
    void complete(PartitionId id, Offsets offsets, NavigableMap<Long, Known> read) {
        offsets(id, offsets, offsets);
        Partition partition = partitions.get(id);
        long expected = offsets.logStart();
        Map<String, Long> last = new HashMap<>();
        for (Map.Entry<Long, Known> record : read.entrySet()) {
            long offset = record.getKey();
            long wanted = expected;
            expected = offset + 1;
            check(
                    partition.compacted || offset == wanted,
                    () -> id + " has " + offset + " where " + wanted + " is due");
            seen(id, offset, record.getValue());
            String[] name = record.getValue().value().split(":", -1);
            long number = Long.parseLong(name[1]);
            Long before = last.put(name[0], number);
            check(
                    before == null || before < number,
                    () -> id + " has " + record + " after number " + before);
        }
        long end = expected;
        check(
                partition.compacted || end == offsets.highWatermark(),
                () -> id + " could be read up to " + end + " of " + offsets);
        Map<String, Long> newest = new HashMap<>();
        read.forEach((offset, record) -> newest.put(key(record.value()), offset));
        for (Map.Entry<Long, Known> record :
                partition
                        .known
                        .tailMap(offsets.logStart())
                        .headMap(offsets.highWatermark())
                        .entrySet()) {
            check(
                    read.containsKey(record.getKey())
                            || (partition.compacted
                                    && newest.getOrDefault(key(record.getValue().value()), -1L)
                                            > record.getKey()),
                    () -> id + " lost " + record + ", has " + offsets);
        }
    }

    private void check(boolean holds, java.util.function.Supplier<String> otherwise) {
        if (!holds) {
            machine.fail(new AssertionError(otherwise.get()));
        }
    }
}
