package io.tributary.ingest.json;

/**
 * Cuts a stream of bytes into lines at {@code \n}, however the chunks fall. A {@code \r} before it
 * is no part of the line; empty lines are left out. A line over the limit is a {@link
 * io.tributary.kernel.fault.ProblemException} of 413. Not thread-safe.
 */
final class LineFramer {
    private static final byte[] NOTHING = {};

    private int maxBytes;
    private byte[] bytes = NOTHING;
    private int limit;
    private int position;
    private int start;
    private int lineStart;
    private int end;

    LineFramer(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Changes how much a line may take, from the next chunk on. */
    void limit(int newMaxBytes) {
        maxBytes = newMaxBytes;
    }

    /** Takes over the next chunk; only after {@link #next} has said that it needs more. */
    void feed(byte[] chunk) {
        int kept = heldBytes();
        if (kept == 0) {
            bytes = chunk;
            start = 0;
            position = 0;
            limit = chunk.length;
            return;
        }
        if (limit + chunk.length > bytes.length) {
            byte[] grown = new byte[Math.max(kept + chunk.length, Math.min(2 * kept, maxBytes))];
            System.arraycopy(bytes, start, grown, 0, kept);
            bytes = grown;
            position -= start;
            limit = kept;
            start = 0;
        }
        System.arraycopy(chunk, 0, bytes, limit, chunk.length);
        limit += chunk.length;
    }

    /** Moves to the next whole line that is not empty; false when it needs more bytes. */
    boolean next() {
        while (position < limit) {
            if (bytes[position++] == '\n' && take(position - 1)) {
                return true;
            }
        }
        checkSize(limit - start);
        return false;
    }

    /** At the end of the input: moves to the last line, where it has no {@code \n}. */
    boolean last() {
        return take(limit);
    }

    byte[] bytes() {
        return bytes;
    }

    /** Where the line begins. */
    int start() {
        return lineStart;
    }

    /** Where the line ends, exclusive. */
    int end() {
        return end;
    }

    /** How many bytes of an unfinished line are held. */
    int heldBytes() {
        return limit - start;
    }

    private boolean take(int newline) {
        lineStart = start;
        end = newline > start && bytes[newline - 1] == '\r' ? newline - 1 : newline;
        start = position;
        checkSize(end - lineStart);
        return end > lineStart;
    }

    private void checkSize(int size) {
        if (size > maxBytes) {
            throw Malformed.tooLarge(maxBytes);
        }
    }
}
