package io.tributary.storage.compaction;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.common.utils.internals.ByteUtils;

/**
 * What compaction looks at of a record within its batch's uncompressed records.
 *
 * @param from where it begins, with its length
 * @param end behind its last byte
 * @param restAt behind its timestamp delta
 * @param key empty where it is null
 * @param tombstone whether its value is null
 */
record KeyedRecord(
        int from,
        int end,
        int restAt,
        byte attributes,
        long timestampDelta,
        int offsetDelta,
        Optional<ByteBuffer> key,
        boolean tombstone) {
    private static final int ATTRIBUTES_BYTES = 1;

    /**
     * Reads the record at the buffer's position, which moves behind it.
     *
     * @throws IllegalArgumentException it is none
     */
    static KeyedRecord read(ByteBuffer records) {
        try {
            int from = records.position();
            int length = ByteUtils.readVarint(records);
            int body = records.position();
            if (length < 0 || length > records.remaining()) {
                throw new IllegalArgumentException("a record that is longer than its batch");
            }
            byte attributes = records.get();
            long timestampDelta = ByteUtils.readVarlong(records);
            int restAt = records.position();
            int offsetDelta = ByteUtils.readVarint(records);
            int keyLength = ByteUtils.readVarint(records);
            Optional<ByteBuffer> key = Optional.empty();
            if (keyLength >= 0) {
                key = Optional.of(records.slice(records.position(), keyLength));
                records.position(records.position() + keyLength);
            }
            boolean tombstone = ByteUtils.readVarint(records) < 0;
            if (records.position() > body + length) {
                throw new IllegalArgumentException("a field that is longer than its record");
            }
            records.position(body + length);
            return new KeyedRecord(
                    from,
                    body + length,
                    restAt,
                    attributes,
                    timestampDelta,
                    offsetDelta,
                    key,
                    tombstone);
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a record that is cut off", e);
        }
    }

    /** Copies it with another timestamp delta. */
    void write(ByteBuffer records, long delta, ByteBuffer out) {
        if (delta == timestampDelta) {
            out.put(records.slice(from, end - from));
            return;
        }
        ByteUtils.writeVarint(
                ATTRIBUTES_BYTES + ByteUtils.sizeOfVarlong(delta) + (end - restAt), out);
        out.put(attributes);
        ByteUtils.writeVarlong(delta, out);
        out.put(records.slice(restAt, end - restAt));
    }
}
