package io.tributary.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SurvivingLedgerTest {
    private static final List<String> ENTRIES = List.of("first", "second entry", "third");

    @TempDir Path folder;
    private byte[] whole;
    private Path file;

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A ledger as a crash leaves it. */
    @BeforeEach
    void write() throws Exception {
        try (LedgerStore store = new FileLedgerStore(folder, Thread.ofPlatform().factory())) {
            LedgerWriter writer = store.create();
            for (String entry : ENTRIES) {
                writer.append(bytes(entry)).get();
            }
        }
        try (var files = Files.list(folder)) {
            file = files.filter(f -> f.toString().endsWith(".ledger")).findFirst().orElseThrow();
        }
        whole = Files.readAllBytes(file);
    }

    private record Read(TreeMap<Long, String> entries, List<String> damage) {}

    private Read read(byte[] content) throws Exception {
        Files.write(file, content);
        try (SurvivingLedger ledger = SurvivingLedger.openAll(folder).getFirst()) {
            TreeMap<Long, String> entries = new TreeMap<>();
            for (long entry : ledger.entries()) {
                ByteBuffer bytes = ledger.read(entry);
                assertEquals(bytes.slice(1, 3), ledger.read(entry, 1, 3));
                entries.put(entry, StandardCharsets.UTF_8.decode(bytes).toString());
            }
            assertArrayEquals(content, Files.readAllBytes(file), "the file was changed");
            return new Read(entries, ledger.damage());
        }
    }

    @Test
    void everyUndamagedEntryIsReadWhereverABitFlipped() throws Exception {
        assertEquals(List.of(), read(whole).damage());
        int second = LedgerHeader.BYTES + EntryFrame.BYTES + "first".length();
        int third = second + EntryFrame.BYTES + "second entry".length();
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 0x10;
            Read read = read(flipped);
            TreeMap<Long, String> expected = new TreeMap<>();
            for (int i = 0; i < 3; i++) {
                expected.put((long) i, ENTRIES.get(i));
            }
            if (at >= LedgerHeader.BYTES) {
                expected.remove(at < second ? 0L : at < third ? 1L : 2L);
            }
            assertEquals(expected, read.entries(), "flip at " + at);
            assertEquals(1, read.damage().size(), "flip at " + at);
            assertTrue(read.damage().getFirst().startsWith(file.getFileName().toString()));
        }
    }

    @Test
    void cutTailIsReportedAndZerosAreNot() throws Exception {
        Read cut = read(Arrays.copyOf(whole, whole.length - 1));
        assertEquals(2, cut.entries().size());
        assertEquals(1, cut.damage().size());
        Read zeros = read(Arrays.copyOf(whole, whole.length + 4_096));
        assertEquals(3, zeros.entries().size());
        assertEquals(List.of(), zeros.damage());
    }

    @Test
    void closedLedgerThatLacksItsLastEntryIsReported() throws Exception {
        try (LedgerStore store = new FileLedgerStore(folder, Thread.ofPlatform().factory())) {
            store.openAndFence(0).close();
        }
        byte[] closed = Files.readAllBytes(file);
        assertEquals(List.of(), read(closed).damage());
        closed[closed.length - EntryFrame.BYTES - 1] ^= 1;
        Read read = read(closed);
        assertEquals(2, read.entries().size());
        assertEquals(1, read.damage().size());
    }
}
