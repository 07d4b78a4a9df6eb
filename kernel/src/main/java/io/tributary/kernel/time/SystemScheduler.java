package io.tributary.kernel.time;

import io.tributary.kernel.Adapter;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The machine's time behind the {@link Scheduler} port; tasks start on virtual threads and may
 * block.
 */
@Adapter("the JVM's timer to Scheduler")
public final class SystemScheduler implements Scheduler, AutoCloseable {
    private final ScheduledThreadPoolExecutor timer;

    public SystemScheduler() {
        timer =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().name("tributary-timer").daemon().factory());
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public Cancellable after(Duration delay, Runnable task) {
        ScheduledFuture<?> future =
                timer.schedule(
                        () -> Thread.ofVirtual().name("tributary-task").start(task),
                        delay.toNanos(),
                        TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
    }

    /** Calls off what has not begun; what has begun runs on. */
    @Override
    public void close() {
        timer.shutdownNow();
    }
}
