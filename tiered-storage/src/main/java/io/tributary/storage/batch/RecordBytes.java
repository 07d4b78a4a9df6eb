package io.tributary.storage.batch;

import io.tributary.storage.BatchOutcome.Flaw;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A batch's records uncompressed, read once from front to end: in place where they came so, else a
 * window at a time and no further than a limit. Not thread-safe.
 */
final class RecordBytes implements AutoCloseable {
    private static final int WINDOW_BYTES = 16 << 10;

    private final Optional<InputStream> more;
    private final long limitBytes;
    private final ByteBuffer window;
    private final byte[] into;

    /** What lies before the window. */
    private long passed;

    private RecordBytes(
            ByteBuffer window, byte[] into, Optional<InputStream> more, long limitBytes) {
        this.window = window;
        this.into = into;
        this.more = more;
        this.limitBytes = limitBytes;
    }

    static RecordBytes inPlace(ByteBuffer records) {
        return new RecordBytes(records, new byte[0], Optional.empty(), Long.MAX_VALUE);
    }

    static RecordBytes inflating(InputStream records, long limitBytes) {
        byte[] into = new byte[WINDOW_BYTES];
        return new RecordBytes(
                ByteBuffer.wrap(into).limit(0), into, Optional.of(records), limitBytes);
    }

    long position() {
        return passed + window.position();
    }

    boolean atEnd() throws FlawException {
        return !window.hasRemaining() && !refill();
    }

    int varint() throws FlawException {
        long value = unsigned(5);
        return (int) (value >>> 1) ^ -(int) (value & 1);
    }

    long varlong() throws FlawException {
        long value = unsigned(10);
        return (value >>> 1) ^ -(value & 1);
    }

    private long unsigned(int mostBytes) throws FlawException {
        long value = 0;
        for (int i = 0; i < mostBytes; i++) {
            byte part = next();
            value |= (long) (part & 0x7f) << (7 * i);
            if (part >= 0) {
                return value;
            }
        }
        throw new FlawException(Flaw.INVALID_RECORD, "a number in a record is too long");
    }

    byte next() throws FlawException {
        if (atEnd()) {
            throw cutOff();
        }
        return window.get();
    }

    void skip(long count) throws FlawException {
        long left = count;
        while (left > 0) {
            if (atEnd()) {
                throw cutOff();
            }
            int now = (int) Math.min(left, window.remaining());
            window.position(window.position() + now);
            left -= now;
        }
    }

    private static FlawException cutOff() {
        return new FlawException(Flaw.INVALID_RECORD, "the records end too early");
    }

    private boolean refill() throws FlawException {
        if (more.isEmpty()) {
            return false;
        }
        int read = 0;
        try {
            while (read == 0) {
                read = more.get().read(into);
            }
        } catch (IOException | RuntimeException e) {
            // A decoder may throw anything on hostile bytes.
            throw new FlawException(Flaw.INVALID_RECORD, "the records cannot be decompressed");
        }
        if (read < 0) {
            return false;
        }
        passed += window.limit();
        window.clear().limit(read);
        if (passed + read > limitBytes) {
            throw new FlawException(
                    Flaw.MESSAGE_TOO_LARGE,
                    "the records take more than " + limitBytes + " bytes uncompressed");
        }
        return true;
    }

    @Override
    public void close() {
        if (more.isPresent()) {
            try {
                more.get().close();
            } catch (IOException e) {
                throw new UncheckedIOException("a decoder over memory does not close", e);
            }
        }
    }
}
