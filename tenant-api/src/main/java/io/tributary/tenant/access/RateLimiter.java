package io.tributary.tenant.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Counts what an address does: a token bucket each, for a bounded number of them. */
public final class RateLimiter {
    private static final int MAX_ADDRESSES = 100_000;
    private static final double SECONDS_PER_MINUTE = 60;

    /**
     * A bucket, as it was at a moment.
     *
     * @param perMinute takes that succeeded or not, of about the last minute: what is older counts
     *     exponentially less
     */
    private record Bucket(double tokens, double perMinute, Instant at) {}

    /**
     * Why nothing could be taken.
     *
     * @param clearsIn until it can
     * @param perMinute how often the address tries at present
     */
    public record Exceeded(Duration clearsIn, long perMinute) {}

    private final double perSecond;
    private final int burst;
    private final InstantSource clock;
    private final Cache<String, Bucket> buckets =
            Caffeine.newBuilder().maximumSize(MAX_ADDRESSES).executor(Runnable::run).build();

    public RateLimiter(double perSecond, int burst, InstantSource clock) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.clock = clock;
    }

    /** Takes one; empty when there was one. */
    public Optional<Exceeded> take(String address) {
        Exceeded[] exceeded = new Exceeded[1];
        buckets.asMap()
                .compute(
                        address,
                        (key, old) -> {
                            Bucket now = filled(old);
                            double rate = now.perMinute() + 1;
                            if (now.tokens() >= 1) {
                                return new Bucket(now.tokens() - 1, rate, now.at());
                            }
                            exceeded[0] = new Exceeded(untilOne(now), Math.round(rate));
                            return new Bucket(now.tokens(), rate, now.at());
                        });
        return Optional.ofNullable(exceeded[0]);
    }

    /** How long until {@link #take} succeeds; empty when it does now. */
    public Optional<Duration> blockedFor(String address) {
        Bucket now = filled(buckets.getIfPresent(address));
        return now.tokens() >= 1 ? Optional.empty() : Optional.of(untilOne(now));
    }

    private Duration untilOne(Bucket bucket) {
        return Duration.ofMillis((long) Math.ceil((1 - bucket.tokens()) / perSecond * 1_000));
    }

    private Bucket filled(Bucket old) {
        Instant now = clock.instant();
        if (old == null) {
            return new Bucket(burst, 0, now);
        }
        double seconds = Math.max(0, Duration.between(old.at(), now).toMillis() / 1_000.0);
        return new Bucket(
                Math.min(burst, old.tokens() + seconds * perSecond),
                old.perMinute() * Math.exp(-seconds / SECONDS_PER_MINUTE),
                now);
    }
}
