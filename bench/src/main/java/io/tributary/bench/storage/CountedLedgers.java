package io.tributary.bench.storage;

import io.tributary.log.LedgerReader;
import io.tributary.log.LedgerStore;
import io.tributary.log.LedgerWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** Ledgers whose appended entries are counted. */
final class CountedLedgers implements LedgerStore {
    private final LedgerStore ledgers;
    private final AtomicLong entries = new AtomicLong();

    CountedLedgers(LedgerStore ledgers) {
        this.ledgers = ledgers;
    }

    long entries() {
        return entries.get();
    }

    @Override
    public LedgerWriter create() throws IOException {
        return new Counted(ledgers.create());
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
    public void close() {}

    private final class Counted implements LedgerWriter {
        private final LedgerWriter writer;

        Counted(LedgerWriter writer) {
            this.writer = writer;
        }

        @Override
        public CompletableFuture<Long> append(ByteBuffer entry) {
            entries.incrementAndGet();
            return writer.append(entry);
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
