package io.tributary.storage.recompression;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/** Makes batches with Kafka's own builder, and reads them with its own reader. */
final class Batches {
    private static final int LEADER_EPOCH = 7;

    private Batches() {}

    /** What a batch is, beside its records. */
    record Kind(
            CompressionType codec,
            TimestampType timestampType,
            long producerId,
            boolean transactional) {
        static Kind plain(CompressionType codec) {
            return new Kind(codec, TimestampType.CREATE_TIME, -1, false);
        }
    }

    /** Everything a reader can tell of a record. */
    record Seen(
            long offset,
            long timestamp,
            Optional<List<Byte>> key,
            Optional<List<Byte>> value,
            List<String> headers) {}

    static ByteBuffer build(Kind kind, long baseOffset, long[] offsets, RandomGenerator random) {
        try (MemoryRecordsBuilder builder = builder(kind, baseOffset, false)) {
            for (long offset : offsets) {
                builder.appendWithOffset(
                        offset,
                        1_700_000_000_000L + random.nextInt(-100_000, 100_000),
                        bytes(random, 40),
                        bytes(random, 400),
                        headers(random));
            }
            return builder.build().buffer();
        }
    }

    static MemoryRecordsBuilder builder(Kind kind, long baseOffset, boolean control) {
        boolean producer = kind.producerId() >= 0;
        return new MemoryRecordsBuilder(
                new ByteBufferOutputStream(1 << 12),
                (byte) 2,
                Compression.of(kind.codec()).build(),
                kind.timestampType(),
                baseOffset,
                kind.timestampType() == TimestampType.LOG_APPEND_TIME ? 1_700_000_111_111L : -1,
                kind.producerId(),
                (short) (producer ? 3 : -1),
                producer ? 42 : -1,
                kind.transactional(),
                control,
                LEADER_EPOCH,
                Integer.MAX_VALUE);
    }

    static long[] dense(long from, int count) {
        long[] offsets = new long[count];
        Arrays.setAll(offsets, i -> from + i);
        return offsets;
    }

    private static byte[] bytes(RandomGenerator random, int most) {
        if (random.nextInt(8) == 0) {
            return null;
        }
        byte[] bytes = new byte[random.nextInt(most)];
        int letters = random.nextInt(1, 256);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) random.nextInt(letters);
        }
        return bytes;
    }

    private static Header[] headers(RandomGenerator random) {
        Header[] headers = new Header[random.nextInt(3)];
        Arrays.setAll(headers, i -> new RecordHeader("h" + random.nextInt(5), bytes(random, 20)));
        return headers;
    }

    static MutableRecordBatch parse(ByteBuffer batch) {
        MutableRecordBatch parsed =
                MemoryRecords.readableRecords(batch.duplicate()).batches().iterator().next();
        parsed.ensureValid();
        return parsed;
    }

    static List<Seen> records(List<ByteBuffer> batches) {
        List<Seen> seen = new ArrayList<>();
        for (ByteBuffer batch : batches) {
            for (Record record : parse(batch)) {
                List<String> headers = new ArrayList<>();
                for (Header header : record.headers()) {
                    headers.add(header.key() + "=" + Arrays.toString(header.value()));
                }
                seen.add(
                        new Seen(
                                record.offset(),
                                record.timestamp(),
                                list(record.key()),
                                list(record.value()),
                                headers));
            }
        }
        return seen;
    }

    private static Optional<List<Byte>> list(ByteBuffer bytes) {
        if (bytes == null) {
            return Optional.empty();
        }
        List<Byte> list = new ArrayList<>();
        while (bytes.hasRemaining()) {
            list.add(bytes.get());
        }
        return Optional.of(list);
    }

    /** Every header field of a batch but length, codec and checksum. */
    static List<Object> header(ByteBuffer batch) {
        MutableRecordBatch parsed = parse(batch);
        return List.of(
                parsed.baseOffset(),
                parsed.lastOffset(),
                parsed.countOrNull(),
                parsed.maxTimestamp(),
                parsed.timestampType(),
                parsed.producerId(),
                parsed.producerEpoch(),
                parsed.baseSequence(),
                parsed.lastSequence(),
                parsed.isTransactional(),
                parsed.isControlBatch(),
                parsed.deleteHorizonMs(),
                parsed.partitionLeaderEpoch(),
                batch.getLong(batch.position() + 27));
    }
}
