package io.tributary.metadata.record;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What every store of records promises. */
public abstract class VersionedRecordsContract {
    /** The store, with nothing below {@code /test} but that record itself. */
    protected abstract VersionedRecords records() throws Exception;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Change create(String path) {
        return new Change.Create(path, bytes("v"));
    }

    @Test
    void createdRecordIsReadBackAndNotCreatedTwice() throws Exception {
        VersionedRecords records = records();
        assertTrue(records.apply(List.of(create("/test/a"))));
        assertFalse(records.apply(List.of(create("/test/a"))));
        assertArrayEquals(bytes("v"), records.read("/test/a").orElseThrow().value());
        assertEquals(Optional.empty(), records.read("/test/b"));
    }

    @Test
    void replaceNeedsTheVersionThatWasRead() throws Exception {
        VersionedRecords records = records();
        records.apply(List.of(create("/test/a")));
        int version = records.read("/test/a").orElseThrow().version();
        assertTrue(records.apply(List.of(new Change.Replace("/test/a", bytes("1"), version))));
        assertFalse(records.apply(List.of(new Change.Replace("/test/a", bytes("2"), version))));
        assertFalse(records.apply(List.of(new Change.Replace("/test/b", bytes("2"), 0))));
        assertArrayEquals(bytes("1"), records.read("/test/a").orElseThrow().value());
    }

    @Test
    void changesAreMadeAllOrNone() throws Exception {
        VersionedRecords records = records();
        records.apply(List.of(create("/test/a")));
        assertFalse(
                records.apply(
                        List.of(
                                create("/test/b"),
                                new Change.Delete("/test/a"),
                                create("/test/b"))));
        assertEquals(Optional.empty(), records.read("/test/b"));
        assertTrue(records.read("/test/a").isPresent());
    }

    @Test
    void childrenAreListedInOrderAndKeepTheirParent() throws Exception {
        VersionedRecords records = records();
        records.apply(List.of(create("/test/p"), create("/test/p/2"), create("/test/p/1")));
        records.apply(List.of(create("/test/p/1/deep")));
        assertEquals(List.of("1", "2"), records.children("/test/p"));
        assertEquals(List.of(), records.children("/test/none"));
        assertFalse(records.apply(List.of(new Change.Delete("/test/p"))));
        assertFalse(records.apply(List.of(create("/test/none/child"))));
    }

    @Test
    void listenersHearOfEveryChange() throws Exception {
        VersionedRecords records = records();
        List<String> heard = new CopyOnWriteArrayList<>();
        records.onChange(heard::add);
        assertTrue(records.following());
        records.apply(List.of(create("/test/a")));
        await().until(() -> heard.contains("/test/a"));
        heard.clear();
        records.apply(List.of(new Change.Delete("/test/a")));
        await().until(() -> heard.contains("/test/a"));
    }

    @Test
    void treeIsReadParentsFirstAndWithoutItsNeighbours() throws Exception {
        VersionedRecords records = records();
        List<String> expected = new ArrayList<>(List.of("/test"));
        for (String parent : List.of("/test/p", "/test/q")) {
            records.apply(List.of(create(parent)));
            expected.add(parent);
            List<Change> children = new ArrayList<>();
            for (int i = 100; i < 350; i++) {
                children.add(create(parent + "/" + i));
                expected.add(parent + "/" + i);
            }
            records.apply(children);
        }
        List<String> read = new ArrayList<>();
        records.readTree(
                "/test",
                (path, value) -> {
                    read.add(path);
                    int parent = path.lastIndexOf('/');
                    assertTrue(parent == 0 || read.contains(path.substring(0, parent)));
                    assertEquals(path.equals("/test") ? 0 : 1, value.length);
                });
        assertEquals(expected, read.stream().sorted().toList());
        List<String> one = new ArrayList<>();
        records.readTree("/test/p/100", (path, value) -> one.add(path));
        records.readTree("/test/none", (path, value) -> one.add(path));
        assertEquals(List.of("/test/p/100"), one);
    }
}
