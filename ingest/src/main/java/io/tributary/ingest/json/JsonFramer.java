package io.tributary.ingest.json;

/**
 * Cuts a stream of bytes into the JSON objects concatenated in it, however the chunks fall. It only
 * follows brackets and strings; whether an object is valid is for the parser to say. Depth and size
 * are checked byte by byte, so a hostile body fails before it is held. Not thread-safe.
 *
 * <p>Faults are {@link io.tributary.kernel.fault.ProblemException}s of 400 or 413, after which the
 * framer is of no further use.
 */
final class JsonFramer {
    private static final byte[] NOTHING = {};

    private final int maxDepth;
    private int maxBytes;
    private byte[] bytes = NOTHING;
    private int limit;
    private int position;
    private int start;
    private int depth;
    private boolean inString;
    private boolean escaped;
    private int seen;

    JsonFramer(int maxDepth, int maxBytes) {
        this.maxDepth = maxDepth;
        this.maxBytes = maxBytes;
    }

    /** Changes how much an object may take, from the next chunk on. */
    void limit(int newMaxBytes) {
        maxBytes = newMaxBytes;
    }

    /** Takes over the next chunk; only after {@link #next} has said that it needs more. */
    void feed(byte[] chunk) {
        int kept = heldBytes();
        if (kept == 0) {
            bytes = chunk;
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

    /** Moves to the next whole object; false when it needs more bytes. */
    boolean next() {
        if (depth == 0 && !begin()) {
            return false;
        }
        int i = position;
        while (i < limit) {
            byte b = bytes[i++];
            if (escaped) {
                escaped = false;
            } else if (inString) {
                if (b == '"') {
                    inString = false;
                } else if (b == '\\') {
                    escaped = true;
                }
            } else if (b == '"') {
                inString = true;
            } else if (b == '{' || b == '[') {
                if (++depth > maxDepth) {
                    throw Malformed.json("nested deeper than " + maxDepth + " levels");
                }
            } else if ((b == '}' || b == ']') && --depth == 0) {
                position = i;
                checkSize();
                return true;
            }
            seen |= b;
        }
        position = i;
        checkSize();
        return false;
    }

    /** The bytes {@link #start} and {@link #end} point into, until the next {@link #feed}. */
    byte[] bytes() {
        return bytes;
    }

    int start() {
        return start;
    }

    /** Where the object ends, exclusive. */
    int end() {
        return position;
    }

    /** Where the bytes received so far end, exclusive. */
    int limit() {
        return limit;
    }

    /** Whether the object has bytes beyond ASCII. */
    boolean beyondAscii() {
        return seen < 0;
    }

    /** How many bytes of an unfinished object are held. */
    int heldBytes() {
        return depth == 0 ? 0 : limit - start;
    }

    private boolean begin() {
        while (position < limit) {
            byte b = bytes[position];
            if (b == '{') {
                start = position;
                seen = 0;
                return true;
            }
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                throw Malformed.json("a record is an object, which begins with '{'");
            }
            position++;
        }
        return false;
    }

    private void checkSize() {
        if (position - start > maxBytes) {
            throw Malformed.tooLarge(maxBytes);
        }
    }
}
