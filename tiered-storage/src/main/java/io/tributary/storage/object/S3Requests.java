package io.tributary.storage.object;

import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.s3.model.AbortMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;

/** Tells a listener of every HTTP request the SDK sends, its own retries included. */
final class S3Requests implements ExecutionInterceptor {
    /** The SDK numbers attempts here: {@code attempt=1; max=3}. */
    private static final String ATTEMPT_HEADER = "amz-sdk-request";

    private static final String FIRST_ATTEMPT = "attempt=1;";

    private final RequestListener listener;
    private final String prefix;

    S3Requests(RequestListener listener, String prefix) {
        this.listener = listener;
        this.prefix = prefix;
    }

    @Override
    public void beforeTransmission(
            Context.BeforeTransmission context, ExecutionAttributes attributes) {
        SdkRequest request = context.request();
        String key =
                request.getValueForField("Key", String.class)
                        .or(() -> request.getValueForField("Prefix", String.class))
                        .orElse("");
        boolean retry =
                context.httpRequest()
                        .firstMatchingHeader(ATTEMPT_HEADER)
                        .filter(attempt -> !attempt.startsWith(FIRST_ATTEMPT))
                        .isPresent();
        listener.sent(
                kind(request),
                key.startsWith(prefix) ? key.substring(prefix.length()) : key,
                retry);
    }

    private static RequestKind kind(SdkRequest request) {
        return switch (request) {
            case GetObjectRequest get -> RequestKind.GET;
            case HeadObjectRequest head -> RequestKind.GET;
            case ListObjectsV2Request list -> RequestKind.LIST;
            case DeleteObjectRequest delete -> RequestKind.DELETE;
            case AbortMultipartUploadRequest abort -> RequestKind.DELETE;
            default -> RequestKind.PUT;
        };
    }
}
