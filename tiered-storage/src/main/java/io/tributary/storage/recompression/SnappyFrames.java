package io.tributary.storage.recompression;

import java.nio.ByteBuffer;

/**
 * Checks what a Snappy stream in the framing of Kafka's clients claims about its size, because its
 * decoder allocates what the stream claims.
 */
public final class SnappyFrames {
    /** First byte and the seven that follow it, of a framed stream. */
    private static final long MAGIC = 0x82534e4150505900L;

    private static final int HEADER_BYTES = 16;
    private static final int MAX_LENGTH_BYTES = 5;

    private SnappyFrames() {}

    /** Whether all blocks lie within the stream and claim no more than the limit together. */
    public static boolean fit(ByteBuffer stream, long limitBytes) {
        if (stream.remaining() < HEADER_BYTES || stream.getLong(stream.position()) != MAGIC) {
            return claimed(stream) <= limitBytes;
        }
        stream.position(stream.position() + HEADER_BYTES);
        long total = 0;
        while (stream.remaining() >= Integer.BYTES) {
            int length = stream.getInt();
            if (length < 0 || length > stream.remaining()) {
                return false;
            }
            total += claimed(stream.slice(stream.position(), length));
            if (total > limitBytes) {
                return false;
            }
            stream.position(stream.position() + length);
        }
        return !stream.hasRemaining();
    }

    /** What a block says it has uncompressed; more than any limit where it says nothing. */
    private static long claimed(ByteBuffer block) {
        long length = 0;
        for (int i = 0; i < MAX_LENGTH_BYTES && block.hasRemaining(); i++) {
            byte part = block.get();
            length |= (long) (part & 0x7f) << (7 * i);
            if (part >= 0) {
                return length;
            }
        }
        return Integer.MAX_VALUE;
    }
}
