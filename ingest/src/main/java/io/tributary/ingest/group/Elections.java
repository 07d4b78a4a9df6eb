package io.tributary.ingest.group;

import io.tributary.kernel.time.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.coordinator.group.GroupCoordinatorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes this node's coordinator lead each partition of its log, again under the next epoch whenever
 * a lead has ended or the log could not be read. One that was lost is taken up only when everything
 * that was handed to the shard has ended, so that what is read is all there is. Thread-safe.
 */
final class Elections implements LogLoader.Outcome {
    private static final Logger LOG = LoggerFactory.getLogger(Elections.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** A lead that ends sooner after another is not taken up again at once. */
    private static final Duration SETTLED = Duration.ofSeconds(10);

    private final List<GroupLog> logs;
    private final Scheduler scheduler;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicInteger epoch = new AtomicInteger();
    private final AtomicInteger rounds = new AtomicInteger();
    private final AtomicLong loadMillis = new AtomicLong();
    private Optional<GroupCoordinatorService> coordinator = Optional.empty();

    /** When each partition's lead ended last, and how long the pause was. */
    private final Map<Integer, Lost> losses = new HashMap<>();

    private volatile boolean closed;

    private record Lost(Instant when, Duration pause) {}

    /**
     * Elections that have not begun.
     *
     * @param logs by their index; complete before {@link #start}
     */
    Elections(List<GroupLog> logs, Scheduler scheduler, InstantSource clock) {
        this.logs = logs;
        this.scheduler = scheduler;
        this.clock = clock;
    }

    int partitions() {
        return logs.size();
    }

    void start(GroupCoordinatorService service) {
        lock.lock();
        try {
            coordinator = Optional.of(service);
        } finally {
            lock.unlock();
        }
        for (int i = 0; i < logs.size(); i++) {
            elect(i);
        }
    }

    private void elect(int index) {
        lock.lock();
        try {
            if (!closed) {
                coordinator.orElseThrow().onElection(index, epoch.incrementAndGet());
            }
        } finally {
            lock.unlock();
        }
    }

    /** A lead has ended. */
    void lost(int index, String why) {
        LOG.warn("a partition of groups is not led now partition={} why={}", index, why);
        again(index);
    }

    @Override
    public void loaded(int partition, long millis, long records) {
        loadMillis.accumulateAndGet(millis, Math::max);
        LOG.debug("groups were read partition={} records={} millis={}", partition, records, millis);
    }

    @Override
    public void failed(int partition, Throwable why) {
        LOG.warn("groups cannot be read now partition={} problem={}", partition, why.toString());
        again(partition);
    }

    private void again(int index) {
        rounds.incrementAndGet();
        if (closed) {
            return;
        }
        Duration pause;
        lock.lock();
        try {
            Instant now = clock.instant();
            Lost last = losses.get(index);
            pause =
                    last == null || last.when().plus(SETTLED).isBefore(now)
                            ? FIRST_PAUSE
                            : longer(last.pause());
            losses.put(index, new Lost(now, pause));
            coordinator.orElseThrow().onResignation(index, OptionalInt.empty());
        } finally {
            lock.unlock();
        }
        scheduler.after(pause, () -> whenSettled(index));
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
    }

    private void whenSettled(int index) {
        if (closed) {
            return;
        }
        if (logs.get(index).settled()) {
            elect(index);
        } else {
            scheduler.after(FIRST_PAUSE, () -> whenSettled(index));
        }
    }

    int withoutLead() {
        return (int) logs.stream().filter(log -> !log.leading()).count();
    }

    /** Grows whenever a lead ended. */
    int rounds() {
        return rounds.get();
    }

    /** The longest a partition took to be read. */
    long loadMillis() {
        return loadMillis.get();
    }

    void close() {
        closed = true;
        logs.forEach(GroupLog::resign);
    }
}
