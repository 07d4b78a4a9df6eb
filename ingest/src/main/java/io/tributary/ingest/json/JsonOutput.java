package io.tributary.ingest.json;

import io.tributary.kernel.fault.ProblemJson;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** A growing array that JSON is written into byte by byte. Not thread-safe. */
public final class JsonOutput {
    private static final int LONGEST_LONG = 20;

    private byte[] bytes;
    private int size;

    public JsonOutput(int initialCapacity) {
        bytes = new byte[initialCapacity];
    }

    public int size() {
        return size;
    }

    /** Forgets what lies behind a position, which was a {@link #size} before. */
    public void cutTo(int earlierSize) {
        size = earlierSize;
    }

    /** ASCII as it is, without quotes or escapes. */
    public JsonOutput ascii(String text) {
        int length = text.length();
        reserve(length);
        for (int i = 0; i < length; i++) {
            bytes[size + i] = (byte) text.charAt(i);
        }
        size += length;
        return this;
    }

    public JsonOutput raw(byte[] source) {
        return raw(source, 0, source.length);
    }

    public JsonOutput raw(byte[] source, int offset, int length) {
        reserve(length);
        System.arraycopy(source, offset, bytes, size, length);
        size += length;
        return this;
    }

    public JsonOutput number(long value) {
        if (value < 0) {
            return ascii(Long.toString(value));
        }
        reserve(LONGEST_LONG);
        int end = size + digits(value);
        long left = value;
        for (int i = end - 1; i >= size; i--) {
            bytes[i] = (byte) ('0' + left % 10);
            left /= 10;
        }
        size = end;
        return this;
    }

    /** A string literal, quotes included. */
    public JsonOutput quoted(String text) {
        StringBuilder literal = new StringBuilder(text.length() + 16);
        ProblemJson.quote(literal, text);
        return raw(literal.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** A string literal of base64, quotes included. */
    public JsonOutput base64(ByteBuffer source) {
        ascii("\"");
        ByteBuffer encoded = Base64.getEncoder().encode(source.duplicate());
        return raw(encoded.array(), encoded.arrayOffset(), encoded.remaining()).ascii("\"");
    }

    /** A copy of what was written, and begins anew. */
    public Buffer take() {
        Buffer taken = Buffer.buffer(size).appendBytes(bytes, 0, size);
        size = 0;
        return taken;
    }

    /** Hands over what was written, and begins anew. */
    public void drainTo(OutputStream out) throws IOException {
        out.write(bytes, 0, size);
        size = 0;
    }

    private static int digits(long value) {
        int digits = 1;
        for (long left = value; left > 9; left /= 10) {
            digits++;
        }
        return digits;
    }

    private void reserve(int length) {
        int needed = Math.addExact(size, length);
        if (needed > bytes.length) {
            bytes =
                    Arrays.copyOf(
                            bytes,
                            (int)
                                    Math.max(
                                            needed,
                                            Math.min(bytes.length * 2L, Integer.MAX_VALUE - 8)));
        }
    }
}
