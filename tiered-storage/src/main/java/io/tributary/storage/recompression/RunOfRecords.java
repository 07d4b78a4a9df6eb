package io.tributary.storage.recompression;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.utils.internals.ByteUtils;

/**
 * Uncompressed records of neighbouring batches, under one base offset and one base timestamp.
 * Everything of a record but its two deltas is copied as it is. Not thread-safe.
 */
final class RunOfRecords {
    /** Two deltas and a length, each at its longest. */
    private static final int SLACK_BYTES = 5 + 10 + 5;

    private static final int ATTRIBUTES_BYTES = 1;

    private final ByteBuffer records;
    private int count;

    /** Begins empty, with room for so many bytes. */
    RunOfRecords(int capacityBytes) {
        records = ByteBuffer.allocate(capacityBytes);
    }

    int count() {
        return count;
    }

    byte[] bytes() {
        return records.array();
    }

    int sizeBytes() {
        return records.position();
    }

    void clear() {
        records.clear();
        count = 0;
    }

    /**
     * Adds a batch's records, which lie behind those here.
     *
     * @param expected how many there must be, with offsets that rise
     * @param offsetShift what the batch's base offset is above that of this run
     * @param timestampShift what the batch's base timestamp is above that of this run
     * @return false, and nothing is added, where they are of another shape or there is no room
     */
    boolean add(ByteBuffer source, int expected, int offsetShift, long timestampShift) {
        int before = records.position();
        int lastDelta = -1;
        try {
            for (int i = 0; i < expected; i++) {
                int length = ByteUtils.readVarint(source);
                if (length < ATTRIBUTES_BYTES || length > source.remaining()) {
                    return undo(before);
                }
                ByteBuffer record = source.slice(source.position(), length);
                source.position(source.position() + length);
                if (records.remaining() < length + SLACK_BYTES) {
                    return undo(before);
                }
                byte attributes = record.get();
                // Overflow is undone by the reader's own addition.
                long timestampDelta = ByteUtils.readVarlong(record) + timestampShift;
                int delta = ByteUtils.readVarint(record);
                if (delta <= lastDelta) {
                    return undo(before);
                }
                lastDelta = delta;
                put(attributes, timestampDelta, offsetShift + delta, record);
            }
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return undo(before);
        }
        if (source.hasRemaining()) {
            return undo(before);
        }
        count += expected;
        return true;
    }

    private void put(byte attributes, long timestampDelta, int offsetDelta, ByteBuffer rest) {
        ByteUtils.writeVarint(
                ATTRIBUTES_BYTES
                        + ByteUtils.sizeOfVarlong(timestampDelta)
                        + ByteUtils.sizeOfVarint(offsetDelta)
                        + rest.remaining(),
                records);
        records.put(attributes);
        ByteUtils.writeVarlong(timestampDelta, records);
        ByteUtils.writeVarint(offsetDelta, records);
        records.put(rest);
    }

    private boolean undo(int position) {
        records.position(position);
        return false;
    }
}
