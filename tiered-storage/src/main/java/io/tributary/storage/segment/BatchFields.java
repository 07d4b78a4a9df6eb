package io.tributary.storage.segment;

import io.tributary.kernel.bytes.Crc32c;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * The header fields of a Kafka record batch v2 beside those of {@link BatchHeader}. The batch
 * begins at the buffer's position.
 */
public final class BatchFields {
    public static final int UNCOMPRESSED = 0;
    public static final int ZSTD = 4;

    private static final int BASE_OFFSET_AT = 0;
    private static final int LENGTH_AT = 8;
    private static final int LEADER_EPOCH_AT = 12;
    private static final int MAGIC_AT = 16;
    private static final int CRC_AT = 17;
    private static final int ATTRIBUTES_AT = 21;
    static final int LAST_OFFSET_DELTA_AT = 23;
    private static final int BASE_TIMESTAMP_AT = 27;
    private static final int MAX_TIMESTAMP_AT = 35;
    static final int PRODUCER_ID_AT = 43;
    private static final int COUNT_AT = 57;

    private static final int LOG_OVERHEAD = 12;
    private static final int CODEC = 0x07;
    private static final int TIMESTAMP_TYPE = 0x08;
    private static final int TRANSACTIONAL = 0x10;
    private static final int CONTROL = 0x20;

    /** The base timestamp is when tombstones may go; records' deltas are relative to it. */
    private static final int DELETE_HORIZON = 0x40;

    private BatchFields() {}

    /** What the header says of the whole batch's size; may be anything. */
    public static long sizeBytes(ByteBuffer batch) {
        return (long) batch.getInt(batch.position() + LENGTH_AT) + LOG_OVERHEAD;
    }

    public static int magic(ByteBuffer batch) {
        return batch.get(batch.position() + MAGIC_AT);
    }

    public static int lastOffsetDelta(ByteBuffer batch) {
        return batch.getInt(batch.position() + LAST_OFFSET_DELTA_AT);
    }

    public static int codec(ByteBuffer batch) {
        return attributes(batch) & CODEC;
    }

    public static boolean control(ByteBuffer batch) {
        return (attributes(batch) & CONTROL) != 0;
    }

    public static boolean transactional(ByteBuffer batch) {
        return (attributes(batch) & TRANSACTIONAL) != 0;
    }

    /** When the batch's tombstones may go, milliseconds; empty where that is not decided yet. */
    public static OptionalLong deleteHorizon(ByteBuffer batch) {
        return (attributes(batch) & DELETE_HORIZON) == 0
                ? OptionalLong.empty()
                : OptionalLong.of(baseTimestamp(batch));
    }

    /** Whether bits are set that mean nothing in what a client sends. */
    public static boolean unknownAttributes(ByteBuffer batch) {
        return (attributes(batch) & ~(CODEC | TIMESTAMP_TYPE | TRANSACTIONAL | CONTROL)) != 0;
    }

    /** Whether the batch says nothing but its codec and whose clock dated its records. */
    public static boolean plain(ByteBuffer batch) {
        return (attributes(batch) & ~(CODEC | TIMESTAMP_TYPE)) == 0
                && batch.getLong(batch.position() + PRODUCER_ID_AT) == -1;
    }

    /** Whether one time, the batch's largest, dates all its records. */
    public static boolean logAppendTime(ByteBuffer batch) {
        return (attributes(batch) & TIMESTAMP_TYPE) != 0;
    }

    public static int leaderEpoch(ByteBuffer batch) {
        return batch.getInt(batch.position() + LEADER_EPOCH_AT);
    }

    public static long baseTimestamp(ByteBuffer batch) {
        return batch.getLong(batch.position() + BASE_TIMESTAMP_AT);
    }

    public static int count(ByteBuffer batch) {
        return batch.getInt(batch.position() + COUNT_AT);
    }

    /** The records as they are encoded. */
    public static ByteBuffer records(ByteBuffer batch) {
        return batch.slice(
                batch.position() + BatchHeader.BYTES, batch.remaining() - BatchHeader.BYTES);
    }

    /** A batch with this one's header, as far as it holds, and the same records in this codec. */
    public static ByteBuffer withRecords(ByteBuffer header, int codec, byte[] records, int length) {
        ByteBuffer batch = ByteBuffer.allocate(BatchHeader.BYTES + length);
        batch.put(0, header, header.position(), BatchHeader.BYTES);
        batch.put(BatchHeader.BYTES, records, 0, length);
        batch.putInt(LENGTH_AT, batch.capacity() - LOG_OVERHEAD);
        batch.putShort(ATTRIBUTES_AT, (short) ((batch.getShort(ATTRIBUTES_AT) & ~CODEC) | codec));
        seal(batch);
        return batch;
    }

    /**
     * What is left of a batch's records.
     *
     * @param records as they are encoded
     * @param deleteHorizon whether {@code baseTimestamp} is when tombstones may go
     */
    public record Left(
            ByteBuffer records,
            int codec,
            int count,
            long baseTimestamp,
            long maxTimestamp,
            boolean deleteHorizon) {}

    /** A batch with this one's offsets and producer, and some of its records. */
    public static ByteBuffer withLeft(ByteBuffer header, Left left) {
        ByteBuffer batch = ByteBuffer.allocate(BatchHeader.BYTES + left.records().remaining());
        batch.put(0, header, header.position(), BatchHeader.BYTES);
        batch.put(
                BatchHeader.BYTES,
                left.records(),
                left.records().position(),
                left.records().remaining());
        batch.putInt(LENGTH_AT, batch.capacity() - LOG_OVERHEAD);
        int attributes = batch.getShort(ATTRIBUTES_AT) & ~(CODEC | DELETE_HORIZON);
        attributes |= left.codec() | (left.deleteHorizon() ? DELETE_HORIZON : 0);
        batch.putShort(ATTRIBUTES_AT, (short) attributes);
        batch.putLong(BASE_TIMESTAMP_AT, left.baseTimestamp());
        batch.putLong(MAX_TIMESTAMP_AT, left.maxTimestamp());
        batch.putInt(COUNT_AT, left.count());
        seal(batch);
        return batch;
    }

    /** Makes the batch, which is alone in its buffer, reach further than its header says. */
    public static void extend(ByteBuffer batch, int count, int lastOffsetDelta, long maxTimestamp) {
        batch.putInt(LAST_OFFSET_DELTA_AT, lastOffsetDelta);
        batch.putLong(MAX_TIMESTAMP_AT, maxTimestamp);
        batch.putInt(COUNT_AT, count);
        seal(batch);
    }

    /** Gives the header its place in the log; its checksum does not cover that. */
    public static void place(ByteBuffer header, long baseOffset, int leaderEpoch) {
        header.putLong(BASE_OFFSET_AT, baseOffset).putInt(LEADER_EPOCH_AT, leaderEpoch);
    }

    /** Dates a header that is alone in its buffer, and the records that follow it. */
    public static void date(
            ByteBuffer header, ByteBuffer records, boolean logAppendTime, long maxTimestamp) {
        if (logAppendTime) {
            header.putShort(
                    ATTRIBUTES_AT, (short) (header.getShort(ATTRIBUTES_AT) | TIMESTAMP_TYPE));
        }
        header.putLong(MAX_TIMESTAMP_AT, maxTimestamp);
        header.putInt(
                CRC_AT,
                Crc32c.of(header.slice(ATTRIBUTES_AT, BatchHeader.BYTES - ATTRIBUTES_AT), records));
    }

    private static void seal(ByteBuffer batch) {
        batch.putInt(
                CRC_AT, Crc32c.of(batch.slice(ATTRIBUTES_AT, batch.capacity() - ATTRIBUTES_AT)));
    }

    private static int attributes(ByteBuffer batch) {
        return batch.getShort(batch.position() + ATTRIBUTES_AT);
    }
}
