package io.tributary.storage.recompression;

import io.tributary.kernel.bytes.Crc32c;
import io.tributary.storage.segment.BatchHeader;
import java.nio.ByteBuffer;

/**
 * The header fields of a Kafka record batch v2 that matter when its records are encoded anew. The
 * batch begins at the buffer's position.
 */
final class BatchFields {
    static final int ZSTD = 4;

    private static final int LENGTH_AT = 8;
    private static final int LEADER_EPOCH_AT = 12;
    private static final int CRC_AT = 17;
    private static final int ATTRIBUTES_AT = 21;
    private static final int LAST_OFFSET_DELTA_AT = 23;
    private static final int BASE_TIMESTAMP_AT = 27;
    private static final int MAX_TIMESTAMP_AT = 35;
    private static final int PRODUCER_ID_AT = 43;
    private static final int COUNT_AT = 57;

    private static final int LOG_OVERHEAD = 12;
    private static final int CODEC = 0x07;
    private static final int TIMESTAMP_TYPE = 0x08;
    private static final int CONTROL = 0x20;

    private BatchFields() {}

    static int codec(ByteBuffer batch) {
        return attributes(batch) & CODEC;
    }

    static boolean control(ByteBuffer batch) {
        return (attributes(batch) & CONTROL) != 0;
    }

    /** Whether the batch says nothing but its codec and whose clock dated its records. */
    static boolean plain(ByteBuffer batch) {
        return (attributes(batch) & ~(CODEC | TIMESTAMP_TYPE)) == 0
                && batch.getLong(batch.position() + PRODUCER_ID_AT) == -1;
    }

    /** Whether one time, the batch's largest, dates all its records. */
    static boolean logAppendTime(ByteBuffer batch) {
        return (attributes(batch) & TIMESTAMP_TYPE) != 0;
    }

    static int leaderEpoch(ByteBuffer batch) {
        return batch.getInt(batch.position() + LEADER_EPOCH_AT);
    }

    static long baseTimestamp(ByteBuffer batch) {
        return batch.getLong(batch.position() + BASE_TIMESTAMP_AT);
    }

    static int count(ByteBuffer batch) {
        return batch.getInt(batch.position() + COUNT_AT);
    }

    /** The records as they are encoded. */
    static ByteBuffer records(ByteBuffer batch) {
        return batch.slice(
                batch.position() + BatchHeader.BYTES, batch.remaining() - BatchHeader.BYTES);
    }

    /** A batch with this one's header, as far as it holds, and other records in zstd. */
    static ByteBuffer withRecords(ByteBuffer header, byte[] records, int length) {
        ByteBuffer batch = ByteBuffer.allocate(BatchHeader.BYTES + length);
        batch.put(0, header, header.position(), BatchHeader.BYTES);
        batch.put(BatchHeader.BYTES, records, 0, length);
        batch.putInt(LENGTH_AT, batch.capacity() - LOG_OVERHEAD);
        batch.putShort(ATTRIBUTES_AT, (short) ((batch.getShort(ATTRIBUTES_AT) & ~CODEC) | ZSTD));
        seal(batch);
        return batch;
    }

    /** Makes the batch, which is alone in its buffer, reach further than its header says. */
    static void extend(ByteBuffer batch, int count, long maxTimestamp) {
        batch.putInt(LAST_OFFSET_DELTA_AT, count - 1);
        batch.putLong(MAX_TIMESTAMP_AT, maxTimestamp);
        batch.putInt(COUNT_AT, count);
        seal(batch);
    }

    private static void seal(ByteBuffer batch) {
        batch.putInt(
                CRC_AT, Crc32c.of(batch.slice(ATTRIBUTES_AT, batch.capacity() - ATTRIBUTES_AT)));
    }

    private static int attributes(ByteBuffer batch) {
        return batch.getShort(batch.position() + ATTRIBUTES_AT);
    }
}
