package io.tributary.ingest.kafka.wire;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Cuts a connection's bytes into Kafka frames: a length of four bytes, then so many. Memory is
 * taken as bytes arrive, never because a length was announced. Used by one thread.
 */
final class FrameCutter {
    private static final int LENGTH_BYTES = 4;
    private static final int FIRST_BYTES = 16 << 10;

    /** A large frame is copied few times while it grows, and takes no more than this for a byte. */
    private static final int GROWTH = 4;

    private final byte[] length = new byte[LENGTH_BYTES];
    private byte[] frame = {};
    private int announced = -1;
    private int filled;

    /** The peer does not speak the protocol; the connection is of no use any more. */
    static final class BadFrameException extends Exception {
        private static final long serialVersionUID = 1L;

        BadFrameException(String message) {
            super(message);
        }
    }

    /**
     * Takes what arrived.
     *
     * @param maxBytes the longest frame that is taken
     * @param each gets every frame that is complete now, in order, to keep
     * @throws BadFrameException a length is impossible or too long
     */
    void take(ByteBuffer bytes, int maxBytes, Consumer<ByteBuffer> each) throws BadFrameException {
        while (bytes.hasRemaining()) {
            if (announced < 0) {
                length[filled++] = bytes.get();
                if (filled == LENGTH_BYTES) {
                    begin(ByteBuffer.wrap(length).getInt(), maxBytes);
                }
                continue;
            }
            int count = Math.min(announced - filled, bytes.remaining());
            if (filled + count > frame.length) {
                long wanted = Math.max(filled + count, (long) frame.length * GROWTH);
                frame = Arrays.copyOf(frame, (int) Math.min(announced, wanted));
            }
            bytes.get(frame, filled, count);
            filled += count;
            if (filled == announced) {
                ByteBuffer whole = ByteBuffer.wrap(frame, 0, announced);
                announced = -1;
                filled = 0;
                frame = new byte[0];
                each.accept(whole);
            }
        }
    }

    private void begin(int bytes, int maxBytes) throws BadFrameException {
        if (bytes < RequestFrame.MIN_BYTES || bytes > maxBytes) {
            throw new BadFrameException(
                    "a frame of "
                            + bytes
                            + " bytes, "
                            + RequestFrame.MIN_BYTES
                            + " to "
                            + maxBytes
                            + " are taken");
        }
        announced = bytes;
        filled = 0;
        frame = new byte[Math.min(bytes, FIRST_BYTES)];
    }

    /** Memory that is taken by a frame not complete yet. */
    int heldBytes() {
        return frame.length;
    }
}
