package io.tributary.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.fault.FencedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** What every ledger store promises. */
abstract class LedgerStoreContract {
    /** Opens the store over what the one before it left. */
    abstract LedgerStore open() throws IOException;

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    private static List<String> all(LedgerReader reader) throws IOException {
        List<String> entries = new ArrayList<>();
        for (long i = 0; i < reader.endEntry(); i++) {
            entries.add(text(reader.read(i)));
        }
        return entries;
    }

    @Test
    void entriesAreNumberedFromZeroAndReadBack() throws Exception {
        try (LedgerStore store = open();
                LedgerWriter writer = store.create()) {
            assertEquals(0, writer.append(bytes("a")).get());
            assertEquals(1, writer.append(bytes("")).get());
            assertEquals(2, writer.append(bytes("c")).get());
            assertEquals(List.of("a", "", "c"), all(writer));
            assertThrows(IndexOutOfBoundsException.class, () -> writer.read(3));
        }
    }

    @Test
    void partsOfEntriesAreRead() throws Exception {
        try (LedgerStore store = open();
                LedgerWriter writer = store.create()) {
            writer.append(bytes("first")).get();
            writer.append(bytes("second")).get();
            assertEquals("con", text(writer.read(1, 2, 3)));
            assertEquals("", text(writer.read(0, 5, 0)));
            assertThrows(IndexOutOfBoundsException.class, () -> writer.read(2, 0, 1));
            try (LedgerReader reader = store.openAndFence(writer.ledgerId())) {
                assertEquals("fir", text(reader.read(0, 0, 3)));
            }
        }
    }

    @Test
    void manyAppendsAtOnceCompleteInOrder() throws Exception {
        try (LedgerStore store = open();
                LedgerWriter writer = store.create()) {
            List<CompletableFuture<Long>> futures = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                futures.add(writer.append(bytes("entry " + i)));
            }
            for (int i = 0; i < futures.size(); i++) {
                assertEquals(i, futures.get(i).get());
            }
            assertEquals("entry 1999", text(writer.read(1_999)));
        }
    }

    @Test
    void ackedEntriesSurviveReopen() throws Exception {
        long id;
        try (LedgerStore store = open()) {
            LedgerWriter writer = store.create();
            id = writer.ledgerId();
            writer.append(bytes("kept")).get();
        }
        try (LedgerStore store = open();
                LedgerReader reader = store.openAndFence(id)) {
            assertEquals(List.of("kept"), all(reader));
            assertEquals(List.of(id), store.list());
        }
    }

    @Test
    void fencedWriterCannotAppendAndTheAnswerStays() throws Exception {
        try (LedgerStore store = open()) {
            LedgerWriter writer = store.create();
            writer.append(bytes("before")).get();
            try (LedgerReader reader = store.openAndFence(writer.ledgerId())) {
                ExecutionException refused =
                        assertThrows(
                                ExecutionException.class,
                                () -> writer.append(bytes("after")).get());
                assertInstanceOf(FencedException.class, refused.getCause());
                assertEquals(List.of("before"), all(reader));
            }
            writer.close();
            try (LedgerReader again = store.openAndFence(writer.ledgerId())) {
                assertEquals(List.of("before"), all(again));
            }
        }
    }

    @Test
    void largestEntryIsTakenAndALargerOneRefused() throws Exception {
        try (LedgerStore store = open();
                LedgerWriter writer = store.create()) {
            ByteBuffer largest = ByteBuffer.allocate(LedgerWriter.MAX_ENTRY_BYTES);
            largest.put(12_345_678, (byte) 7);
            assertEquals(0, writer.append(largest).get());
            assertEquals(largest, writer.read(0));
            ByteBuffer tooLarge = ByteBuffer.allocate(LedgerWriter.MAX_ENTRY_BYTES + 1);
            assertThrows(ExecutionException.class, () -> writer.append(tooLarge).get());
            assertEquals(1, writer.append(bytes("next")).get());
        }
    }

    @Test
    void deletedLedgerIsGoneAndItsIdIsNeverUsedAgain() throws Exception {
        long last;
        try (LedgerStore store = open()) {
            store.create().close();
            LedgerWriter writer = store.create();
            last = writer.ledgerId();
            writer.close();
            store.delete(last);
            store.delete(last);
            assertThrows(LedgerMissingException.class, () -> store.openAndFence(last));
        }
        try (LedgerStore store = open();
                LedgerWriter writer = store.create()) {
            assertTrue(writer.ledgerId() > last);
        }
    }

    @Test
    void closedWriterRefusesAppends() throws Exception {
        try (LedgerStore store = open()) {
            LedgerWriter writer = store.create();
            writer.close();
            assertThrows(ExecutionException.class, () -> writer.append(bytes("late")).get());
        }
    }
}
