package io.tributary.ingest.quota;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Holds a rate in the long run. It keeps one number: until when what was taken is paid for, at so
 * much a second. Who does not take saves up to a second's worth; who takes more than is there gets
 * it, however much it is, and the bucket is in debt until time has paid for it. Lock-free.
 */
final class TokenBucket {
    /** What can be saved, in time. */
    static final long BURST_NANOS = 1_000_000_000L;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** So much at once is no less than any request, and does not overflow. */
    private static final long MOST_AT_ONCE = 1L << 32;

    /** Unlimited until somebody says otherwise. */
    private volatile long perSecond = Long.MAX_VALUE;

    private final AtomicLong paidUntil;

    TokenBucket(long now) {
        paidUntil = new AtomicLong(now - BURST_NANOS);
    }

    long perSecond() {
        return perSecond;
    }

    /** Changes the rate; debt is worth as much as before, and so paid sooner or later. */
    void perSecond(long rate, long now) {
        long before = perSecond;
        if (rate == before) {
            return;
        }
        perSecond = rate;
        paidUntil.updateAndGet(
                until -> {
                    long debt = until - now;
                    return debt <= 0
                            ? until
                            // While it was unlimited nothing was owed, whoever raced to take.
                            : rate == Long.MAX_VALUE || before == Long.MAX_VALUE
                                    ? now
                                    : now + (long) (debt * ((double) before / rate));
                });
    }

    /** Takes so much, whether it is there or not. */
    void take(long amount, long now) {
        long rate = perSecond;
        if (rate == Long.MAX_VALUE || amount <= 0) {
            return;
        }
        long cost = cost(amount, rate);
        paidUntil.updateAndGet(until -> from(until, now) + cost);
    }

    /** Takes so much unless there is debt; otherwise says how long it lasts, in nanoseconds. */
    long takeIfPaid(long amount, long now) {
        long rate = perSecond;
        if (rate == Long.MAX_VALUE) {
            return 0;
        }
        long cost = cost(amount, rate);
        while (true) {
            long until = paidUntil.get();
            if (until - now > 0) {
                return until - now;
            }
            if (paidUntil.compareAndSet(until, from(until, now) + cost)) {
                return 0;
            }
        }
    }

    /** Gives back what was taken for nothing. */
    void giveBack(long amount) {
        long rate = perSecond;
        if (rate != Long.MAX_VALUE) {
            paidUntil.addAndGet(-cost(amount, rate));
        }
    }

    /** How long it is in debt, in nanoseconds; 0 where it is not. */
    long debtNanos(long now) {
        return perSecond == Long.MAX_VALUE ? 0 : Math.max(0, paidUntil.get() - now);
    }

    /** Whether it is as it was made: nobody would notice a new one in its place. */
    boolean full(long now) {
        return perSecond == Long.MAX_VALUE || now - paidUntil.get() >= BURST_NANOS;
    }

    private static long from(long until, long now) {
        return now - until > BURST_NANOS ? now - BURST_NANOS : until;
    }

    private static long cost(long amount, long rate) {
        return Math.ceilDiv(Math.min(amount, MOST_AT_ONCE) * NANOS_PER_SECOND, rate);
    }
}
