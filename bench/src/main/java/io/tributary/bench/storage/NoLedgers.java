package io.tributary.bench.storage;

import io.tributary.log.LedgerReader;
import io.tributary.log.LedgerStore;
import io.tributary.log.LedgerWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Acknowledges every entry at once and keeps none: what appends cost without a disk. */
final class NoLedgers implements LedgerStore {
    private final AtomicLong nextId = new AtomicLong();
    private final Map<Long, LedgerWriter> ledgers = new ConcurrentHashMap<>();

    @Override
    public LedgerWriter create() {
        long id = nextId.getAndIncrement();
        LedgerWriter ledger =
                new LedgerWriter() {
                    private long entries;
                    private long bytes;

                    @Override
                    public CompletableFuture<Long> append(ByteBuffer entry) {
                        bytes += entry.remaining();
                        return CompletableFuture.completedFuture(entries++);
                    }

                    @Override
                    public long ledgerId() {
                        return id;
                    }

                    @Override
                    public long endEntry() {
                        return entries;
                    }

                    @Override
                    public ByteBuffer read(long entry) throws IOException {
                        throw new IOException("entry " + entry + " was not kept");
                    }

                    @Override
                    public ByteBuffer read(long entry, int from, int length) throws IOException {
                        return read(entry);
                    }

                    @Override
                    public long sizeBytes() {
                        return bytes;
                    }

                    @Override
                    public void close() {}
                };
        ledgers.put(id, ledger);
        return ledger;
    }

    @Override
    public LedgerReader openAndFence(long ledgerId) {
        return ledgers.get(ledgerId);
    }

    @Override
    public void delete(long ledgerId) {
        ledgers.remove(ledgerId);
    }

    @Override
    public List<Long> list() {
        return List.copyOf(ledgers.keySet());
    }

    @Override
    public void close() {}
}
