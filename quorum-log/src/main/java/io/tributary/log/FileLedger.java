package io.tributary.log;

import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.log.LedgerFiles.LedgerChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Reads entries of a ledger file; what a closed ledger is, and half of an open one. */
final class FileLedger implements LedgerReader {
    private static final String ADVICE =
            "Restore the file from a backup, or the service from the object store; what was"
                    + " acknowledged is not complete without it.";

    private final Path file;
    private final long ledgerId;
    private final LedgerChannel channel;
    private final EntryPositions positions;
    private volatile long endEntry;
    private volatile long sizeBytes;

    FileLedger(Path file, long ledgerId, LedgerChannel channel, EntryPositions positions) {
        this.file = file;
        this.ledgerId = ledgerId;
        this.channel = channel;
        this.positions = positions;
    }

    @Override
    public long ledgerId() {
        return ledgerId;
    }

    @Override
    public long endEntry() {
        return endEntry;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    /** Entries below this can be read, bytes below that are theirs. */
    void durable(long entries, long bytes) {
        sizeBytes = bytes;
        endEntry = entries;
    }

    @Override
    public ByteBuffer read(long entry) throws IOException {
        long position = position(entry);
        ByteBuffer frameBytes = ByteBuffer.allocate(EntryFrame.BYTES);
        channel.read(frameBytes, position);
        if (frameBytes.hasRemaining()) {
            throw damaged(position, "entry " + entry + " is cut off");
        }
        EntryFrame frame = EntryFrame.read(frameBytes.flip());
        if (!frame.plausible() || frame.length() == EntryFrame.END || frame.number() != entry) {
            throw damaged(position, "the frame of entry " + entry + " is not what was written");
        }
        ByteBuffer bytes = read(entry, 0, frame.length());
        if (!frame.matches(ledgerId, bytes)) {
            throw damaged(position, "entry " + entry + " does not match its checksum");
        }
        return bytes;
    }

    @Override
    public ByteBuffer read(long entry, int from, int length) throws IOException {
        long position = position(entry);
        ByteBuffer bytes = ByteBuffer.allocate(length);
        channel.read(bytes, position + EntryFrame.BYTES + from);
        if (bytes.hasRemaining()) {
            throw damaged(position, "entry " + entry + " is cut off");
        }
        return bytes.flip();
    }

    private long position(long entry) {
        if (entry < 0 || entry >= endEntry) {
            throw new IndexOutOfBoundsException(
                    "entry " + entry + " of ledger " + ledgerId + ", which has " + endEntry);
        }
        return positions.get(entry);
    }

    CorruptDataException damaged(long position, String what) {
        return damaged(file, position, what);
    }

    static CorruptDataException damaged(Path file, long position, String what) {
        return new CorruptDataException("ledger file " + file, position, what, ADVICE);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
