package io.tributary.storage.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tributary.storage.object.ObjectStore.ObjectInfo;
import io.tributary.storage.object.ObjectStoreException.Kind;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What every object store promises. */
abstract class ObjectStoreContract {
    @TempDir Path files;

    /** An empty store. */
    abstract ObjectStore store() throws Exception;

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static void fails(Kind kind, Executable call) {
        assertEquals(kind, assertThrows(ObjectStoreException.class, call).kind());
    }

    @Test
    void rangesOfAnObjectAreReadBack() throws Exception {
        try (ObjectStore store = store()) {
            store.check();
            store.put("objects/0/a", bytes("hello world"));
            assertEquals(bytes("hello world"), store.get("objects/0/a", 0, 11));
            assertEquals(bytes("wor"), store.get("objects/0/a", 6, 3));
            assertEquals(0, store.get("objects/0/a", 3, 0).remaining());
        }
    }

    @Test
    void largeFileGoesUpAsItIs() throws Exception {
        byte[] content = new byte[(20 << 20) + 17];
        for (int i = 0; i < content.length; i += 1_000) {
            content[i] = (byte) (i / 1_000);
        }
        Path file = Files.write(files.resolve("large"), content);
        try (ObjectStore store = store()) {
            store.put("objects/0/large", file);
            store.put("objects/0/large", file);
            assertEquals(
                    ByteBuffer.wrap(content, content.length - 5_000, 5_000),
                    store.get("objects/0/large", content.length - 5_000, 5_000));
            assertEquals(
                    content.length,
                    store.list("objects/", Optional.empty(), 10).getFirst().sizeBytes());
        }
    }

    @Test
    void keysAreNeverWrittenTwice() throws Exception {
        try (ObjectStore store = store()) {
            store.put("k", bytes("one"));
            store.put("k", bytes("one"));
            fails(Kind.EXISTS, () -> store.put("k", bytes("two")));
            assertEquals(bytes("one"), store.get("k", 0, 3));
        }
    }

    @Test
    void missingAndShortObjectsAreTold() throws Exception {
        try (ObjectStore store = store()) {
            store.put("short", bytes("abc"));
            fails(Kind.MISSING, () -> store.get("nothing", 0, 1));
            fails(Kind.CORRUPT, () -> store.get("short", 1, 3));
            fails(Kind.CORRUPT, () -> store.get("short", 10, 1));
        }
    }

    @Test
    void listingIsInOrderAndCanBeContinued() throws Exception {
        try (ObjectStore store = store()) {
            for (String key : List.of("a/2", "a/1", "b/1", "a/10", "ab")) {
                store.put(key, bytes(key));
            }
            List<String> first =
                    store.list("a/", Optional.empty(), 2).stream().map(ObjectInfo::key).toList();
            assertEquals(List.of("a/1", "a/10"), first);
            assertEquals(
                    List.of("a/2"),
                    store.list("a/", Optional.of("a/10"), 2).stream()
                            .map(ObjectInfo::key)
                            .toList());
            assertEquals(5, store.list("", Optional.empty(), 100).size());
        }
    }

    @Test
    void deletedObjectsAreGoneAndMissingOnesAreNoError() throws Exception {
        try (ObjectStore store = store()) {
            store.put("x/1", bytes("1"));
            store.put("x/2", bytes("2"));
            store.delete(List.of("x/1", "x/never"));
            fails(Kind.MISSING, () -> store.get("x/1", 0, 1));
            assertEquals(1, store.list("x/", Optional.empty(), 10).size());
            store.put("x/1", bytes("anew"));
        }
    }

    @Test
    void keysWithPathTricksAreRefused() throws Exception {
        try (ObjectStore store = store()) {
            for (String key :
                    List.of("../x", "a/../b", "/a", "a//b", "", "A", "a/.b", ".uploads/1")) {
                assertThrows(IllegalArgumentException.class, () -> store.put(key, bytes("x")), key);
            }
        }
    }
}
