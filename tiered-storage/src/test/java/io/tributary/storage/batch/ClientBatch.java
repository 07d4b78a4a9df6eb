package io.tributary.storage.batch;

import io.tributary.kernel.bytes.Crc32c;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/** A batch as a Kafka client sends it, made by Kafka's own builder. */
public record ClientBatch(
        CompressionType codec, long producerId, int epoch, int sequence, long timestampMillis) {
    private static final int CRC_AT = 17;
    private static final int CRC_FROM = 21;

    /** Of a producer that is not idempotent. */
    public static ClientBatch plain(CompressionType codec, long timestampMillis) {
        return new ClientBatch(codec, -1, -1, -1, timestampMillis);
    }

    /** Of an idempotent producer. */
    public static ClientBatch of(long producerId, int epoch, int sequence, long timestampMillis) {
        return new ClientBatch(CompressionType.NONE, producerId, epoch, sequence, timestampMillis);
    }

    public ByteBuffer values(String... values) {
        return values(
                false,
                Stream.of(values).map(value -> value.getBytes(StandardCharsets.UTF_8)).toList());
    }

    ByteBuffer values(boolean transactional, List<byte[]> values) {
        try (MemoryRecordsBuilder builder =
                new MemoryRecordsBuilder(
                        new ByteBufferOutputStream(1 << 12),
                        (byte) 2,
                        Compression.of(codec).build(),
                        TimestampType.CREATE_TIME,
                        0,
                        -1,
                        producerId,
                        (short) epoch,
                        sequence,
                        transactional,
                        false,
                        -1,
                        Integer.MAX_VALUE)) {
            for (byte[] value : values) {
                builder.append(timestampMillis, "key".getBytes(StandardCharsets.UTF_8), value);
            }
            ByteBuffer built = builder.build().buffer();
            return ByteBuffer.allocate(built.remaining()).put(built).flip();
        }
    }

    /** Corrects the checksum of a batch that was changed. */
    static ByteBuffer sealed(ByteBuffer batch) {
        return batch.putInt(CRC_AT, Crc32c.of(batch.slice(CRC_FROM, batch.limit() - CRC_FROM)));
    }
}
