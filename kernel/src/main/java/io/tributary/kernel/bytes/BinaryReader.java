package io.tributary.kernel.bytes;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Reads what {@link BinaryWriter} wrote. Every read is bounded by the bytes left; a lie about a
 * length is a {@link MalformedBytesException}, never a large allocation. Not thread-safe.
 */
public final class BinaryReader {
    private final ByteBuffer bytes;

    /** Reads between the buffer's position and limit; the buffer itself is left as it was. */
    public BinaryReader(ByteBuffer bytes) {
        this.bytes = bytes.slice();
    }

    public int position() {
        return bytes.position();
    }

    public int remaining() {
        return bytes.remaining();
    }

    public int u8() {
        need(1);
        return bytes.get() & 0xff;
    }

    public int i32() {
        need(4);
        return bytes.getInt();
    }

    public long i64() {
        need(8);
        return bytes.getLong();
    }

    public UUID uuid() {
        return new UUID(i64(), i64());
    }

    /** A view of the next bytes, sharing memory. */
    public ByteBuffer slice(int length) {
        need(length);
        ByteBuffer slice = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        return slice;
    }

    public byte[] raw(int length) {
        need(length);
        byte[] copy = new byte[length];
        bytes.get(copy);
        return copy;
    }

    public String string() {
        return new String(raw(i32()), StandardCharsets.UTF_8);
    }

    /**
     * A count of items that each take at least {@code minItemBytes}, so that it can be allocated
     * for.
     */
    public int count(int minItemBytes) {
        int count = i32();
        if (count < 0 || (long) count * minItemBytes > bytes.remaining()) {
            throw new MalformedBytesException(
                    "count " + count + " does not fit " + bytes.remaining() + " bytes left");
        }
        return count;
    }

    private void need(int length) {
        if (length < 0 || length > bytes.remaining()) {
            throw new MalformedBytesException(
                    "needs "
                            + length
                            + " bytes at "
                            + bytes.position()
                            + ", has "
                            + bytes.remaining());
        }
    }
}
