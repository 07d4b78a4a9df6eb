package io.tributary.log;

import io.tributary.kernel.fault.StorageFullException;
import io.tributary.log.LedgerFiles.LedgerChannel;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where a ledger file ends for good, and how that becomes durable.
 *
 * @param positions of the entries, perhaps of more
 * @param syncedBytes bytes below this are known to be on the disk; what follows may be in the
 *     system's memory only
 * @param endBytes where the next entry would begin; 0 where the header is missing, too
 * @param closed whether the file says so itself
 */
record LedgerEnd(
        EntryPositions positions, long entries, long syncedBytes, long endBytes, boolean closed) {
    private static final int WINDOW_BYTES = 1 << 20;

    /** The end of a ledger as its own writer knows it: what was synced, and nothing else. */
    static LedgerEnd acknowledged(EntryPositions positions, long entries, long endBytes) {
        return new LedgerEnd(positions, entries, endBytes, endBytes, false);
    }

    /**
     * Cuts off what follows the end, syncs what lies before it, and closes the file with its last
     * frame. What a sync that failed left in the system's memory may count as written and never
     * reach the disk: what is not known to be synced is written again first.
     *
     * @return false where there was no room for the last frame: the end is durable all the same,
     *     but the file does not say that its last entries were
     * @throws IOException the end is not durable
     */
    boolean seal(long ledgerId, LedgerChannel channel) throws IOException {
        channel.truncate(endBytes);
        boolean framed;
        try {
            writeAgain(channel);
            long at = endBytes;
            if (at == 0) {
                channel.write(LedgerHeader.write(ledgerId), 0);
                at = LedgerHeader.BYTES;
            }
            ByteBuffer frame = ByteBuffer.allocate(EntryFrame.BYTES);
            EntryFrame.end(ledgerId, entries).write(frame);
            channel.write(frame.flip(), at);
            framed = true;
        } catch (StorageFullException e) {
            channel.truncate(endBytes);
            framed = false;
        }
        channel.force();
        return framed;
    }

    private void writeAgain(LedgerChannel channel) throws IOException {
        ByteBuffer window = ByteBuffer.allocate(WINDOW_BYTES);
        for (long from = syncedBytes; from < endBytes; from += window.limit()) {
            window.clear().limit((int) Math.min(WINDOW_BYTES, endBytes - from));
            channel.read(window, from);
            channel.write(window.flip(), from);
        }
    }
}
