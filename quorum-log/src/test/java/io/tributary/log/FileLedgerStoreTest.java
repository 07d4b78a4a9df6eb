package io.tributary.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.fault.CorruptDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileLedgerStoreTest extends LedgerStoreContract {
    @TempDir Path folder;

    @Override
    LedgerStore open() throws IOException {
        return new FileLedgerStore(folder, Thread.ofPlatform().factory());
    }

    private Path file(long id) {
        return folder.resolve(String.format(java.util.Locale.ROOT, "%016x.ledger", id));
    }

    /** A ledger as a crash leaves it: three entries, the last synced alone, no closing frame. */
    private byte[] crashed() throws Exception {
        try (LedgerStore store = open()) {
            LedgerWriter writer = store.create();
            writer.append(bytes("first")).get();
            writer.append(bytes("second entry")).get();
            writer.append(bytes("third")).get();
            return Files.readAllBytes(file(writer.ledgerId()));
        }
    }

    private int openCut(byte[] content) throws IOException {
        Files.write(file(0), content);
        try (LedgerStore store = open();
                LedgerReader reader = store.openAndFence(0)) {
            for (long i = 0; i < reader.endEntry(); i++) {
                assertEquals(
                        List.of("first", "second entry", "third").get((int) i),
                        text(reader.read(i)));
            }
            return (int) reader.endEntry();
        }
    }

    @Test
    void cutAtAnyByteLeavesTheWholeEntriesBeforeIt() throws Exception {
        byte[] whole = crashed();
        int third = whole.length - EntryFrame.BYTES - "third".length();
        int second = third - EntryFrame.BYTES - "second entry".length();
        int first = second - EntryFrame.BYTES - "first".length();
        assertEquals(LedgerHeader.BYTES, first);
        for (int length = 0; length <= whole.length; length++) {
            int expected =
                    length == whole.length ? 3 : length >= third ? 2 : length >= second ? 1 : 0;
            assertEquals(
                    expected, openCut(java.util.Arrays.copyOf(whole, length)), "cut at " + length);
            // What was cut stays cut: a second opening answers the same.
            try (LedgerStore store = open();
                    LedgerReader again = store.openAndFence(0)) {
                assertEquals(expected, again.endEntry());
            }
        }
    }

    @Test
    void tornTailOfZerosIsCut() throws Exception {
        byte[] whole = crashed();
        assertEquals(3, openCut(java.util.Arrays.copyOf(whole, whole.length + 4_096)));
    }

    @Test
    void flippedBitIsNeverServed() throws Exception {
        byte[] whole = crashed();
        int third = whole.length - EntryFrame.BYTES - "third".length();
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 0x10;
            if (at < third) {
                // The third entry says that the others were durable: that is damage.
                int where = at;
                CorruptDataException damage =
                        assertThrows(
                                CorruptDataException.class,
                                () -> openCut(flipped),
                                () -> "flip at " + where);
                assertTrue(damage.getMessage().contains(file(0).toString()));
            } else {
                assertEquals(2, openCut(flipped), "flip at " + at);
            }
        }
    }

    @Test
    void damageBehindACleanEndIsReportedToo() throws Exception {
        crashed();
        open().openAndFence(0).close();
        byte[] closed = Files.readAllBytes(file(0));
        byte[] flipped = closed.clone();
        flipped[closed.length - EntryFrame.BYTES - 1] ^= 1;
        assertThrows(CorruptDataException.class, () -> openCut(flipped));
    }

    @Test
    void damageInAnOpenLedgerIsReportedWhenRead() throws Exception {
        try (LedgerStore store = open();
                LedgerWriter writer = store.create()) {
            writer.append(bytes("will be damaged")).get();
            byte[] content = Files.readAllBytes(file(writer.ledgerId()));
            content[content.length - 1] ^= 1;
            Files.write(file(writer.ledgerId()), content);
            assertThrows(CorruptDataException.class, () -> writer.read(0));
        }
    }

    @Test
    void appendsThatComeTogetherShareASync() throws Exception {
        FaultyFiles files = new FaultyFiles();
        try (LedgerStore store = new FileLedgerStore(folder, files, Thread.ofPlatform().factory());
                LedgerWriter writer = store.create()) {
            int before = files.syncs();
            List<CompletableFuture<Long>> futures = new ArrayList<>();
            for (int i = 0; i < 20_000; i++) {
                futures.add(writer.append(bytes("x")));
            }
            CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)).get();
            int syncs = files.syncs() - before;
            assertTrue(syncs < futures.size() / 10, syncs + " syncs");
        }
    }

    @Test
    void closedStoreLeavesNoThread() throws Exception {
        try (LedgerStore store = open()) {
            store.create().append(bytes("a")).get();
        }
        assertTrue(
                Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("tributary-ledger")));
    }
}
