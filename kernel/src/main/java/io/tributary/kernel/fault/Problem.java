package io.tributary.kernel.fault;

import java.time.Duration;
import java.util.Optional;

/**
 * What went wrong with a request, as every HTTP edge tells it: {@code {"error_code":…,
 * "message":…}} or problem+json.
 *
 * @param status HTTP status
 * @param errorCode Confluent's code: the status itself, or five digits beginning with it
 * @param message for the caller; holds nothing about another tenant and no secret
 * @param retryAfter when the same request may succeed unchanged; empty when it never will
 */
public record Problem(int status, int errorCode, String message, Optional<Duration> retryAfter) {

    public static Problem of(int status, String message) {
        return new Problem(status, status, message, Optional.empty());
    }

    public static Problem of(int status, int errorCode, String message) {
        return new Problem(status, errorCode, message, Optional.empty());
    }

    public static Problem retryLater(int status, String message, Duration after) {
        return new Problem(status, status, message, Optional.of(after));
    }

    public static Problem retryLater(int status, int errorCode, String message, Duration after) {
        return new Problem(status, errorCode, message, Optional.of(after));
    }

    public ProblemException asException() {
        return new ProblemException(this);
    }
}
