package io.tributary.tenant.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.tenant.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RateLimiterTest {
    private final Clock clock = new Clock();
    private final RateLimiter limiter = new RateLimiter(0.5, 3, clock);

    @Test
    void burstThenTheRateAndEachAddressForItself() {
        for (int i = 0; i < 3; i++) {
            assertEquals(Optional.empty(), limiter.take("a"));
        }
        assertEquals(Duration.ofSeconds(2), limiter.take("a").orElseThrow().clearsIn());
        assertEquals(Optional.of(Duration.ofSeconds(2)), limiter.blockedFor("a"));
        assertEquals(Optional.empty(), limiter.take("b"));
        clock.pass(Duration.ofSeconds(2));
        assertEquals(Optional.empty(), limiter.blockedFor("a"));
        assertEquals(Optional.empty(), limiter.take("a"));
        assertTrue(limiter.take("a").isPresent());
    }

    @Test
    void refusalTellsHowOftenTheAddressTries() {
        for (int i = 0; i < 3; i++) {
            limiter.take("a");
        }
        assertEquals(4, limiter.take("a").orElseThrow().perMinute());
        assertEquals(5, limiter.take("a").orElseThrow().perMinute());
        // What is an hour old no longer counts.
        clock.pass(Duration.ofHours(1));
        for (int i = 0; i < 3; i++) {
            limiter.take("a");
        }
        assertEquals(4, limiter.take("a").orElseThrow().perMinute());
    }
}
