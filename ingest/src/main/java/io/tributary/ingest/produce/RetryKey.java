package io.tributary.ingest.produce;

import io.tributary.metadata.topic.Topic;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * An Idempotency-Key within its topic.
 *
 * @param id half of a SHA-256 over tenant, topic, key and spread
 * @param spread over how many partitions the records are spread, the same for every try
 * @param sticky where records without key go, the same for every try
 */
record RetryKey(UUID id, int spread, int sticky) {
    static RetryKey of(Topic topic, int spread, String key) {
        ByteBuffer hash =
                sha256(
                        (topic.tenant() + "\n" + topic.id() + "\n" + spread + "\n" + key)
                                .getBytes(StandardCharsets.UTF_8));
        return new RetryKey(new UUID(hash.getLong(), hash.getLong()), spread, hash.getInt());
    }

    /** 64 bits that tell one body from another; never 0. */
    static long fingerprint(byte[] body) {
        long hash = sha256(body).getLong();
        return hash == 0 ? 1 : hash;
    }

    private static ByteBuffer sha256(byte[] bytes) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
