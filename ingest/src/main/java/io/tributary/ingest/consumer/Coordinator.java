package io.tributary.ingest.consumer;

import io.tributary.kernel.fault.ProblemException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.protocol.Errors;

/** Waits for the group coordinator, and tells what it says in REST Proxy v2's words. */
final class Coordinator {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private Coordinator() {}

    /** The answer when it is there; blocks. */
    static <T> T answer(CompletableFuture<T> coming) {
        try {
            return coming.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Refusals.notNow("the service stops.");
        } catch (TimeoutException e) {
            throw Refusals.notNow("the group coordinator does not answer.");
        } catch (ExecutionException e) {
            throw problem(Errors.forException(e.getCause()));
        }
    }

    /** What an error of the coordinator means to a caller. */
    static ProblemException problem(Errors error) {
        return switch (error) {
            case TOPIC_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED -> Refusals.denied();
            case UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID -> Refusals.noTopic().asException();
            case UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, STALE_MEMBER_EPOCH, FENCED_MEMBER_EPOCH ->
                    Refusals.illegalState(
                            "the group has members, or others than before; subscribe or poll"
                                    + " first.");
            case INCONSISTENT_GROUP_PROTOCOL, GROUP_MAX_SIZE_REACHED, INVALID_GROUP_ID ->
                    Refusals.illegalState(error.message());
            case OFFSET_METADATA_TOO_LARGE, INVALID_COMMIT_OFFSET_SIZE ->
                    Refusals.illegalState(error.message());
            default ->
                    error.exception() instanceof org.apache.kafka.common.errors.RetriableException
                            ? Refusals.notNow(error.message())
                            : Refusals.failed(error.message());
        };
    }
}
