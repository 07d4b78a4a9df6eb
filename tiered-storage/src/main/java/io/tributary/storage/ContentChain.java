package io.tributary.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A hash over records one after the other: where two chains got a different record, they differ
 * from there on. Not against somebody who seeks a collision, who could only fool himself.
 */
public final class ContentChain {
    private static final int NULL_LENGTH = -1;

    private final CRC32C crc = new CRC32C();
    private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES);

    /** Adds a record as its sender wrote it; returns the hash up to and with it. */
    public int add(NewRecord record) {
        crc.update(number.clear().putLong(record.timestampMillis()).flip());
        add(record.key());
        add(record.value());
        add(record.headers().size());
        for (NewRecord.NewHeader header : record.headers()) {
            add(header.name().getBytes(StandardCharsets.UTF_8));
            add(header.value());
        }
        return value();
    }

    private void add(byte @Nullable [] bytes) {
        add(bytes == null ? NULL_LENGTH : bytes.length);
        if (bytes != null) {
            crc.update(bytes);
        }
    }

    private void add(int count) {
        crc.update(number.clear().putInt(count).flip());
    }

    /** The hash of what was added; never 0. */
    public int value() {
        int value = (int) crc.getValue();
        return value == 0 ? 1 : value;
    }
}
