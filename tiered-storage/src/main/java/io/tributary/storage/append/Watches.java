package io.tributary.storage.append;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.Shard.Watch;
import io.tributary.storage.state.ShardState.PartitionEnd;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;

/** Who waits for which partition's high watermark. Thread-safe; calls back without its lock. */
public final class Watches {
    private record Waiter(long beyond, Runnable callback) {}

    private final Map<PartitionId, Set<Waiter>> waiters = new HashMap<>();
    private boolean closed;

    /**
     * Calls back once when the high watermark passes the offset, or at once where it has.
     *
     * @param highWatermark reads it; asked after the watch is in place, so that no move is missed
     */
    public Watch add(
            PartitionId partition,
            long beyond,
            Runnable callback,
            ToLongFunction<PartitionId> highWatermark) {
        Waiter waiter = new Waiter(beyond, callback);
        boolean over;
        synchronized (waiters) {
            over = closed;
            waiters.computeIfAbsent(partition, id -> new HashSet<>()).add(waiter);
        }
        if ((over || highWatermark.applyAsLong(partition) > beyond) && remove(partition, waiter)) {
            callback.run();
        }
        return () -> remove(partition, waiter);
    }

    private boolean remove(PartitionId partition, Waiter waiter) {
        synchronized (waiters) {
            Set<Waiter> here = waiters.get(partition);
            if (here == null || !here.remove(waiter)) {
                return false;
            }
            if (here.isEmpty()) {
                waiters.remove(partition);
            }
            return true;
        }
    }

    /** High watermarks moved. */
    public void moved(Collection<PartitionEnd> ends) {
        List<Runnable> due = new ArrayList<>();
        synchronized (waiters) {
            for (PartitionEnd end : ends) {
                Set<Waiter> here = waiters.get(end.partition());
                if (here == null) {
                    continue;
                }
                here.removeIf(
                        waiter -> {
                            boolean passed = end.endOffset() > waiter.beyond();
                            if (passed) {
                                due.add(waiter.callback());
                            }
                            return passed;
                        });
                if (here.isEmpty()) {
                    waiters.remove(end.partition());
                }
            }
        }
        due.forEach(Runnable::run);
    }

    /** Wakes everybody, also who comes later: nothing moves here any more. */
    public void close() {
        synchronized (waiters) {
            closed = true;
        }
        wakeAll();
    }

    /** Wakes everybody: look again. */
    public void wakeAll() {
        List<Runnable> due = new ArrayList<>();
        synchronized (waiters) {
            waiters.values().forEach(here -> here.forEach(waiter -> due.add(waiter.callback())));
            waiters.clear();
        }
        due.forEach(Runnable::run);
    }
}
