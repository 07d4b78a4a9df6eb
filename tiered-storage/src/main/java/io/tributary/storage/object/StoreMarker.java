package io.tributary.storage.object;

import io.tributary.storage.object.ObjectStoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The object that says whose an object store is, at its root: a line of JSON of fixed length,
 * {@code {"version":1,"id":"<uuid>"}}. Written once, before anything else, and never removed.
 *
 * @param id of the deployment whose metadata knows the objects
 */
public record StoreMarker(UUID id) {
    /** Its key. */
    public static final String KEY = "tributary.json";

    private static final int VERSION = 1;
    private static final Pattern FORM =
            Pattern.compile("\\{\"version\":(\\d+),\"id\":\"([0-9a-f-]{36})\"}\n");

    /**
     * Reads a store's marker; empty when it has none. Blocks.
     *
     * @throws ObjectStoreException of kind CORRUPT where the object is no marker of this version
     */
    public static Optional<StoreMarker> read(ObjectStore store) throws IOException {
        ByteBuffer bytes;
        try {
            bytes = store.get(KEY, 0, new StoreMarker(new UUID(0, 0)).bytes().remaining());
        } catch (ObjectStoreException e) {
            if (e.kind() == Kind.MISSING) {
                return Optional.empty();
            }
            throw e;
        }
        Matcher form = FORM.matcher(StandardCharsets.US_ASCII.decode(bytes));
        if (!form.matches() || !form.group(1).equals(Integer.toString(VERSION))) {
            throw new ObjectStoreException(
                    Kind.CORRUPT, KEY + " of the object store is not one this release reads");
        }
        return Optional.of(new StoreMarker(UUID.fromString(form.group(2))));
    }

    /**
     * Writes it where there is none; durable when this returns. Blocks.
     *
     * @throws ObjectStoreException of kind EXISTS where the store has another
     */
    void writeTo(ObjectStore store) throws IOException {
        store.put(KEY, bytes());
    }

    private ByteBuffer bytes() {
        return StandardCharsets.US_ASCII.encode(
                "{\"version\":" + VERSION + ",\"id\":\"" + id + "\"}\n");
    }
}
