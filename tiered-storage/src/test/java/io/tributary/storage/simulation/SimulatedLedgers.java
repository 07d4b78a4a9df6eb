package io.tributary.storage.simulation;

import io.tributary.kernel.fault.StorageFullException;
import io.tributary.log.LedgerReader;
import io.tributary.log.LedgerStore;
import io.tributary.log.LedgerWriter;
import io.tributary.log.MemoryLedgerStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/**
 * Ledgers whose writes take time and may land after their process is dead, whose syncs fail, and
 * whose disk can be full.
 */
final class SimulatedLedgers implements LedgerStore {
    private static final int USUAL_MILLIS = 8;
    private static final int SLOW_MILLIS = 1_500;

    /** What outlives processes: the entries, and whether there is room for more. */
    static final class Truth {
        final MemoryLedgerStore.Disk disk = new MemoryLedgerStore.Disk();
        boolean full;
    }

    private final Truth truth;
    private final Machine machine;
    private final Faults faults;

    /** The node's, and its disk's, which may live longer. */
    private final SimulatedProcess process;

    private final SimulatedProcess disk;
    private final MemoryLedgerStore ledgers;
    private final Queue<Runnable> writes = new ArrayDeque<>();
    private boolean writing;

    SimulatedLedgers(
            Truth truth,
            Machine machine,
            Faults faults,
            SimulatedProcess process,
            SimulatedProcess disk) {
        this.truth = truth;
        this.machine = machine;
        this.faults = faults;
        this.process = process;
        this.disk = disk;
        ledgers = new MemoryLedgerStore(truth.disk, this::queue);
    }

    private void queue(Runnable write) {
        writes.add(write);
        if (!writing) {
            writing = true;
            disk.start(this::write);
        }
    }

    private void write() {
        while (!writes.isEmpty()) {
            pause(disk);
            writes.remove().run();
        }
        writing = false;
    }

    private void pause(SimulatedProcess of) {
        boolean slow = faults.strikes(Faults.Kind.LEDGER_SLOW);
        machine.pause(machine.random().nextInt(slow ? SLOW_MILLIS : USUAL_MILLIS), of);
    }

    @Override
    public LedgerWriter create() throws IOException {
        pause(process);
        if (truth.full) {
            throw new StorageFullException("the disk is full", null);
        }
        if (faults.strikes(Faults.Kind.LEDGER_CREATE_ERROR)) {
            throw new IOException("a ledger could not be made");
        }
        LedgerWriter made = ledgers.create();
        machine.note(process + " made ledger " + made.ledgerId());
        return new Writer(made);
    }

    @Override
    public LedgerReader openAndFence(long ledgerId) throws IOException {
        pause(process);
        LedgerReader reader = ledgers.openAndFence(ledgerId);
        machine.note(process + " fenced ledger " + ledgerId + " end=" + reader.endEntry());
        return new Reader(reader);
    }

    @Override
    public void delete(long ledgerId) throws IOException {
        pause(process);
        machine.note(process + " deleted ledger " + ledgerId);
        ledgers.delete(ledgerId);
    }

    @Override
    public List<Long> list() {
        return ledgers.list();
    }

    @Override
    public void close() {}

    private class Reader implements LedgerReader {
        private final LedgerReader reader;

        Reader(LedgerReader reader) {
            this.reader = reader;
        }

        @Override
        public long ledgerId() {
            return reader.ledgerId();
        }

        @Override
        public long endEntry() {
            return reader.endEntry();
        }

        @Override
        public ByteBuffer read(long entry) throws IOException {
            strike();
            return reader.read(entry);
        }

        @Override
        public ByteBuffer read(long entry, int from, int length) throws IOException {
            strike();
            return reader.read(entry, from, length);
        }

        private void strike() throws IOException {
            if (faults.strikes(Faults.Kind.LEDGER_READ_ERROR)) {
                throw new IOException("Input/output error");
            }
        }

        @Override
        public long sizeBytes() {
            return reader.sizeBytes();
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }

    private final class Writer extends Reader implements LedgerWriter {
        private final LedgerWriter writer;
        private boolean poisoned;

        Writer(LedgerWriter writer) {
            super(writer);
            this.writer = writer;
        }

        @Override
        public CompletableFuture<Long> append(ByteBuffer entry) {
            boolean fails = faults.strikes(Faults.Kind.LEDGER_SYNC_ERROR);
            if (fails && !poisoned && machine.random().nextBoolean()) {
                // The bytes may be on the disk all the same.
                var _ = writer.append(entry);
            }
            if (fails || truth.full) {
                poisoned = true;
            }
            if (poisoned) {
                return CompletableFuture.failedFuture(
                        truth.full
                                ? new StorageFullException("the disk is full", null)
                                : new IOException("ledger failed"));
            }
            return writer.append(entry);
        }
    }
}
