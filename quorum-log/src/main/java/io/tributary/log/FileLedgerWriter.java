package io.tributary.log;

import io.tributary.kernel.fault.FencedException;
import io.tributary.kernel.fault.StorageFullException;
import io.tributary.log.LedgerFiles.LedgerChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Appends to a ledger file. One thread writes whatever has been queued, syncs once, answers all of
 * it, and begins again. The first error ends the writer: what a failed sync left on the disk is
 * unknown, so nothing is tried again on the same file.
 */
final class FileLedgerWriter implements LedgerWriter {
    private static final int STAGING_BYTES = 256 << 10;

    private record Pending(ByteBuffer entry, CompletableFuture<Long> durable) {}

    private final FileLedger ledger;
    private final LedgerChannel channel;
    private final EntryPositions positions;
    private final ByteBuffer staging = ByteBuffer.allocateDirect(STAGING_BYTES);
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private List<Pending> queue = new ArrayList<>();
    private IOException refusal;

    /** Bytes written, durable or not; the writing thread's own. */
    private long position = LedgerHeader.BYTES;

    private long durableEnd;

    FileLedgerWriter(
            FileLedger ledger,
            LedgerChannel channel,
            EntryPositions positions,
            ThreadFactory threads) {
        this.ledger = ledger;
        this.channel = channel;
        this.positions = positions;
        ledger.durable(0, LedgerHeader.BYTES);
        thread = threads.newThread(this::run);
        thread.setName("tributary-ledger-" + ledger.ledgerId());
        thread.start();
    }

    @Override
    public CompletableFuture<Long> append(ByteBuffer entry) {
        CompletableFuture<Long> durable = new CompletableFuture<>();
        if (entry.remaining() > MAX_ENTRY_BYTES) {
            durable.completeExceptionally(
                    new IOException("an entry of " + entry.remaining() + " bytes is too large"));
            return durable;
        }
        lock.lock();
        try {
            if (refusal == null) {
                queue.add(new Pending(entry.duplicate(), durable));
                changed.signalAll();
                return durable;
            }
        } finally {
            lock.unlock();
        }
        durable.completeExceptionally(refusal);
        return durable;
    }

    private void run() {
        while (true) {
            List<Pending> group = take();
            if (group.isEmpty()) {
                return;
            }
            try {
                write(group);
            } catch (IOException | RuntimeException e) {
                IOException failure = failure(e);
                List<Pending> lost = new ArrayList<>(group);
                lost.addAll(refuse(failure));
                lost.forEach(pending -> pending.durable().completeExceptionally(failure));
                return;
            }
            for (int i = 0; i < group.size(); i++) {
                group.get(i).durable().complete(durableEnd - group.size() + i);
            }
        }
    }

    private IOException failure(Exception cause) {
        String what = "ledger " + ledgerId() + " failed: " + cause.getMessage();
        return StorageFullException.causes(cause)
                ? new StorageFullException(what, cause)
                : new IOException(what, cause);
    }

    /** Waits for entries; empty when there will be no more. */
    private List<Pending> take() {
        lock.lock();
        try {
            while (queue.isEmpty() && refusal == null) {
                changed.awaitUninterruptibly();
            }
            List<Pending> group = queue;
            queue = new ArrayList<>();
            return group;
        } finally {
            lock.unlock();
        }
    }

    private void write(List<Pending> group) throws IOException {
        long number = durableEnd;
        for (Pending pending : group) {
            EntryFrame frame = EntryFrame.of(ledgerId(), number++, durableEnd, pending.entry());
            positions.add(position + staging.position());
            if (staging.remaining() < EntryFrame.BYTES) {
                flush();
            }
            frame.write(staging);
            ByteBuffer entry = pending.entry();
            while (entry.hasRemaining()) {
                if (!staging.hasRemaining()) {
                    flush();
                }
                int take = Math.min(staging.remaining(), entry.remaining());
                staging.put(staging.position(), entry, entry.position(), take);
                staging.position(staging.position() + take);
                entry.position(entry.position() + take);
            }
        }
        flush();
        channel.force();
        durableEnd = number;
        ledger.durable(durableEnd, position);
    }

    private void flush() throws IOException {
        staging.flip();
        int bytes = staging.remaining();
        channel.write(staging, position);
        position += bytes;
        staging.clear();
    }

    private List<Pending> refuse(IOException reason) {
        lock.lock();
        try {
            if (refusal == null) {
                refusal = reason;
            }
            List<Pending> waiting = queue;
            queue = new ArrayList<>();
            changed.signalAll();
            return waiting;
        } finally {
            lock.unlock();
        }
    }

    /** Ends appending; what is under way is answered first, what only waits is refused. */
    LedgerEnd fence() {
        FencedException fenced = new FencedException("ledger " + ledgerId() + " was fenced");
        refuse(fenced).forEach(pending -> pending.durable().completeExceptionally(fenced));
        join();
        return LedgerEnd.acknowledged(positions, ledger.endEntry(), ledger.sizeBytes());
    }

    private void join() {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public long ledgerId() {
        return ledger.ledgerId();
    }

    @Override
    public long endEntry() {
        return ledger.endEntry();
    }

    @Override
    public ByteBuffer read(long entry) throws IOException {
        return ledger.read(entry);
    }

    @Override
    public ByteBuffer read(long entry, int from, int length) throws IOException {
        return ledger.read(entry, from, length);
    }

    @Override
    public long sizeBytes() {
        return ledger.sizeBytes();
    }

    @Override
    public void close() throws IOException {
        IOException closed = new IOException("ledger " + ledgerId() + " is closed");
        lock.lock();
        try {
            if (refusal == null) {
                refusal = closed;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        join();
        ledger.close();
    }
}
