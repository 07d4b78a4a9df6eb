package io.tributary.storage.shard;

import io.tributary.kernel.fault.StorageFullException;
import io.tributary.log.LedgerReader;
import io.tributary.log.LedgerStore;
import io.tributary.log.LedgerWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/** Ledgers that take nothing while they are broken; a writer that failed once fails for good. */
final class FaultyLedgers implements LedgerStore {
    enum Fault {
        NONE,
        FULL,
        SYNC
    }

    final AtomicReference<Fault> creating = new AtomicReference<>(Fault.NONE);
    final AtomicReference<Fault> appending = new AtomicReference<>(Fault.NONE);
    private final LedgerStore ledgers;

    FaultyLedgers(LedgerStore ledgers) {
        this.ledgers = ledgers;
    }

    void both(Fault fault) {
        creating.set(fault);
        appending.set(fault);
    }

    private static void check(AtomicReference<Fault> fault) throws IOException {
        switch (fault.get()) {
            case NONE -> {}
            case FULL -> throw new StorageFullException("No space left on device", null);
            case SYNC -> throw new IOException("Input/output error");
        }
    }

    @Override
    public LedgerWriter create() throws IOException {
        check(creating);
        return new Writer(ledgers.create());
    }

    @Override
    public LedgerReader openAndFence(long ledgerId) throws IOException {
        return ledgers.openAndFence(ledgerId);
    }

    @Override
    public void delete(long ledgerId) throws IOException {
        ledgers.delete(ledgerId);
    }

    @Override
    public List<Long> list() throws IOException {
        return ledgers.list();
    }

    @Override
    public void close() throws IOException {
        ledgers.close();
    }

    private final class Writer implements LedgerWriter {
        private final LedgerWriter writer;
        private IOException failure;

        Writer(LedgerWriter writer) {
            this.writer = writer;
        }

        @Override
        public CompletableFuture<Long> append(ByteBuffer entry) {
            try {
                check(appending);
            } catch (IOException e) {
                failure = e;
            }
            return failure == null ? writer.append(entry) : CompletableFuture.failedFuture(failure);
        }

        @Override
        public long ledgerId() {
            return writer.ledgerId();
        }

        @Override
        public long endEntry() {
            return writer.endEntry();
        }

        @Override
        public ByteBuffer read(long entry) throws IOException {
            return writer.read(entry);
        }

        @Override
        public ByteBuffer read(long entry, int from, int length) throws IOException {
            return writer.read(entry, from, length);
        }

        @Override
        public long sizeBytes() {
            return writer.sizeBytes();
        }

        @Override
        public void close() throws IOException {
            writer.close();
        }
    }
}
