package io.tributary.storage.segment;

import io.tributary.kernel.bytes.Crc32c;
import io.tributary.kernel.bytes.MalformedBytesException;
import java.nio.ByteBuffer;

/**
 * What storage reads of a Kafka record batch v2: where it belongs and how long it is. Records stay
 * opaque.
 */
public record BatchHeader(
        long baseOffset, int sizeBytes, int lastOffsetDelta, long maxTimestamp, int crc) {
    /** Bytes of a batch before its records. */
    public static final int BYTES = 61;

    private static final int LENGTH_AT = 8;
    private static final int MAGIC_AT = 16;
    private static final int CRC_AT = 17;
    private static final int CRC_FROM = 21;
    private static final int LAST_OFFSET_DELTA_AT = 23;
    private static final int MAX_TIMESTAMP_AT = 35;
    private static final int LOG_OVERHEAD = 12;

    /**
     * Reads the header of the batch at the buffer's position, which stays.
     *
     * @throws MalformedBytesException no whole batch of magic 2 begins here
     */
    public static BatchHeader parse(ByteBuffer bytes) {
        int at = bytes.position();
        if (bytes.remaining() < BYTES) {
            throw new MalformedBytesException(
                    "a record batch has a header of 61 bytes, here are " + bytes.remaining());
        }
        long size = (long) bytes.getInt(at + LENGTH_AT) + LOG_OVERHEAD;
        int delta = bytes.getInt(at + LAST_OFFSET_DELTA_AT);
        if (size < BYTES
                || size > bytes.remaining()
                || delta < 0
                || bytes.get(at + MAGIC_AT) != 2) {
            throw new MalformedBytesException("not a whole record batch of magic 2");
        }
        return new BatchHeader(
                bytes.getLong(at),
                (int) size,
                delta,
                bytes.getLong(at + MAX_TIMESTAMP_AT),
                bytes.getInt(at + CRC_AT));
    }

    /** What a whole header, alone or with its batch, says of the largest timestamp. */
    public static long maxTimestamp(ByteBuffer header) {
        return header.getLong(header.position() + MAX_TIMESTAMP_AT);
    }

    public long lastOffset() {
        return baseOffset + lastOffsetDelta;
    }

    /** Whether the batch at the buffer's position, which this is the header of, is undamaged. */
    public boolean crcMatches(ByteBuffer bytes) {
        return Crc32c.of(bytes.slice(bytes.position() + CRC_FROM, sizeBytes - CRC_FROM)) == crc;
    }
}
