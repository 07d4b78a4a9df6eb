package io.tributary.storage.object;

import java.net.URI;
import java.util.Optional;

/**
 * Where objects lie on an S3-compatible store. Credentials come from the AWS SDK's usual chain.
 *
 * @param prefix put before every key, without slashes at its ends; may be empty
 * @param endpoint empty for AWS
 * @param pathStyle whether the bucket is part of the path rather than of the host name
 */
public record S3Settings(
        String bucket, String prefix, Optional<URI> endpoint, String region, boolean pathStyle) {
    public S3Settings {
        if (bucket.isBlank()) {
            throw new IllegalArgumentException("a bucket needs a name");
        }
        prefix = prefix.replaceAll("^/+|/+$", "");
    }
}
