package io.tributary.ingest.quota;

import java.util.concurrent.atomic.AtomicLong;

/** How much a second passed of late: what is left of the second before, and this one. Lock-free. */
final class Meter {
    private static final long WINDOW_NANOS = 1_000_000_000L;

    private final AtomicLong begin;
    private final AtomicLong current = new AtomicLong();
    private volatile long before;

    Meter(long now) {
        begin = new AtomicLong(now);
    }

    void add(long amount, long now) {
        roll(now);
        current.addAndGet(amount);
    }

    /** Of the last second, about. */
    long perSecond(long now) {
        roll(now);
        long since = Math.clamp(now - begin.get(), 0L, WINDOW_NANOS);
        return current.get() + (long) (before * ((double) (WINDOW_NANOS - since) / WINDOW_NANOS));
    }

    private void roll(long now) {
        long since = begin.get();
        long windows = (now - since) / WINDOW_NANOS;
        if (windows > 0 && begin.compareAndSet(since, since + windows * WINDOW_NANOS)) {
            long ended = current.getAndSet(0);
            before = windows == 1 ? ended : 0;
        }
    }
}
