package io.tributary.log;

import io.tributary.kernel.bytes.Crc32c;
import java.nio.ByteBuffer;

/** The first bytes of a ledger file; docs/formats/ledger.md. */
final class LedgerHeader {
    static final int BYTES = 20;

    private static final int MAGIC = 0x54524c47;
    private static final int VERSION = 1;

    private LedgerHeader() {}

    static ByteBuffer write(long ledgerId) {
        ByteBuffer out = ByteBuffer.allocate(BYTES);
        out.putInt(MAGIC).putInt(VERSION).putLong(ledgerId);
        out.putInt(Crc32c.of(out.array(), 0, BYTES - 4));
        return out.flip();
    }

    static boolean matches(ByteBuffer in, long ledgerId) {
        return in.equals(write(ledgerId));
    }
}
