package io.tributary.ingest.group;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes answers of what the coordinator's futures end with. */
final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    /** Longer than any group is called. */
    private static final int MAX_GROUP_ID = 1_000;

    private Answers() {}

    static <T> CompletableFuture<T> now(T answer) {
        return CompletableFuture.completedFuture(answer);
    }

    /** The coordinator's answer in the tenant's names; what fails on the way is an error code. */
    static <T> CompletableFuture<T> of(
            CompletableFuture<T> coordinators,
            UnaryOperator<T> renamed,
            Function<Errors, T> failed) {
        return coordinators
                .thenApply(renamed)
                .exceptionally(problem -> failed.apply(error(problem)));
    }

    static Errors error(Throwable problem) {
        Throwable cause =
                problem instanceof CompletionException && problem.getCause() != null
                        ? problem.getCause()
                        : problem;
        Errors error = Errors.forException(cause);
        return switch (error) {
            case UNKNOWN_SERVER_ERROR -> {
                LOG.error("a request about a group failed", cause);
                yield error;
            }
            case NOT_LEADER_OR_FOLLOWER -> Errors.NOT_COORDINATOR;
            case NOT_ENOUGH_REPLICAS, REQUEST_TIMED_OUT, KAFKA_STORAGE_ERROR ->
                    Errors.COORDINATOR_NOT_AVAILABLE;
            default -> error;
        };
    }

    /** Whether nobody may call a group so. */
    static boolean tooLong(String groupId) {
        return groupId.length() > MAX_GROUP_ID;
    }
}
