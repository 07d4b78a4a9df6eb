package io.tributary.storage.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.log.FileLedgerStore;
import io.tributary.log.LedgerWriter;
import io.tributary.storage.batch.ClientBatch;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.log.ShardLog;
import io.tributary.storage.log.TailCache;
import io.tributary.storage.segment.BatchFields;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.record.internal.CompressionType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batches read out of entries that lie in a file, of which the tail cache has nothing. */
class LoggedBatchesTest {
    private static final int EPOCH = 5;

    @TempDir Path folder;
    private FileLedgerStore ledgers;
    private ShardLog log;
    private LoggedBatches batches;

    @BeforeEach
    void open() throws IOException {
        ledgers = new FileLedgerStore(folder, Thread.ofPlatform().factory());
        log = new ShardLog(new TailCache(0));
        LedgerWriter writer = ledgers.create();
        log.begin(writer);
        batches = new LoggedBatches(log);
    }

    @AfterEach
    void close() throws IOException {
        log.close();
        ledgers.close();
    }

    /** Appends an entry of batches with other bytes before, between and behind them. */
    private List<BatchRef> append(long baseOffset, int gapBytes, List<ByteBuffer> wanted)
            throws Exception {
        int size = wanted.stream().mapToInt(batch -> batch.remaining() + gapBytes).sum() + gapBytes;
        ByteBuffer entry = ByteBuffer.allocate(size);
        List<BatchRef> refs = new ArrayList<>();
        long offset = baseOffset;
        for (ByteBuffer batch : wanted) {
            entry.position(entry.position() + gapBytes);
            BatchFields.place(batch, offset, EPOCH);
            refs.add(
                    new BatchRef(
                            offset,
                            offset + 1,
                            log.nextPosition(),
                            entry.position(),
                            batch.remaining(),
                            0));
            entry.put(batch.duplicate());
            offset++;
        }
        log.append(entry.clear()).durable().get();
        return refs;
    }

    private static List<ByteBuffer> some(String... values) {
        return Stream.of(values)
                .map(value -> ClientBatch.plain(CompressionType.NONE, 1_000).values(value))
                .toList();
    }

    private void flip(BatchRef ref, int at) throws IOException {
        Path file;
        try (Stream<Path> files = Files.list(folder)) {
            file = files.filter(path -> path.toString().endsWith(".ledger")).toList().getFirst();
        }
        byte[] all = Files.readAllBytes(file);
        ByteBuffer batch = batches.read(List.of(ref)).getFirst();
        int found = indexOf(ByteBuffer.wrap(all), batch);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {(byte) (all[found + at] ^ 1)}), found + at);
        }
    }

    private static int indexOf(ByteBuffer all, ByteBuffer part) {
        int at = 0;
        while (!all.slice(at, part.remaining()).equals(part)) {
            at++;
        }
        return at;
    }

    @Test
    void batchesComeBackWhereverTheyLie() throws Exception {
        List<ByteBuffer> first = some("a", "b", "c");
        List<ByteBuffer> second = some("d", "e");
        List<BatchRef> refs = new ArrayList<>(append(0, 25, first));
        refs.addAll(append(3, 5_000, second));
        List<ByteBuffer> all = new ArrayList<>(first);
        all.addAll(second);
        for (int i = 0; i < 2; i++) {
            assertEquals(all, batches.read(refs));
            assertEquals(all.subList(1, 5), batches.read(refs.subList(1, 5)));
        }
        List<ByteBuffer> seen = new ArrayList<>();
        batches.read(
                refs,
                (ref, batch) -> {
                    seen.add(batch);
                    return ref.baseOffset() < 3;
                });
        assertEquals(all.subList(0, 4), seen);
    }

    @Test
    void noDamagedByteOfABatchIsServed() throws Exception {
        int length = some("x").getFirst().remaining();
        // The first read of a ledger checks whole entries, those behind it parts.
        BatchRef intact = append(0, 25, some("intact")).getFirst();
        batches.read(List.of(intact));
        for (int at = 0; at < length; at++) {
            BatchRef ref = append(1_000 + at * 100L, 25, some("x")).getFirst();
            flip(ref, at);
            assertThrows(
                    CorruptDataException.class, () -> batches.read(List.of(ref)), "byte " + at);
        }
        batches.read(List.of(intact));
    }

    @Test
    void damageElsewhereInAnEntryDoesNotMatter() throws Exception {
        List<BatchRef> refs = append(0, 25, some("x", "y"));
        batches.read(refs);
        flip(refs.getFirst(), 70);
        assertEquals(1, batches.read(refs.subList(1, 2)).size());
        assertThrows(CorruptDataException.class, () -> batches.read(refs));
        assertThrows(CorruptDataException.class, () -> log.read(new LogPosition(0, 0)));
    }
}
