package io.tributary.kernel.bytes;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The CRC32C (Castagnoli) that guards every format of ours, as an unsigned 32-bit value in an int.
 */
public final class Crc32c {
    private Crc32c() {}

    /** Of the bytes between the buffer's position and limit, both left as they were. */
    public static int of(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }

    /** Of the bytes of one buffer and then of another, as if they were one. */
    public static int of(ByteBuffer bytes, ByteBuffer then) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        crc.update(then.duplicate());
        return (int) crc.getValue();
    }

    public static int of(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }
}
