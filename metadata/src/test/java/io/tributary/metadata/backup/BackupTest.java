package io.tributary.metadata.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.metadata.record.Change;
import io.tributary.metadata.record.MemoryRecords;
import io.tributary.metadata.record.VersionedRecords;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class BackupTest {
    private static final BackupName NAME = new BackupName(2, 7, new UUID(1, 2));

    private final MemoryRecords records = new MemoryRecords();
    private final TreeCopy copy = new TreeCopy(records);

    private void put(String path, String value) {
        records.apply(List.of(new Change.Create(path, value.getBytes(UTF_8))));
    }

    private byte[] write() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BackupWriter writer = new BackupWriter(out, NAME, 1_234);
        copy.writeTo(writer);
        writer.finish();
        return out.toByteArray();
    }

    private static NavigableMap<String, byte[]> read(byte[] backup) throws IOException {
        return BackupReader.read(new ByteArrayInputStream(backup)).records();
    }

    @Test
    void everyRecordComesBackInAFractionOfItsBytes() throws Exception {
        put("/topics", "");
        StringBuilder noise = new StringBuilder();
        for (int i = 0; i < 30_000; i++) {
            noise.append("{\"name\":\"a topic with number ").append(i).append("\"}");
        }
        byte[] large = noise.toString().getBytes(UTF_8);
        records.apply(List.of(new Change.Create("/topics/large", large)));
        put("/topics/empty", "");

        byte[] backup = write();

        assertTrue(backup.length < large.length / 5, backup.length + " of " + large.length);
        BackupReader.Backup read = BackupReader.read(new ByteArrayInputStream(backup));
        assertEquals(NAME, read.name());
        assertEquals(Instant.ofEpochMilli(1_234), read.writtenAt());
        assertEquals(Set.of("/topics", "/topics/large", "/topics/empty"), read.records().keySet());
        assertArrayEquals(large, read.records().get("/topics/large"));
    }

    @Test
    void cutOrFlippedAnywhereIsRefused() throws Exception {
        put("/tenants", "value");
        put("/tenants/t-1", "another");
        byte[] backup = write();
        for (int length = 0; length < backup.length; length++) {
            byte[] cut = Arrays.copyOf(backup, length);
            assertThrows(MalformedBytesException.class, () -> read(cut), "cut at " + length);
        }
        for (int at = 0; at < backup.length; at++) {
            byte[] flipped = backup.clone();
            flipped[at] ^= 0x20;
            assertThrows(MalformedBytesException.class, () -> read(flipped), "flip at " + at);
        }
    }

    @Test
    void whatSignsTokensStaysAndManifestsAloneAreNoReason() throws Exception {
        put("/signing-keys", "secret");
        put("/signing-keys/1", "secret");
        put("/key-usage", "");
        put("/shards", "");
        put("/shards/0", "manifest");
        assertTrue(copy.pending());
        assertEquals(Set.of("/shards", "/shards/0"), read(write()).keySet());
        assertFalse(copy.pending());
        put("/key-usage/1", "now");
        put("/signing-keys/2", "secret");
        put("/shards/1", "manifest");
        assertFalse(copy.pending());
        put("/tenants", "");
        assertTrue(copy.pending());
    }

    /** Records that somebody changes as soon as one of them is read. */
    private static final class Busy implements VersionedRecords {
        private final MemoryRecords records = new MemoryRecords();
        private int changes;

        @Override
        public Optional<io.tributary.metadata.record.VersionedRecord> read(String path) {
            change();
            return records.read(path);
        }

        @Override
        public List<String> children(String path) {
            return records.children(path);
        }

        @Override
        public void readTree(String path, Visitor visitor) throws IOException {
            records.readTree(
                    path,
                    (at, value) -> {
                        change();
                        visitor.record(at, value);
                    });
        }

        private void change() {
            if (changes-- > 0) {
                records.apply(
                        List.of(
                                new Change.Replace(
                                        "/topics/a",
                                        ("a" + changes).getBytes(UTF_8),
                                        records.read("/topics/a").orElseThrow().version()),
                                new Change.Delete("/topics/b" + changes),
                                new Change.Create("/topics/c" + changes, new byte[0])));
            }
        }

        @Override
        public boolean apply(List<Change> all) {
            return records.apply(all);
        }

        @Override
        public boolean following() {
            return true;
        }

        @Override
        public void onChange(java.util.function.Consumer<String> listener) {
            records.onChange(listener);
        }
    }

    @Test
    void copyIsTheTreeAsItWasAtOneMoment() throws Exception {
        Busy busy = new Busy();
        busy.apply(List.of(new Change.Create("/topics", new byte[0])));
        busy.apply(List.of(new Change.Create("/topics/a", new byte[0])));
        for (int i = 0; i < 20; i++) {
            busy.apply(List.of(new Change.Create("/topics/b" + i, new byte[0])));
        }
        TreeCopy follower = new TreeCopy(busy);
        busy.changes = 20;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BackupWriter writer = new BackupWriter(out, NAME, 0);
        follower.writeTo(writer);
        writer.finish();

        NavigableMap<String, byte[]> read = read(out.toByteArray());
        assertEquals(busy.children("/topics").size() + 1, read.size());
        assertEquals("a0", new String(read.get("/topics/a"), UTF_8));
        assertEquals(20, read.keySet().stream().filter(p -> p.startsWith("/topics/c")).count());
    }

    @Test
    void keysSortLikeTheBackupsAndNothingElseIsOne() {
        List<BackupName> inOrder =
                List.of(
                        new BackupName(1, 9, new UUID(9, 9)),
                        new BackupName(1, 10, new UUID(0, 1)),
                        new BackupName(2, 0, new UUID(0, 1)),
                        new BackupName(16, 3, new UUID(0, 1)));
        List<String> keys = inOrder.stream().map(BackupName::key).toList();
        assertEquals(keys, keys.stream().sorted().toList());
        assertEquals(inOrder, keys.stream().map(k -> BackupName.parse(k).orElseThrow()).toList());
        assertEquals(Optional.empty(), BackupName.parse(keys.getFirst() + "x"));
        assertEquals(Optional.empty(), BackupName.parse("metadata/" + new UUID(0, 1)));
    }
}
