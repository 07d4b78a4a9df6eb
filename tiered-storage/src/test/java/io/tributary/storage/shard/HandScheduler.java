package io.tributary.storage.shard;

import io.tributary.kernel.time.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * A scheduler that runs what is due when it is told to, on the caller's thread. What falls due in a
 * leap of the clock runs once, as on a machine that slept.
 */
final class HandScheduler implements Scheduler {
    private record Task(Instant due, Runnable run) {}

    private final InstantSource clock;
    private final List<Task> tasks = new ArrayList<>();

    HandScheduler(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public synchronized Cancellable after(Duration delay, Runnable run) {
        Task task = new Task(clock.instant().plus(delay), run);
        tasks.add(task);
        return () -> cancel(task);
    }

    private synchronized void cancel(Task task) {
        tasks.remove(task);
    }

    /** Runs what is due by now. */
    void run() {
        due().forEach(task -> task.run().run());
    }

    private synchronized List<Task> due() {
        Instant now = clock.instant();
        List<Task> due = tasks.stream().filter(task -> !task.due().isAfter(now)).toList();
        tasks.removeAll(due);
        return due;
    }

    /** Forgets what has not run. */
    synchronized void clear() {
        tasks.clear();
    }
}
