package io.tributary.log;

import static io.tributary.log.LedgerStoreContract.bytes;
import static io.tributary.log.LedgerStoreContract.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.fault.CorruptDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cuts and flips in every file a ledger store keeps; see also {@link FileLedgerStoreTest}. */
class LedgerDamageTest {
    @TempDir Path folder;

    private LedgerStore open() throws IOException {
        return new FileLedgerStore(folder, new FaultyFiles(), Thread.ofPlatform().factory());
    }

    private Path file(long id) {
        return folder.resolve(String.format(Locale.ROOT, "%016x.ledger", id));
    }

    private byte[] closedLedger() throws Exception {
        try (LedgerStore store = open()) {
            LedgerWriter writer = store.create();
            writer.append(bytes("first")).get();
            writer.append(bytes("second")).get();
            store.openAndFence(writer.ledgerId()).close();
            writer.close();
        }
        return Files.readAllBytes(file(0));
    }

    @Test
    void damagedHeaderBeforeAnyEntryIsReported() throws Exception {
        byte[] whole;
        try (LedgerStore store = open()) {
            store.create().append(bytes("the only one, known by nobody else")).get();
            whole = Files.readAllBytes(file(0));
        }
        for (int at = 0; at < LedgerHeader.BYTES; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 1;
            Files.write(file(0), damaged);
            try (LedgerStore store = open()) {
                CorruptDataException damage =
                        assertThrows(CorruptDataException.class, () -> store.openAndFence(0));
                assertTrue(damage.getMessage().contains(file(0) + " is damaged at byte 0"));
                assertTrue(damage.getMessage().contains("Restore"));
            }
            assertEquals(whole.length, Files.size(file(0)), "damaged truth was changed");
        }
    }

    @Test
    void flipInAClosedLedgerIsReportedOrMended() throws Exception {
        byte[] whole = closedLedger();
        int end = whole.length - EntryFrame.BYTES;
        for (int at = 0; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 4;
            Files.write(file(0), damaged);
            try (LedgerStore store = open()) {
                if (at < end) {
                    assertThrows(
                            CorruptDataException.class, () -> store.openAndFence(0), "flip " + at);
                } else {
                    // The last frame says nothing that the entries before it do not.
                    try (LedgerReader reader = store.openAndFence(0)) {
                        assertEquals(2, reader.endEntry());
                        assertEquals("second", text(reader.read(1)));
                    }
                    assertEquals(-1, Arrays.mismatch(whole, Files.readAllBytes(file(0))));
                }
            }
        }
    }

    @Test
    void entryOfAnotherLedgerIsNotTakenForOneOfThis() throws Exception {
        byte[] whole = closedLedger();
        long other;
        try (LedgerStore store = open()) {
            other = store.create().ledgerId();
            byte[] header = Arrays.copyOf(Files.readAllBytes(file(other)), LedgerHeader.BYTES);
            System.arraycopy(header, 0, whole, 0, LedgerHeader.BYTES);
            Files.write(file(other), whole);
        }
        try (LedgerStore store = open();
                LedgerReader reader = store.openAndFence(other)) {
            assertEquals(0, reader.endEntry());
        }
    }

    @Test
    void readNamesFileAndByteOfADamagedEntryAndServesItsNeighbours() throws Exception {
        byte[] whole = closedLedger();
        int second = LedgerHeader.BYTES + EntryFrame.BYTES + "first".length();
        try (LedgerStore store = open();
                LedgerReader reader = store.openAndFence(0)) {
            for (int at = second; at < second + EntryFrame.BYTES + "second".length(); at++) {
                byte[] damaged = whole.clone();
                damaged[at] ^= 0x20;
                Files.write(file(0), damaged);
                CorruptDataException damage =
                        assertThrows(CorruptDataException.class, () -> reader.read(1));
                assertTrue(damage.getMessage().contains(file(0) + " is damaged at byte " + second));
                assertEquals("first", text(reader.read(0)));
            }
        }
    }

    /** Twenty ids were given out, and the ledgers but the seventh were deleted. */
    private void ids() throws Exception {
        try (LedgerStore store = open()) {
            for (int i = 0; i < 20; i++) {
                store.create().close();
            }
            for (long id : store.list()) {
                if (id != 7) {
                    store.delete(id);
                }
            }
        }
    }

    private long nextId() throws IOException {
        try (LedgerStore store = open();
                LedgerWriter writer = store.create()) {
            long id = writer.ledgerId();
            store.delete(id);
            return id;
        }
    }

    @Test
    void damagedOrCutIdFileNeverGivesAnIdOfALedgerThatIsThere() throws Exception {
        ids();
        Path file = folder.resolve("next-id");
        byte[] whole = Files.readAllBytes(file);
        assertEquals(64, nextId());
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertEquals(8, nextId(), "cut at " + length);
        }
        for (int at = 0; at < whole.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] damaged = whole.clone();
                damaged[at] ^= (byte) (1 << bit);
                Files.write(file, damaged);
                assertEquals(8, nextId(), "flip at " + at);
            }
        }
        Files.delete(file);
        assertEquals(8, nextId());
        assertFalse(Files.exists(folder.resolve("next-id.new")));
        try (LedgerStore store = open()) {
            assertEquals(List.of(7L), store.list());
        }
    }

    @Test
    void draftOfTheIdFileThatACrashLeftIsReplaced() throws Exception {
        Files.write(folder.resolve("next-id.new"), new byte[] {1, 2, 3});
        assertEquals(0, nextId());
        assertEquals(64, nextId());
    }
}
