package io.tributary.log;

import static io.tributary.log.LedgerStoreContract.bytes;
import static io.tributary.log.LedgerStoreContract.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.fault.StorageFullException;
import io.tributary.log.FaultyFiles.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LedgerFaultsTest {
    @TempDir Path folder;
    private final FaultyFiles files = new FaultyFiles();
    private LedgerStore store;

    @BeforeEach
    void open() throws IOException {
        store = new FileLedgerStore(folder, files, Thread.ofPlatform().factory());
    }

    @AfterEach
    void close() throws IOException {
        files.heal();
        store.close();
    }

    private void restart() throws IOException {
        close();
        open();
    }

    private Path file(long id) {
        return folder.resolve(String.format(Locale.ROOT, "%016x.ledger", id));
    }

    private static List<String> all(LedgerReader reader) throws IOException {
        List<String> entries = new ArrayList<>();
        for (long i = 0; i < reader.endEntry(); i++) {
            entries.add(text(reader.read(i)));
        }
        return entries;
    }

    private static Throwable refused(CompletableFuture<Long> append) {
        return assertThrows(ExecutionException.class, append::get).getCause();
    }

    @ParameterizedTest
    @EnumSource(names = {"WRITE", "FORCE"})
    void failedWriteOrSyncEndsTheLedgerAtItsLastAckedEntry(Call call) throws Exception {
        LedgerWriter writer = store.create();
        writer.append(bytes("acked")).get();
        files.fail(call);
        assertInstanceOf(IOException.class, refused(writer.append(bytes("lost"))));
        files.heal();
        int syncs = files.syncs();
        assertInstanceOf(IOException.class, refused(writer.append(bytes("later"))));
        assertEquals(syncs, files.syncs(), "a poisoned file was synced again");
        try (LedgerReader reader = store.openAndFence(writer.ledgerId())) {
            assertEquals(List.of("acked"), all(reader));
        }
        writer.close();
        files.cutPower();
        restart();
        try (LedgerReader reader = store.openAndFence(0)) {
            assertEquals(List.of("acked"), all(reader));
        }
    }

    @Test
    void appendsWaitingBehindAFailedSyncAreNotAcknowledged() throws Exception {
        LedgerWriter writer = store.create();
        files.fail(Call.FORCE);
        List<CompletableFuture<Long>> appends = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            appends.add(writer.append(bytes("entry")));
        }
        for (CompletableFuture<Long> append : appends) {
            assertInstanceOf(IOException.class, refused(append));
        }
        files.heal();
        assertEquals(0, writer.endEntry());
        writer.close();
    }

    @Test
    void ledgerThatCannotBeSealedIsReadableAndNothingIsWrittenAfterIt() throws Exception {
        LedgerWriter writer = store.create();
        writer.append(bytes("acked")).get();
        files.fail(Call.FORCE);
        refused(writer.append(bytes("lost")));
        for (int i = 0; i < 2; i++) {
            try (LedgerReader reader = store.openAndFence(writer.ledgerId())) {
                assertEquals(List.of("acked"), all(reader));
            }
            assertThrows(IOException.class, store::create);
        }
        files.heal();
        store.create().close();
        writer.close();
        restart();
        try (LedgerReader reader = store.openAndFence(writer.ledgerId())) {
            assertEquals(List.of("acked"), all(reader));
        }
    }

    @Test
    void whatAReaderSawAfterAFailedSyncAndARestartSurvivesAPowerCut() throws Exception {
        LedgerWriter writer = store.create();
        writer.append(bytes("acked")).get();
        files.fail(Call.FORCE);
        refused(writer.append(bytes("in the system's memory only")));
        files.heal();
        writer.close();
        restart();
        List<String> seen;
        try (LedgerReader reader = store.openAndFence(0)) {
            seen = all(reader);
        }
        assertEquals(List.of("acked", "in the system's memory only"), seen);
        files.cutPower();
        restart();
        try (LedgerReader reader = store.openAndFence(0)) {
            assertEquals(seen, all(reader));
        }
    }

    @ParameterizedTest
    @EnumSource(Call.class)
    void failedCreateLeavesNoLedgerFileAndNoOpenChannel(Call call) throws Exception {
        store.create().close();
        List<Long> before = store.list();
        int channels = files.openChannels();
        files.fail(call);
        if (call == Call.TRUNCATE) {
            // Only sealing truncates.
            store.openAndFence(before.getFirst()).close();
        }
        assertThrows(IOException.class, store::create);
        assertEquals(before, store.list());
        assertEquals(channels, files.openChannels());
        files.heal();
        LedgerWriter next = store.create();
        assertTrue(next.ledgerId() > before.getLast());
        next.append(bytes("works")).get();
        next.close();
    }

    @Test
    void failedThreadLeavesNoLedgerFile() throws Exception {
        try (LedgerStore broken =
                new FileLedgerStore(
                        folder,
                        files,
                        task -> {
                            throw new IllegalStateException("no threads left");
                        })) {
            assertThrows(IllegalStateException.class, broken::create);
            assertEquals(List.of(), broken.list());
            assertEquals(0, files.openChannels());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 23, 24, 27, 28, 40, 60})
    void fullDiskEndsTheLedgerAtItsLastAckedEntryAndReadingNeedsNoRoom(long room) throws Exception {
        LedgerWriter writer = store.create();
        writer.append(bytes("acked")).get();
        files.room(room);
        assertInstanceOf(
                StorageFullException.class, refused(writer.append(bytes("x".repeat(100)))));
        files.room(0);
        int before = files.openChannels();
        try (LedgerReader reader = store.openAndFence(writer.ledgerId())) {
            assertEquals(List.of("acked"), all(reader));
            // Cutting off what was not acknowledged gave some back.
            files.room(0);
            assertThrows(StorageFullException.class, store::create);
            assertEquals(List.of("acked"), all(reader));
        }
        assertEquals(before, files.openChannels());
        writer.close();
        restart();
        files.room(0);
        try (LedgerReader reader = store.openAndFence(writer.ledgerId())) {
            assertEquals(List.of("acked"), all(reader));
        }
        files.heal();
        LedgerWriter next = store.create();
        next.append(bytes("room again")).get();
        next.close();
        // The frame that closes the first ledger was made up for.
        byte[] closed = Files.readAllBytes(file(writer.ledgerId()));
        assertEquals(LedgerHeader.BYTES + 2 * EntryFrame.BYTES + "acked".length(), closed.length);
    }

    @Test
    void fullDiskWhileIdsAreReservedUsesNoIdTwice() throws Exception {
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < 130; i++) {
            files.room(i % 3 == 0 ? 3 : Long.MAX_VALUE);
            try (LedgerWriter writer = store.create()) {
                ids.add(writer.ledgerId());
            } catch (StorageFullException e) {
                assertEquals(0, i % 3);
            }
            if (i % 20 == 0) {
                restart();
            }
        }
        assertEquals(ids.stream().distinct().sorted().toList(), ids);
        assertFalse(ids.isEmpty());
        assertEquals(ids, store.list());
    }
}
