package io.tributary.storage.state;

import io.tributary.kernel.id.PartitionId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * Which partition is to be looked at when; each has at most one time. What is not due costs
 * nothing. Guarded by the lock of its {@link ShardState}; never persisted.
 */
final class Dues {
    private record Due(long atMillis, PartitionId partition) {}

    private final TreeSet<Due> order =
            new TreeSet<>(Comparator.comparingLong(Due::atMillis).thenComparing(Due::partition));
    private final Map<PartitionId, Long> times = new HashMap<>();

    /** Looks at the partition then, or when it was to be looked at anyhow if that is sooner. */
    void atLatest(PartitionId partition, long atMillis) {
        Long before = times.get(partition);
        if (before == null || before > atMillis) {
            at(partition, atMillis);
        }
    }

    /** Looks at the partition then, and no sooner. */
    void at(PartitionId partition, long atMillis) {
        forget(partition);
        times.put(partition, atMillis);
        order.add(new Due(atMillis, partition));
    }

    /** The partition has no time any more; returns the one it had. */
    OptionalLong forget(PartitionId partition) {
        Long before = times.remove(partition);
        if (before == null) {
            return OptionalLong.empty();
        }
        order.remove(new Due(before, partition));
        return OptionalLong.of(before);
    }

    /** Takes partitions that are due, the longest due first; they have no time then. */
    List<PartitionId> take(long nowMillis, int limit) {
        List<PartitionId> due = new ArrayList<>();
        while (due.size() < limit && !order.isEmpty() && order.first().atMillis() <= nowMillis) {
            PartitionId partition = order.removeFirst().partition();
            times.remove(partition);
            due.add(partition);
        }
        return due;
    }
}
