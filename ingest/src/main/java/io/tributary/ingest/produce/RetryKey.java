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
 * @param id half of a SHA-256 over tenant, topic and key
 * @param sticky where records without key go, the same for every try
 */
record RetryKey(UUID id, int sticky) {
    static RetryKey of(Topic topic, String key) {
        ByteBuffer hash =
                sha256(
                        (topic.tenant() + "\n" + topic.id() + "\n" + key)
                                .getBytes(StandardCharsets.UTF_8));
        return new RetryKey(new UUID(hash.getLong(), hash.getLong()), hash.getInt());
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
