package io.tributary.log;

import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.log.LedgerFiles.LedgerChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Finds the entries of a ledger file that was left by a crash, and where they end. A torn tail, of
 * writes that nobody was told about, ends them quietly; damage before something that proves it was
 * durable does not.
 */
final class LedgerScan {
    private static final int WINDOW_BYTES = 1 << 20;

    private final Path file;
    private final long ledgerId;
    private final LedgerChannel channel;
    private final long size;
    private final EntryPositions positions = new EntryPositions();

    /** So many entries are known to have been synced. */
    private long synced;

    LedgerScan(Path file, long ledgerId, LedgerChannel channel) throws IOException {
        this.file = file;
        this.ledgerId = ledgerId;
        this.channel = channel;
        this.size = channel.size();
    }

    /**
     * Reads the file from its begin.
     *
     * @throws CorruptDataException something that was durable is damaged
     */
    LedgerEnd run() throws IOException {
        if (!headerMatches()) {
            // The header is durable before the first entry is written.
            requireNoFrame(0, 0, "the header is not what was written, though entries follow it");
            return new LedgerEnd(positions, 0, 0, 0, false);
        }
        long at = LedgerHeader.BYTES;
        while (true) {
            EntryFrame frame = validFrame(at);
            int count = positions.count();
            if (frame == null || frame.number() != count) {
                requireNoFrame(
                        at,
                        count + 1L,
                        "entry "
                                + count
                                + " is not what was written, though a later one says it was"
                                + " durable");
                long syncedBytes = synced < count ? positions.get(synced) : at;
                return new LedgerEnd(positions, count, syncedBytes, at, false);
            }
            if (frame.length() == EntryFrame.END) {
                return new LedgerEnd(positions, count, at, at, true);
            }
            synced = Math.max(synced, frame.durableEnd());
            positions.add(at);
            at += EntryFrame.BYTES + frame.length();
        }
    }

    private boolean headerMatches() throws IOException {
        ByteBuffer header = ByteBuffer.allocate(LedgerHeader.BYTES);
        channel.read(header, 0);
        return !header.hasRemaining() && LedgerHeader.matches(header.flip(), ledgerId);
    }

    /** The frame at the position if it and its entry are undamaged, else null. */
    private EntryFrame validFrame(long at) throws IOException {
        if (at + EntryFrame.BYTES > size) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.allocate(EntryFrame.BYTES);
        channel.read(bytes, at);
        EntryFrame frame = EntryFrame.read(bytes.flip());
        if (!frame.plausible() || at + EntryFrame.BYTES + frame.payloadBytes() > size) {
            return null;
        }
        ByteBuffer entry = ByteBuffer.allocate(frame.payloadBytes());
        channel.read(entry, at + EntryFrame.BYTES);
        return frame.matches(ledgerId, entry.flip()) ? frame : null;
    }

    /** Looks for an undamaged frame behind the first bad place that knew of so many entries. */
    private void requireNoFrame(long at, long durable, String damage) throws IOException {
        ByteBuffer window = ByteBuffer.allocate(WINDOW_BYTES);
        for (long from = at; from < size; from += WINDOW_BYTES - EntryFrame.BYTES) {
            window.clear();
            channel.read(window, from);
            window.flip();
            for (int i = 0; i + EntryFrame.BYTES <= window.limit(); i++) {
                EntryFrame frame = EntryFrame.read(window.slice(i, EntryFrame.BYTES));
                if (frame.plausible()
                        && frame.durableEnd() >= durable
                        && frame.number() - durable <= Integer.MAX_VALUE
                        && validFrame(from + i) != null) {
                    throw FileLedger.damaged(file, at, damage);
                }
            }
            if (window.limit() < WINDOW_BYTES) {
                return;
            }
        }
    }
}
