package io.tributary.storage.object;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The object tier: whole immutable objects under keys that are never written twice. Strongly
 * consistent, as S3 is. Thread-safe and blocking. Keys are relative to the store's own prefix and
 * hold only {@code [a-z0-9/._-]}.
 *
 * <p>Every failure is an {@link ObjectStoreException} that says whether trying again can help.
 * Implementations try again a bounded number of times themselves.
 */
public interface ObjectStore extends AutoCloseable {
    /**
     * Stores a file's whole content; the object is there, complete and durable, when this returns.
     */
    void put(String key, Path file) throws IOException;

    /** Stores the bytes between position and limit; as {@link #put(String, Path)}. */
    void put(String key, ByteBuffer bytes) throws IOException;

    /**
     * Reads exactly {@code length} bytes from {@code offset}.
     *
     * @throws ObjectStoreException of kind MISSING without such an object, CORRUPT where it is
     *     shorter
     */
    ByteBuffer get(String key, long offset, int length) throws IOException;

    /**
     * As one {@link #get(String, long, int)} of all these lengths together, each part in memory of
     * its own, so that keeping one keeps no other.
     */
    default List<ByteBuffer> get(String key, long offset, List<Integer> lengths)
            throws IOException {
        ByteBuffer all = get(key, offset, lengths.stream().mapToInt(Integer::intValue).sum());
        List<ByteBuffer> parts = new ArrayList<>(lengths.size());
        for (int length : lengths) {
            byte[] part = new byte[length];
            all.get(part);
            parts.add(ByteBuffer.wrap(part));
        }
        return parts;
    }

    /**
     * Objects whose keys begin with the prefix, in rising order of key (by UTF-8 bytes).
     *
     * @param after only keys beyond this one
     * @param limit at most so many, 1 to 1,000
     */
    List<ObjectInfo> list(String prefix, Optional<String> after, int limit) throws IOException;

    /** Removes objects; a missing one is no error. */
    void delete(Collection<String> keys) throws IOException;

    /**
     * One cheap call that fails when the store cannot be used as configured; for start-up and
     * readiness.
     */
    void check() throws IOException;

    @Override
    void close();

    /** A stored object: its key, its size in bytes and when it was stored, by the store's clock. */
    record ObjectInfo(String key, long sizeBytes, java.time.Instant storedAt) {}
}
