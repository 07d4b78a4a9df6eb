package io.tributary.log;

import io.tributary.kernel.fault.FencedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Ledgers in memory, for tests and simulation: an entry is durable when the executor has run its
 * write. Several stores over the same {@link Disk} are one after the other of a process that
 * crashes.
 */
public final class MemoryLedgerStore implements LedgerStore {
    /** What survives a crash. */
    public static final class Disk {
        private final Map<Long, Ledger> ledgers = new TreeMap<>();
        private long nextId;
    }

    private static final class Ledger {
        private final List<byte[]> entries = new ArrayList<>();
        private long bytes;
        private boolean fenced;
    }

    private final Disk disk;
    private final Executor writes;

    /**
     * Opens the store.
     *
     * @param writes runs each write, in order; one that runs it at once makes a store that blocks
     */
    public MemoryLedgerStore(Disk disk, Executor writes) {
        this.disk = disk;
        this.writes = writes;
    }

    @Override
    public LedgerWriter create() {
        synchronized (disk) {
            long id = disk.nextId++;
            Ledger ledger = new Ledger();
            disk.ledgers.put(id, ledger);
            return new Writer(id, ledger);
        }
    }

    @Override
    public LedgerReader openAndFence(long ledgerId) throws IOException {
        synchronized (disk) {
            Ledger ledger = disk.ledgers.get(ledgerId);
            if (ledger == null) {
                throw new LedgerMissingException(ledgerId, "memory");
            }
            ledger.fenced = true;
            return new Reader(ledgerId, ledger);
        }
    }

    @Override
    public void delete(long ledgerId) {
        synchronized (disk) {
            Ledger ledger = disk.ledgers.remove(ledgerId);
            if (ledger != null) {
                ledger.fenced = true;
            }
        }
    }

    @Override
    public List<Long> list() {
        synchronized (disk) {
            return List.copyOf(disk.ledgers.keySet());
        }
    }

    @Override
    public void close() {}

    private class Reader implements LedgerReader {
        final long id;
        final Ledger ledger;

        Reader(long id, Ledger ledger) {
            this.id = id;
            this.ledger = ledger;
        }

        @Override
        public long ledgerId() {
            return id;
        }

        @Override
        public long endEntry() {
            synchronized (disk) {
                return ledger.entries.size();
            }
        }

        @Override
        public ByteBuffer read(long entry) {
            synchronized (disk) {
                return ByteBuffer.wrap(ledger.entries.get(Math.toIntExact(entry)).clone());
            }
        }

        @Override
        public ByteBuffer read(long entry, int from, int length) {
            return read(entry).slice(from, length);
        }

        @Override
        public long sizeBytes() {
            synchronized (disk) {
                return ledger.bytes;
            }
        }

        @Override
        public void close() throws IOException {}
    }

    private final class Writer extends Reader implements LedgerWriter {
        private boolean closed;

        Writer(long id, Ledger ledger) {
            super(id, ledger);
        }

        @Override
        public CompletableFuture<Long> append(ByteBuffer entry) {
            CompletableFuture<Long> durable = new CompletableFuture<>();
            if (entry.remaining() > MAX_ENTRY_BYTES) {
                durable.completeExceptionally(
                        new IOException(
                                "an entry of " + entry.remaining() + " bytes is too large"));
                return durable;
            }
            synchronized (disk) {
                if (closed) {
                    durable.completeExceptionally(new IOException("ledger " + id + " is closed"));
                    return durable;
                }
            }
            writes.execute(() -> write(entry.duplicate(), durable));
            return durable;
        }

        private void write(ByteBuffer entry, CompletableFuture<Long> durable) {
            long number;
            synchronized (disk) {
                if (ledger.fenced) {
                    number = -1;
                } else {
                    byte[] bytes = new byte[entry.remaining()];
                    entry.get(bytes);
                    number = ledger.entries.size();
                    ledger.entries.add(bytes);
                    ledger.bytes += bytes.length;
                }
            }
            if (number < 0) {
                durable.completeExceptionally(new FencedException("ledger " + id + " was fenced"));
            } else {
                durable.complete(number);
            }
        }

        @Override
        public void close() {
            synchronized (disk) {
                closed = true;
            }
        }
    }
}
