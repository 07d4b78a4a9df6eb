package io.tributary.storage.recompression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.bytes.Crc32c;
import io.tributary.storage.recompression.Batches.Kind;
import io.tributary.storage.segment.BatchHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BatchJoinerTest {
    private static final int LEVEL = 3;

    private static RandomGenerator random(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    private static List<ByteBuffer> through(List<ByteBuffer> batches) throws IOException {
        List<ByteBuffer> out = new ArrayList<>();
        try (BatchJoiner joiner = new BatchJoiner(LEVEL, out::add)) {
            for (ByteBuffer batch : batches) {
                joiner.add(batch.asReadOnlyBuffer());
            }
            joiner.end();
        }
        return out;
    }

    private static ByteBuffer alone(ByteBuffer batch) throws IOException {
        List<ByteBuffer> out = through(List.of(batch));
        assertEquals(1, out.size());
        return out.getFirst();
    }

    @Test
    void recordsOfAnyBatchesComeOutAsTheyWentIn() throws Exception {
        for (long seed = 0; seed < 400; seed++) {
            RandomGenerator random = random(seed);
            List<ByteBuffer> batches = new ArrayList<>();
            long offset = random.nextInt(1_000);
            int count = random.nextInt(1, 30);
            for (int i = 0; i < count; i++) {
                boolean producer = random.nextInt(4) == 0;
                Kind kind =
                        new Kind(
                                CompressionType.forId(random.nextInt(5)),
                                random.nextInt(3) == 0
                                        ? TimestampType.LOG_APPEND_TIME
                                        : TimestampType.CREATE_TIME,
                                producer ? 1234 : -1,
                                producer && random.nextBoolean());
                long[] offsets = Batches.dense(offset, random.nextInt(1, 60));
                if (offsets.length > 2 && random.nextInt(4) == 0) {
                    offsets[offsets.length - 1] += random.nextInt(1, 5);
                }
                batches.add(Batches.build(kind, offset, offsets, random));
                offset = offsets[offsets.length - 1] + 1 + random.nextInt(6) / 5;
            }
            List<ByteBuffer> out = through(batches);
            assertEquals(Batches.records(batches), Batches.records(out), "seed " + seed);
            assertTrue(bytes(out) <= bytes(batches), "seed " + seed);
            for (ByteBuffer batch : out) {
                assertTrue(BatchHeader.parse(batch).crcMatches(batch), "seed " + seed);
            }
        }
    }

    @Test
    void batchBehindAGapKeepsItsOwnRecordsThoughTheyLookLikeThoseBefore() throws Exception {
        for (CompressionType codec : CompressionType.values()) {
            List<ByteBuffer> batches = new ArrayList<>();
            for (long offset : List.of(1L, 5L, 6L, 7L)) {
                try (MemoryRecordsBuilder builder =
                        Batches.builder(Kind.plain(codec), offset, false)) {
                    builder.append(
                            1_000L, null, ("value " + offset).getBytes(StandardCharsets.UTF_8));
                    batches.add(builder.build().buffer());
                }
            }
            assertEquals(Batches.records(batches), Batches.records(through(batches)));
        }
    }

    @Test
    void whatCompactionLeftIsJoinedAcrossItsGaps() throws Exception {
        List<ByteBuffer> batches = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            long base = 1_000L * i;
            batches.add(
                    Batches.build(
                            Kind.plain(CompressionType.ZSTD),
                            base,
                            new long[] {base + 3, base + 7},
                            random(i / 10)));
        }
        List<ByteBuffer> out = through(batches);
        assertEquals(1, out.size());
        assertEquals(Batches.records(batches), Batches.records(out));
        assertEquals(0, BatchHeader.parse(out.getFirst()).baseOffset());
        assertEquals(199_007, BatchHeader.parse(out.getFirst()).lastOffset());
    }

    @Test
    void batchesBehindAGapThatIsTooWideStayApart() throws Exception {
        List<ByteBuffer> batches = new ArrayList<>();
        for (long base : List.of(0L, 1_000_000_000L, 3_000_000_000L)) {
            batches.add(
                    Batches.build(
                            Kind.plain(CompressionType.ZSTD), base, new long[] {base}, random(1)));
        }
        assertEquals(batches, through(batches));
    }

    private static long bytes(List<ByteBuffer> batches) {
        return batches.stream().mapToLong(ByteBuffer::remaining).sum();
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void batchAloneKeepsEveryFieldOfItsHeader(CompressionType codec) throws Exception {
        for (TimestampType type :
                List.of(TimestampType.CREATE_TIME, TimestampType.LOG_APPEND_TIME)) {
            for (long producer : List.of(-1L, 99L)) {
                for (boolean transactional : List.of(false, producer >= 0)) {
                    Kind kind = new Kind(codec, type, producer, transactional);
                    ByteBuffer batch =
                            Batches.build(kind, 70, new long[] {70, 71, 75, 90}, random(5));
                    ByteBuffer out = alone(batch);
                    assertEquals(Batches.header(batch), Batches.header(out));
                    assertEquals(Batches.records(List.of(batch)), Batches.records(List.of(out)));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NONE", "GZIP", "SNAPPY", "LZ4"})
    void whatCameOtherwiseIsStoredInZstd(CompressionType codec) throws Exception {
        ByteBuffer batch = text(codec, 500);
        ByteBuffer out = alone(batch);
        assertEquals(CompressionType.ZSTD, Batches.parse(out).compressionType());
        assertTrue(out.remaining() < batch.remaining());
    }

    @Test
    void whatCameInZstdStaysByteForByte() throws Exception {
        for (int records : List.of(1, 50, 5_000)) {
            ByteBuffer batch = text(CompressionType.ZSTD, records);
            assertEquals(batch, alone(batch));
        }
    }

    private static ByteBuffer text(CompressionType codec, int records) {
        try (MemoryRecordsBuilder builder = Batches.builder(Kind.plain(codec), 0, false)) {
            for (int i = 0; i < records; i++) {
                builder.append(
                        1_000L + i,
                        null,
                        ("{\"number\": " + i + "}").getBytes(StandardCharsets.UTF_8));
            }
            return builder.build().buffer();
        }
    }

    @Test
    void tinyBatchesBecomeOneThatTakesMuchLess() throws Exception {
        List<ByteBuffer> batches = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            batches.add(
                    Batches.build(
                            Kind.plain(CompressionType.ZSTD), i, new long[] {i}, random(i / 10)));
        }
        List<ByteBuffer> out = through(batches);
        assertEquals(1, out.size());
        assertEquals(Batches.records(batches), Batches.records(out));
        assertTrue(bytes(out) * 4 < bytes(batches));
    }

    @Test
    void joinedBatchHoldsNoMoreThanItMay() throws Exception {
        List<ByteBuffer> batches = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            batches.add(
                    Batches.build(Kind.plain(CompressionType.NONE), i, new long[] {i}, random(i)));
        }
        List<ByteBuffer> out = through(batches);
        assertTrue(out.size() > 1);
        try (Inflater inflater = new Inflater()) {
            for (ByteBuffer batch : out) {
                assertTrue(inflater.inflate(batch, BatchJoiner.JOINED_BYTES).isPresent());
            }
        }
        assertEquals(Batches.records(batches), Batches.records(out));
    }

    @Test
    void controlBatchStaysByteForByte() throws Exception {
        try (MemoryRecordsBuilder builder =
                Batches.builder(
                        new Kind(CompressionType.NONE, TimestampType.CREATE_TIME, 5, true),
                        9,
                        true)) {
            builder.appendEndTxnMarker(
                    1_000L, new EndTransactionMarker(ControlRecordType.COMMIT, 3));
            ByteBuffer batch = builder.build().buffer();
            assertEquals(batch, alone(batch));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "SNAPPY", "LZ4", "ZSTD"})
    void bombIsNotExpandedAndStaysAsItIs(CompressionType codec) throws Exception {
        ByteBuffer bomb;
        try (MemoryRecordsBuilder builder = Batches.builder(Kind.plain(codec), 0, false)) {
            builder.append(1_000L, null, new byte[Recompressor.MAX_RECORDS_BYTES + 1]);
            bomb = builder.build().buffer();
        }
        assertEquals(bomb, alone(bomb));
    }

    @Test
    void snappyThatClaimsMoreThanItHasIsNotBelieved() throws Exception {
        ByteBuffer batch = text(CompressionType.SNAPPY, 100);
        // The first block's length, after the stream's header of 16 bytes and the block's size.
        int claim = BatchHeader.BYTES + 16 + 4;
        for (int i = 0; i < 4; i++) {
            batch.put(claim + i, (byte) 0xff);
        }
        batch.put(claim + 4, (byte) 0x07);
        batch.putInt(17, Crc32c.of(batch.slice(21, batch.limit() - 21)));
        assertEquals(batch, alone(batch));
    }

    @Test
    void damagedBatchStaysAsItIsAndIsStillFoundOut() throws Exception {
        for (CompressionType codec : CompressionType.values()) {
            ByteBuffer batch = text(codec, 100);
            batch.put(batch.limit() - 1, (byte) (batch.get(batch.limit() - 1) ^ 1));
            ByteBuffer out = alone(batch);
            assertEquals(batch, out);
            assertTrue(!BatchHeader.parse(out).crcMatches(out));
        }
    }

    @Test
    void hostileBytesUnderAGoodChecksumNeverFailTheWriter() throws Exception {
        for (long seed = 0; seed < 1_000; seed++) {
            RandomGenerator random = random(seed);
            ByteBuffer batch = text(CompressionType.forId(random.nextInt(5)), 20);
            int flips = random.nextInt(1, 6);
            for (int i = 0; i < flips; i++) {
                batch.put(
                        random.nextInt(BatchHeader.BYTES, batch.limit()),
                        (byte) random.nextInt(256));
            }
            batch.putInt(17, Crc32c.of(batch.slice(21, batch.limit() - 21)));
            alone(batch);
        }
    }
}
