package io.tributary.kernel.bytes;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/** A growing big-endian buffer for the formats under docs/formats. Not thread-safe. */
public final class BinaryWriter {
    private byte[] bytes;
    private int size;

    public BinaryWriter(int initialCapacity) {
        bytes = new byte[Math.max(16, initialCapacity)];
    }

    public int size() {
        return size;
    }

    public BinaryWriter u8(int value) {
        reserve(1);
        bytes[size++] = (byte) value;
        return this;
    }

    public BinaryWriter i32(int value) {
        reserve(4);
        putInt(size, value);
        size += 4;
        return this;
    }

    public BinaryWriter i64(long value) {
        return i32((int) (value >>> 32)).i32((int) value);
    }

    public BinaryWriter uuid(UUID value) {
        return i64(value.getMostSignificantBits()).i64(value.getLeastSignificantBits());
    }

    /** Raw bytes without a length. */
    public BinaryWriter raw(byte[] source, int offset, int length) {
        reserve(length);
        System.arraycopy(source, offset, bytes, size, length);
        size += length;
        return this;
    }

    public BinaryWriter raw(byte[] source) {
        return raw(source, 0, source.length);
    }

    /** The buffer's remaining bytes without a length; its position stays. */
    public BinaryWriter raw(ByteBuffer source) {
        int length = source.remaining();
        reserve(length);
        source.get(source.position(), bytes, size, length);
        size += length;
        return this;
    }

    /** UTF-8 after its length in bytes as i32. */
    public BinaryWriter string(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return i32(utf8.length).raw(utf8);
    }

    /** Overwrites an i32 written before, for lengths known only afterwards. */
    public void i32At(int position, int value) {
        if (position < 0 || position + 4 > size) {
            throw new IndexOutOfBoundsException("no i32 at " + position + " of " + size);
        }
        putInt(position, value);
    }

    /** CRC32C of what lies between two positions, end exclusive. */
    public int crc32c(int from, int to) {
        return Crc32c.of(bytes, from, to - from);
    }

    /**
     * What was written, sharing this writer's memory: write no more afterwards. Who keeps it keeps
     * little more memory than its bytes.
     */
    public ByteBuffer toBuffer() {
        if (bytes.length - size > size / 4) {
            bytes = Arrays.copyOf(bytes, size);
        }
        return ByteBuffer.wrap(bytes, 0, size).slice();
    }

    public byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    private void putInt(int at, int value) {
        bytes[at] = (byte) (value >>> 24);
        bytes[at + 1] = (byte) (value >>> 16);
        bytes[at + 2] = (byte) (value >>> 8);
        bytes[at + 3] = (byte) value;
    }

    private void reserve(int more) {
        int needed = Math.addExact(size, more);
        if (needed > bytes.length) {
            bytes =
                    Arrays.copyOf(
                            bytes,
                            Math.max(
                                    needed,
                                    (int) Math.min(Integer.MAX_VALUE - 8, bytes.length * 2L)));
        }
    }
}
