package io.tributary.storage.append;

import io.tributary.storage.NewRecord;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.PartitionSettings.Codec;
import io.tributary.storage.segment.BatchHeader;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/** Makes Kafka v2 record batches of single records. Not thread-safe: it reuses its buffer. */
final class BatchBuilder {
    /** A batch is closed once its records, uncompressed, exceed this. */
    private static final int TARGET_BYTES = 1 << 20;

    private static final Header[] NO_HEADERS = {};

    private final int epoch;
    private final Map<Codec, Compression> compressions = new EnumMap<>(Codec.class);
    private ByteBuffer buffer = ByteBuffer.allocate(64 << 10);

    BatchBuilder(long epoch) {
        this.epoch = Math.toIntExact(epoch);
        for (Codec codec : Codec.values()) {
            compressions.put(codec, Compression.of(type(codec)).build());
        }
    }

    /** The leader epoch of every batch. */
    int epoch() {
        return epoch;
    }

    /**
     * Builds as many batches as the records need.
     *
     * @param each gets every batch in order; the buffer is reused when it returns
     */
    void build(
            List<NewRecord> records,
            PartitionSettings settings,
            long baseOffset,
            long nowMillis,
            Consumer<ByteBuffer> each) {
        int limit = Math.min(settings.maxMessageBytes(), TARGET_BYTES);
        int from = 0;
        while (from < records.size()) {
            long bytes = (long) BatchHeader.BYTES + records.get(from).sizeBytes();
            int to = from + 1;
            while (to < records.size() && bytes + records.get(to).sizeBytes() <= limit) {
                bytes += records.get(to++).sizeBytes();
            }
            each.accept(one(records.subList(from, to), settings, baseOffset + from, nowMillis));
            from = to;
        }
    }

    private ByteBuffer one(
            List<NewRecord> records, PartitionSettings settings, long baseOffset, long nowMillis) {
        boolean logAppendTime = settings.timestamps().logAppendTime();
        buffer.clear();
        ByteBufferOutputStream stream = new ByteBufferOutputStream(buffer);
        try (MemoryRecordsBuilder builder =
                new MemoryRecordsBuilder(
                        stream,
                        RecordBatch.MAGIC_VALUE_V2,
                        compressions.get(settings.compression()),
                        logAppendTime
                                ? org.apache.kafka.common.record.TimestampType.LOG_APPEND_TIME
                                : org.apache.kafka.common.record.TimestampType.CREATE_TIME,
                        baseOffset,
                        logAppendTime ? nowMillis : RecordBatch.NO_TIMESTAMP,
                        RecordBatch.NO_PRODUCER_ID,
                        RecordBatch.NO_PRODUCER_EPOCH,
                        RecordBatch.NO_SEQUENCE,
                        false,
                        false,
                        epoch,
                        Integer.MAX_VALUE)) {
            for (NewRecord record : records) {
                long timestamp =
                        record.timestampMillis() == NewRecord.NO_TIMESTAMP
                                ? nowMillis
                                : record.timestampMillis();
                builder.append(timestamp, record.key(), record.value(), headers(record));
            }
            ByteBuffer built = builder.build().buffer();
            buffer = stream.buffer();
            return built;
        }
    }

    private static Header[] headers(NewRecord record) {
        List<NewRecord.NewHeader> headers = record.headers();
        if (headers.isEmpty()) {
            return NO_HEADERS;
        }
        Header[] converted = new Header[headers.size()];
        for (int i = 0; i < converted.length; i++) {
            converted[i] = new RecordHeader(headers.get(i).name(), headers.get(i).value());
        }
        return converted;
    }

    private static CompressionType type(Codec codec) {
        return switch (codec) {
            case NONE -> CompressionType.NONE;
            case GZIP -> CompressionType.GZIP;
            case SNAPPY -> CompressionType.SNAPPY;
            case LZ4 -> CompressionType.LZ4;
            case ZSTD -> CompressionType.ZSTD;
        };
    }
}
