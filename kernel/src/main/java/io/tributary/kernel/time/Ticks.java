package io.tributary.kernel.time;

/** A clock that never goes back, for measuring how long something takes. Thread-safe. */
@FunctionalInterface
public interface Ticks {
    /** Nanoseconds since some moment; only differences mean anything. */
    long nanos();
}
