package io.tributary.ingest.quota;

import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.quota.Quotas;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** What a tenant, or one of its keys, has taken of its rates and connections. Lock-free. */
final class Account {
    /** How old what is known of the limits may be. */
    private static final long FRESH_NANOS = 200_000_000L;

    /** So long an account stays that nobody needs. */
    private static final long IDLE_NANOS = 10_000_000_000L;

    /** A rate's bucket, and how much it passes. */
    private record Rate(TokenBucket bucket, Meter meter) {}

    private final Supplier<Optional<Quotas>> limits;
    private final Map<Quota, Rate> rates = new EnumMap<>(Quota.class);
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong readAt;
    private volatile long usedAt;
    private volatile long maxConnections;

    /**
     * A full account.
     *
     * @param limits as they are now; empty while nobody knows
     * @param unknown what holds until somebody does
     */
    Account(Supplier<Optional<Quotas>> limits, Quotas unknown, long now) {
        this.limits = limits;
        for (Quota quota : Quota.values()) {
            if (quota.isRate()) {
                rates.put(quota, new Rate(new TokenBucket(now), new Meter(now)));
            }
        }
        readAt = new AtomicLong(now);
        usedAt = now;
        set(limits.get().orElse(unknown), now);
    }

    private void set(Quotas now, long at) {
        rates.forEach((quota, rate) -> rate.bucket().perSecond(now.limit(quota), at));
        maxConnections = now.limit(Quota.CONNECTIONS);
    }

    /** Looks at the limits again where they are not fresh. */
    void touch(long now) {
        usedAt = now;
        long read = readAt.get();
        if (now - read > FRESH_NANOS && readAt.compareAndSet(read, now)) {
            limits.get().ifPresent(known -> set(known, now));
        }
    }

    TokenBucket bucket(Quota quota) {
        return rates.get(quota).bucket();
    }

    Meter meter(Quota quota) {
        return rates.get(quota).meter();
    }

    long limit(Quota quota) {
        return quota == Quota.CONNECTIONS ? maxConnections : bucket(quota).perSecond();
    }

    /** Takes a connection's place if there is one. */
    boolean connect(long atMost) {
        long most = Math.min(atMost, maxConnections);
        return connections.getAndUpdate(count -> count < most ? count + 1 : count) < most;
    }

    void disconnect() {
        connections.decrementAndGet();
    }

    int connections() {
        return connections.get();
    }

    /** Whether a new one in its place would be the same. */
    boolean idle(long now) {
        return now - usedAt > IDLE_NANOS
                && connections.get() == 0
                && rates.values().stream().allMatch(rate -> rate.bucket().full(now));
    }
}
