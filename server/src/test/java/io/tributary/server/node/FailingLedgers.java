package io.tributary.server.node;

import io.tributary.log.LedgerReader;
import io.tributary.log.LedgerStore;
import io.tributary.log.LedgerWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** Ledgers whose disk can be broken: then nothing is written, and no ledger made. */
final class FailingLedgers implements LedgerStore {
    final AtomicBoolean broken = new AtomicBoolean();
    private final LedgerStore ledgers;

    FailingLedgers(LedgerStore ledgers) {
        this.ledgers = ledgers;
    }

    private void check() throws IOException {
        if (broken.get()) {
            throw new IOException("Input/output error");
        }
    }

    @Override
    public LedgerWriter create() throws IOException {
        check();
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
        private boolean failed;

        Writer(LedgerWriter writer) {
            this.writer = writer;
        }

        @Override
        public CompletableFuture<Long> append(ByteBuffer entry) {
            failed |= broken.get();
            return failed
                    ? CompletableFuture.failedFuture(new IOException("Input/output error"))
                    : writer.append(entry);
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
