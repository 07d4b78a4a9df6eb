package io.tributary.ingest.produce;

import io.tributary.ingest.door.TopicAccess;
import io.tributary.kernel.fault.Problem;
import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendOutcome.Appended;
import io.tributary.storage.AppendOutcome.Reason;
import io.tributary.storage.AppendOutcome.Refused;
import io.tributary.storage.AppendOutcome.Unknown;
import java.time.Duration;
import java.util.OptionalLong;

/** How HTTP tells what storage says. */
final class Outcomes {
    private static final Duration SOON = Duration.ofSeconds(1);

    private Outcomes() {}

    static AppendOutcome noShard() {
        return new Refused(Reason.SHARD_UNAVAILABLE, SOON);
    }

    /**
     * What to tell of records that were not appended.
     *
     * @param differing the request's first record that is another than in an earlier try, if any is
     *     known: what came with and after it is not appended, and sending it again is of no use
     */
    static Problem problem(AppendOutcome outcome, OptionalLong differing) {
        if (differing.isPresent()
                && outcome instanceof Refused refused
                && refused.reason() == Reason.RETRY_OUT_OF_ORDER) {
            return differs(differing.getAsLong());
        }
        return switch (outcome) {
            case Appended a -> throw new IllegalArgumentException("not a problem: " + a);
            case Unknown u ->
                    Problem.retryLater(
                            503,
                            "Whether the record was kept is unknown. A retry with the same"
                                    + " Idempotency-Key is safe.",
                            SOON);
            case Refused refused -> problem(refused);
        };
    }

    static Problem differs(long number) {
        return Problem.of(
                422,
                "The Idempotency-Key was used for another request: from record "
                        + number
                        + " on this one differs from it. What differs is not kept.");
    }

    private static Problem problem(Refused refused) {
        return switch (refused.reason()) {
            case PARTITION_GONE -> TopicAccess.noTopic();
            case OVERLOADED ->
                    Problem.retryLater(
                            429, "Too much is waiting to be written.", refused.retryAfter());
            case BACKLOG_FULL ->
                    Problem.retryLater(
                            503,
                            "The object store does not keep up and the local backlog is full.",
                            refused.retryAfter());
            case STORAGE_FULL ->
                    Problem.retryLater(
                            503,
                            "The node's disk is full: nothing is taken until there is room. What is"
                                    + " there can be read.",
                            refused.retryAfter());
            case SHARD_UNAVAILABLE ->
                    Problem.retryLater(
                            503, "The partition is being recovered.", refused.retryAfter());
            case RETRY_KEY_REUSED ->
                    Problem.of(422, "The Idempotency-Key was used for another request.");
            case RETRY_OUT_OF_ORDER ->
                    Problem.of(
                            409,
                            "An earlier part of this stream was not kept: send it again from its"
                                    + " begin with the same Idempotency-Key.");
            case TOO_MANY_RETRY_KEYS ->
                    Problem.retryLater(
                            429,
                            "The tenant has as many live Idempotency-Keys as it may.",
                            refused.retryAfter());
            case RETRY_KEY_FULL ->
                    Problem.of(
                            422,
                            "The records of this Idempotency-Key lie in as many places as can be"
                                    + " remembered: send what is left with another key.");
        };
    }
}
