package io.tributary.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What stands before an entry in a ledger file; docs/formats/ledger.md.
 *
 * @param length of the entry, or {@link #END} for the frame that closes a ledger
 * @param crc32c over ledger id, the rest of the frame, and the entry
 * @param number of the entry, from 0
 * @param durableEnd so many entries were known to be durable when this one was written
 */
record EntryFrame(int length, int crc32c, long number, long durableEnd) {
    static final int BYTES = 24;
    static final int END = -1;

    /** Reads the frame at the buffer's position and goes beyond it. */
    static EntryFrame read(ByteBuffer in) {
        return new EntryFrame(in.getInt(), in.getInt(), in.getLong(), in.getLong());
    }

    /** A frame for an entry whose bytes are between position and limit. */
    static EntryFrame of(long ledgerId, long number, long durableEnd, ByteBuffer entry) {
        return new EntryFrame(
                entry.remaining(),
                crc(ledgerId, entry.remaining(), number, durableEnd, entry),
                number,
                durableEnd);
    }

    /** The frame that closes a ledger of so many entries, all durable. */
    static EntryFrame end(long ledgerId, long entries) {
        return new EntryFrame(
                END,
                crc(ledgerId, END, entries, entries, ByteBuffer.allocate(0)),
                entries,
                entries);
    }

    void write(ByteBuffer out) {
        out.putInt(length).putInt(crc32c).putLong(number).putLong(durableEnd);
    }

    /** How many bytes follow the frame. */
    int payloadBytes() {
        return length == END ? 0 : length;
    }

    boolean plausible() {
        return length >= END
                && length <= LedgerWriter.MAX_ENTRY_BYTES
                && number >= 0
                && durableEnd >= 0
                && durableEnd <= number;
    }

    /** Whether frame and entry are what was written to this ledger. */
    boolean matches(long ledgerId, ByteBuffer entry) {
        return crc32c == crc(ledgerId, length, number, durableEnd, entry);
    }

    private static int crc(
            long ledgerId, int length, long number, long durableEnd, ByteBuffer entry) {
        ByteBuffer fixed = ByteBuffer.allocate(28);
        fixed.putLong(ledgerId).putInt(length).putLong(number).putLong(durableEnd).flip();
        CRC32C crc = new CRC32C();
        crc.update(fixed);
        crc.update(entry.duplicate());
        return (int) crc.getValue();
    }
}
