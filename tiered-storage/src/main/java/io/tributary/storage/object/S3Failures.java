package io.tributary.storage.object;

import io.tributary.storage.object.ObjectStoreException.Kind;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What an S3-compatible store's errors mean. */
final class S3Failures {
    private S3Failures() {}

    /** What the caller does about it. */
    static Kind kind(SdkException problem) {
        return switch (problem) {
            case S3Exception s3 -> kind(s3);
            case SdkClientException client
                    when client.getMessage() != null
                            && client.getMessage().contains("credentials") ->
                    Kind.DENIED;
            default -> Kind.UNAVAILABLE;
        };
    }

    private static Kind kind(AwsServiceException problem) {
        String code =
                problem.awsErrorDetails() == null
                        ? ""
                        : String.valueOf(problem.awsErrorDetails().errorCode());
        return switch (problem.statusCode()) {
            case 404 -> code.equals("NoSuchBucket") ? Kind.DENIED : Kind.MISSING;
            case 301, 307, 400, 401, 403 ->
                    code.equals("RequestTimeout") ? Kind.UNAVAILABLE : Kind.DENIED;
            case 409, 412 -> Kind.EXISTS;
            case 416 -> Kind.CORRUPT;
            case 501 -> Kind.UNSUPPORTED;
            default -> Kind.UNAVAILABLE;
        };
    }
}
