package io.tributary.storage.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.BatchOutcome.Flaw;
import io.tributary.storage.BatchOutcome.FlawedRecord;
import io.tributary.storage.BatchOutcome.Invalid;
import io.tributary.storage.BatchRequest.Part;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.PartitionSettings.Codec;
import io.tributary.storage.PartitionSettings.TimestampType;
import io.tributary.storage.PartitionSettings.Timestamps;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class BatchCheckTest {
    private static final long NOW = 1_800_000_000_000L;
    private static final int HEADER_BYTES = 61;
    private static final int MAX_NAMED = 3;
    private static final PartitionId PARTITION = new PartitionId(new TopicId(new UUID(1, 2)), 3);

    private static PartitionSettings settings(int maxBytes, Timestamps timestamps) {
        return new PartitionSettings(
                maxBytes,
                Codec.NONE,
                timestamps,
                true,
                Optional.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                1 << 30,
                Duration.ofDays(7));
    }

    private static final PartitionSettings USUAL =
            settings(1 << 20, new Timestamps(TimestampType.CREATE_TIME, 10_000, 5_000));

    private static Checked check(ByteBuffer batch, PartitionSettings settings) {
        return BatchCheck.check(
                new Part(PARTITION, settings, batch.asReadOnlyBuffer()), NOW, MAX_NAMED);
    }

    private static CheckedBatch good(ByteBuffer batch, PartitionSettings settings) {
        return assertInstanceOf(CheckedBatch.class, check(batch, settings));
    }

    private static void flawed(Flaw flaw, ByteBuffer batch, PartitionSettings settings) {
        assertEquals(
                flaw,
                assertInstanceOf(Checked.Flawed.class, check(batch, settings)).outcome().flaw());
    }

    private static ByteBuffer whole(CheckedBatch checked) {
        return ByteBuffer.allocate(checked.sizeBytes())
                .put(checked.header().duplicate())
                .put(checked.records().duplicate())
                .flip();
    }

    @ParameterizedTest
    @EnumSource
    void everyCodecPassesByteForByte(CompressionType codec) {
        ByteBuffer batch = ClientBatch.plain(codec, NOW).values("a", "b".repeat(50_000), "");
        CheckedBatch checked = good(batch, USUAL);
        assertEquals(3, checked.count());
        assertEquals(batch, whole(checked));
        assertEquals(OptionalLong.empty(), checked.logAppendTimeMillis());
    }

    static Stream<Arguments> flaws() {
        return Stream.of(
                flaw(Flaw.CORRUPT_MESSAGE, "cut in its header", b -> b.limit(60)),
                flaw(Flaw.CORRUPT_MESSAGE, "cut in its records", b -> b.limit(b.limit() - 1)),
                flaw(Flaw.CORRUPT_MESSAGE, "says less than a header", b -> b.putInt(8, 10)),
                flaw(Flaw.CORRUPT_MESSAGE, "says less than nothing", b -> b.putInt(8, -1)),
                flaw(Flaw.CORRUPT_MESSAGE, "one bit flipped", b -> flip(b, b.limit() - 3)),
                flaw(Flaw.INVALID_RECORD, "magic 1", b -> b.put(16, (byte) 1)),
                flaw(
                        Flaw.INVALID_RECORD,
                        "two batches",
                        b -> ByteBuffer.allocate(2 * b.limit()).put(b.slice()).put(b).flip()),
                flaw(Flaw.INVALID_RECORD, "base offset 7", b -> b.putLong(0, 7)),
                sealed(Flaw.INVALID_RECORD, "control", b -> b.putShort(21, (short) 0x20)),
                sealed(Flaw.INVALID_TXN_STATE, "transactional", b -> b.putShort(21, (short) 0x10)),
                sealed(Flaw.INVALID_RECORD, "unknown attribute", b -> b.putShort(21, (short) 0x80)),
                sealed(
                        Flaw.UNSUPPORTED_COMPRESSION_TYPE,
                        "codec 6",
                        b -> b.putShort(21, (short) 6)),
                sealed(Flaw.INVALID_TIMESTAMP, "append time", b -> b.putShort(21, (short) 8)),
                sealed(Flaw.INVALID_RECORD, "last offset beyond count", b -> b.putInt(23, 9)),
                sealed(Flaw.INVALID_RECORD, "last offset below 0", b -> b.putInt(23, -1)),
                sealed(Flaw.INVALID_RECORD, "a count too many", b -> b.putInt(23, 3).putInt(57, 4)),
                sealed(Flaw.INVALID_RECORD, "a count too few", b -> b.putInt(23, 1).putInt(57, 2)),
                sealed(
                        Flaw.INVALID_RECORD,
                        "2^31-1 records",
                        b -> b.putInt(23, Integer.MAX_VALUE - 1).putInt(57, Integer.MAX_VALUE)),
                sealed(Flaw.INVALID_RECORD, "producer -2", b -> b.putLong(43, -2)),
                sealed(Flaw.INVALID_RECORD, "no epoch", b -> b.putLong(43, 5)),
                sealed(
                        Flaw.INVALID_RECORD,
                        "no sequence",
                        b -> b.putLong(43, 5).putShort(51, (short) 0)),
                sealed(Flaw.INVALID_RECORD, "record length", b -> b.put(HEADER_BYTES, (byte) 99)),
                sealed(
                        Flaw.INVALID_RECORD,
                        "record offset",
                        b -> b.put(HEADER_BYTES + 3, (byte) 2)),
                sealed(Flaw.INVALID_RECORD, "key length", b -> b.put(HEADER_BYTES + 4, (byte) 98)),
                sealed(Flaw.INVALID_RECORD, "not gzip", b -> b.putShort(21, (short) 1)),
                sealed(Flaw.INVALID_RECORD, "not snappy", b -> b.putShort(21, (short) 2)),
                sealed(Flaw.INVALID_RECORD, "not lz4", b -> b.putShort(21, (short) 3)),
                sealed(Flaw.INVALID_RECORD, "not zstd", b -> b.putShort(21, (short) 4)));
    }

    private static Arguments flaw(Flaw flaw, String what, UnaryOperator<ByteBuffer> change) {
        return Arguments.of(flaw, what, change);
    }

    private static Arguments sealed(Flaw flaw, String what, UnaryOperator<ByteBuffer> change) {
        return flaw(flaw, what, batch -> ClientBatch.sealed(change.apply(batch)));
    }

    private static ByteBuffer flip(ByteBuffer batch, int at) {
        return batch.put(at, (byte) (batch.get(at) ^ 1));
    }

    @ParameterizedTest(name = "{1}: {0}")
    @MethodSource("flaws")
    void flawIsNamed(Flaw flaw, String what, UnaryOperator<ByteBuffer> change) {
        ByteBuffer batch = ClientBatch.plain(CompressionType.NONE, NOW).values("a", "b", "c");
        good(batch, USUAL);
        flawed(flaw, change.apply(batch), USUAL);
    }

    @Test
    void anyByteOfARecordMayBeWrongWithoutHarm() {
        SplittableRandom random = new SplittableRandom(1);
        for (CompressionType codec : CompressionType.values()) {
            for (int i = 0; i < 2_000; i++) {
                ByteBuffer batch = ClientBatch.plain(codec, NOW).values("abc", "d", "e".repeat(99));
                for (int n = random.nextInt(1, 4); n > 0; n--) {
                    batch.put(random.nextInt(HEADER_BYTES, batch.limit()), (byte) random.nextInt());
                }
                if (check(ClientBatch.sealed(batch), USUAL) instanceof CheckedBatch checked) {
                    assertEquals(3, read(checked));
                }
            }
        }
    }

    /** Kafka's own reader must be able to read what passes. */
    private static int read(CheckedBatch checked) {
        int count = 0;
        for (Record record : MemoryRecords.readableRecords(whole(checked)).records()) {
            assertEquals(count++, record.offset());
        }
        return count;
    }

    private static PartitionSettings compacted() {
        return new PartitionSettings(
                1 << 20,
                Codec.NONE,
                USUAL.timestamps(),
                false,
                Optional.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                1 << 30,
                Duration.ofDays(7),
                Optional.of(
                        new PartitionSettings.Compaction(
                                Duration.ZERO, Optional.empty(), 0.5, Duration.ZERO)));
    }

    @Test
    void compactedTopicTakesNoRecordWithoutAKey() {
        PartitionSettings compacted = compacted();
        ByteBuffer keyed = ClientBatch.plain(CompressionType.ZSTD, NOW).values("a", "b");
        good(keyed, compacted);
        // The record's key follows its length, attributes and two deltas, of a byte each.
        ByteBuffer keyless = ClientBatch.plain(CompressionType.NONE, NOW).values("a");
        byte[] withoutKey = {14, 0, 0, 0, 1, 2, 'a', 0};
        ByteBuffer batch =
                ByteBuffer.allocate(HEADER_BYTES + withoutKey.length)
                        .put(keyless.slice(0, HEADER_BYTES))
                        .put(withoutKey)
                        .flip();
        batch.putInt(8, batch.limit() - 12);
        good(ClientBatch.sealed(batch), USUAL);
        flawed(Flaw.INVALID_RECORD, batch, compacted);
    }

    private static Invalid refusal(PartitionSettings settings, SimpleRecord... records) {
        ByteBuffer batch =
                MemoryRecords.withRecords(Compression.of(CompressionType.LZ4).build(), records)
                        .buffer();
        return assertInstanceOf(Checked.Flawed.class, check(batch, settings)).outcome();
    }

    private static List<Integer> named(Invalid refusal) {
        return refusal.records().stream().map(FlawedRecord::index).toList();
    }

    @Test
    void recordsThatATopicDoesNotTakeAreNamed() {
        SimpleRecord good = new SimpleRecord(NOW, new byte[1], new byte[1]);
        SimpleRecord keyless = new SimpleRecord(NOW, null, new byte[1]);
        SimpleRecord early = new SimpleRecord(5, new byte[1], new byte[1]);
        SimpleRecord both = new SimpleRecord(5, null, new byte[1]);

        Invalid keys = refusal(compacted(), good, keyless, good, keyless);
        assertEquals(Flaw.INVALID_RECORD, keys.flaw());
        assertEquals(List.of(1, 3), named(keys));

        Invalid times = refusal(compacted(), both, good, early);
        assertEquals(Flaw.INVALID_TIMESTAMP, times.flaw());
        assertEquals(List.of(0, 2), named(times));
        assertTrue(times.records().getFirst().what().contains("key"));
        assertTrue(times.records().getLast().what().contains("timestamp"));

        assertEquals(List.of(1, 2, 3), named(refusal(USUAL, good, early, early, early, early)));
    }

    @Test
    void timestampsAreHeldToTheTopicsBounds() {
        for (long good : new long[] {NOW - 10_000, NOW, NOW + 5_000, -1}) {
            good(ClientBatch.plain(CompressionType.NONE, good).values("a"), USUAL);
        }
        for (long bad : new long[] {0, NOW - 10_001, NOW + 5_001, Long.MAX_VALUE}) {
            ByteBuffer batch = ClientBatch.plain(CompressionType.GZIP, bad).values("a");
            flawed(Flaw.INVALID_TIMESTAMP, batch, USUAL);
        }
    }

    @Test
    void logAppendTimeDatesTheBatchAndSealsItAnew() {
        PartitionSettings settings =
                settings(1 << 20, new Timestamps(TimestampType.LOG_APPEND_TIME, 0, 0));
        ByteBuffer batch = ClientBatch.plain(CompressionType.LZ4, 5).values("a", "b");
        CheckedBatch checked = good(batch, settings);
        assertEquals(OptionalLong.of(NOW), checked.logAppendTimeMillis());
        MutableRecordBatch dated =
                MemoryRecords.readableRecords(whole(checked)).batches().iterator().next();
        dated.ensureValid();
        dated.forEach(record -> assertEquals(NOW, record.timestamp()));
    }

    @Test
    void largestTimestampIsCorrected() {
        ByteBuffer batch = ClientBatch.plain(CompressionType.NONE, NOW).values("a");
        CheckedBatch checked = good(ClientBatch.sealed(batch.putLong(35, NOW + 77)), USUAL);
        MutableRecordBatch corrected =
                MemoryRecords.readableRecords(whole(checked)).batches().iterator().next();
        corrected.ensureValid();
        assertEquals(NOW, corrected.maxTimestamp());
    }

    @Test
    void batchOfTenMillionBytesFitsWhereTheTopicTakesIt() {
        byte[] large = new byte[10 << 20];
        new SplittableRandom(1).nextBytes(large);
        ByteBuffer batch =
                ClientBatch.plain(CompressionType.NONE, NOW).values(false, List.of(large));
        flawed(Flaw.MESSAGE_TOO_LARGE, batch, USUAL);
        good(batch, settings(11 << 20, Timestamps.of(TimestampType.CREATE_TIME)));
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void bombIsRefusedInLittleMemory(CompressionType codec) {
        byte[] zeros = new byte[8 << 20];
        ByteBuffer batch =
                ClientBatch.plain(codec, NOW).values(false, Arrays.asList(copies(zeros, 4)));
        PartitionSettings settings = settings(12 << 20, USUAL.timestamps());
        assertTrue(batch.limit() < 4 << 20, () -> codec + " takes " + batch.limit());
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        flawed(Flaw.MESSAGE_TOO_LARGE, batch, settings);
        long taken = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(taken < 2 << 20, () -> codec + " took " + taken);
    }

    private static byte[][] copies(byte[] value, int count) {
        byte[][] copies = new byte[count][];
        Arrays.fill(copies, value);
        return copies;
    }
}
