package io.tributary.ingest.door;

import java.time.Duration;
import java.util.Optional;

/** Slows down who guesses credentials. Thread-safe; never blocks. */
public interface AttemptLimiter {
    /** How long an address may not try; empty when it may. */
    Optional<Duration> blockedFor(String address);

    /** An address tried and failed. */
    void failed(String address);
}
