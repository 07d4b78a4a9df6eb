package io.tributary.ingest.kafka.api;

import io.tributary.ingest.kafka.wire.KafkaRequest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.apache.kafka.common.requests.AbstractResponse;

/** Answers a request when a future says so, on whatever thread that is. */
final class Later {
    private Later() {}

    static <T> void answer(
            KafkaRequest request,
            CompletableFuture<T> future,
            Function<T, AbstractResponse> response) {
        var _ =
                future.thenAccept(answer -> request.answer(response.apply(answer)))
                        .exceptionally(
                                problem -> {
                                    request.fail(
                                            problem instanceof CompletionException
                                                            && problem.getCause() != null
                                                    ? problem.getCause()
                                                    : problem);
                                    return null;
                                });
    }
}
