package io.tributary.kernel.time;

import java.time.Duration;

/** Runs tasks later. The task must be short or hand over to an executor of its own. */
public interface Scheduler {
    /** Runs the task once after the delay, unless cancelled before. */
    Cancellable after(Duration delay, Runnable task);

    /** A task that can be called off; calling it off twice, or too late, does nothing. */
    @FunctionalInterface
    interface Cancellable {
        void cancel();
    }
}
