package io.tributary.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record on its way into a partition.
 *
 * @param timestampMillis milliseconds since the epoch, or {@link #NO_TIMESTAMP} for the time of
 *     appending
 * @param key null for none, as in Kafka
 * @param value null for a tombstone, as in Kafka
 * @param headers in order; names may repeat, values may be null
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; owned by the request
public record NewRecord(
        long timestampMillis,
        byte @Nullable [] key,
        byte @Nullable [] value,
        List<NewHeader> headers) {
    public static final long NO_TIMESTAMP = -1L;

    /** A bound on what the record takes in an uncompressed batch of its own. */
    public int sizeBytes() {
        int size = 21 + (key == null ? 0 : key.length) + (value == null ? 0 : value.length);
        for (NewHeader header : headers) {
            byte[] headerValue = header.value();
            size +=
                    10
                            + 3 * header.name().length()
                            + (headerValue == null ? 0 : headerValue.length);
        }
        return size;
    }

    /** A record header. */
    @SuppressWarnings("ArrayRecordComponent")
    public record NewHeader(String name, byte @Nullable [] value) {}
}
