package io.tributary.ingest.kafka.cluster;

import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.storage.OffsetOutOfRangeException;
import io.tributary.storage.ShardUnavailableException;
import java.io.IOException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What Kafka clients are told of a failure; defects are logged here. */
public final class KafkaErrors {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaErrors.class);

    private KafkaErrors() {}

    public static Errors of(Exception failure) {
        return switch (failure) {
            case ApiException e -> Errors.forException(e);
            case ProblemException e -> of(e);
            case OffsetOutOfRangeException e -> Errors.OFFSET_OUT_OF_RANGE;
            case ShardUnavailableException e -> Errors.NOT_LEADER_OR_FOLLOWER;
            case CorruptDataException e -> {
                LOG.error("damaged bytes were not served problem={}", e.getMessage());
                yield Errors.CORRUPT_MESSAGE;
            }
            case IOException e -> {
                LOG.warn("request could not be served problem={}", e.toString());
                yield Errors.KAFKA_STORAGE_ERROR;
            }
            default -> {
                LOG.error("request failed", failure);
                yield Errors.UNKNOWN_SERVER_ERROR;
            }
        };
    }

    /** Likewise, with what there is to say about it. */
    public static ApiError described(Exception failure) {
        Errors error = of(failure);
        return switch (failure) {
            case ProblemException e -> new ApiError(error, e.problem().message());
            case ApiException e -> new ApiError(error, e.getMessage());
            default -> new ApiError(error);
        };
    }

    /** What the rules of topics say, told over HTTP by these statuses. */
    private static Errors of(ProblemException refused) {
        return switch (refused.problem().status()) {
            case 400 -> Errors.INVALID_REQUEST;
            case 401, 403 -> Errors.POLICY_VIOLATION;
            case 404 -> Errors.UNKNOWN_TOPIC_OR_PARTITION;
            default -> Errors.UNKNOWN_SERVER_ERROR;
        };
    }
}
