package io.tributary.ingest.quota;

import io.tributary.kernel.fault.Problem;
import io.tributary.metadata.quota.Quota;
import java.time.Duration;

/**
 * A quota that is used up.
 *
 * @param ofKey whether it is the key's, and not the tenant's
 * @param now the rate of the last second, or how many connections there are
 * @param clearsIn when to try again
 */
public record Excess(Quota quota, boolean ofKey, long limit, long now, Duration clearsIn) {
    private static final int TOO_MANY_REQUESTS = 429;

    /** What everybody is told. */
    public String message() {
        String whose = ofKey ? "The API key's" : "The tenant's";
        String state = quota.isRate() ? " is used up: the rate is " : " is used up: there are ";
        String ending =
                quota.isRate()
                        ? ". It clears in "
                                + Math.max(1, clearsIn.plusMillis(999).toSeconds())
                                + " s."
                        : ".";
        return whose + " quota " + quota.label() + " of " + limit + state + now + ending;
    }

    /** The same for HTTP. */
    public Problem problem() {
        return Problem.retryLater(TOO_MANY_REQUESTS, code(), message(), clearsIn);
    }

    private int code() {
        return switch (quota) {
            case PRODUCE_BYTES_PER_SECOND -> 42_901;
            case FETCH_BYTES_PER_SECOND -> 42_902;
            case REQUESTS_PER_SECOND -> 42_903;
            case CONNECTIONS -> 42_904;
            case TOPICS, PARTITIONS, API_KEYS, CONSUMER_GROUPS -> TOO_MANY_REQUESTS;
        };
    }
}
