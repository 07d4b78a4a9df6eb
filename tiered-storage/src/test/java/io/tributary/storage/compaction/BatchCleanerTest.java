package io.tributary.storage.compaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.compaction.BatchCleaner.Rules;
import io.tributary.storage.compaction.BatchCleaner.Tally;
import io.tributary.storage.compaction.BatchCleaner.Tombstones;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecords.RecordFilter;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.junit.jupiter.api.Test;

/** Compared with what Kafka's own filter, which its log cleaner uses, makes of the same batches. */
class BatchCleanerTest {
    private static final PartitionId PARTITION = new PartitionId(new TopicId(new UUID(1, 2)), 0);
    private static final long NOW = 1_800_000_000_000L;
    private static final long STAY = 10_000;
    private static final int KEYS = 40;

    private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(9);
    private KeyMap keys = new KeyMap(1 << 20);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private MemoryRecordsBuilder builder(long base, boolean transactional, boolean control) {
        boolean producer = transactional || random.nextBoolean();
        CompressionType[] codecs = CompressionType.values();
        boolean logAppendTime = random.nextInt(4) == 0;
        return new MemoryRecordsBuilder(
                new ByteBufferOutputStream(1 << 12),
                (byte) 2,
                Compression.of(codecs[random.nextInt(codecs.length)]).build(),
                logAppendTime ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME,
                base,
                logAppendTime ? NOW - 5_000 : -1,
                producer ? 77 : -1,
                (short) (producer ? 3 : -1),
                producer ? random.nextInt(1_000) : -1,
                transactional,
                control,
                11,
                Integer.MAX_VALUE);
    }

    private ByteBuffer batch(long base, int count, boolean transactional) {
        try (MemoryRecordsBuilder builder = builder(base, transactional, false)) {
            for (int i = 0; i < count; i++) {
                builder.append(
                        NOW - random.nextInt(100_000),
                        random.nextInt(30) == 0 ? null : bytes("k" + random.nextInt(KEYS)),
                        random.nextInt(5) == 0 ? null : bytes("v".repeat(random.nextInt(200))),
                        new Header[] {new RecordHeader("h", bytes("" + i))});
            }
            return builder.build().buffer();
        }
    }

    private List<ByteBuffer> batches(int count) {
        List<ByteBuffer> batches = new ArrayList<>();
        long next = 100;
        for (int i = 0; i < count; i++) {
            int records = 1 + random.nextInt(20);
            batches.add(batch(next, records, false));
            next += records;
        }
        return batches;
    }

    private static MutableRecordBatch parse(ByteBuffer batch) {
        MutableRecordBatch parsed =
                MemoryRecords.readableRecords(batch.duplicate()).batches().iterator().next();
        parsed.ensureValid();
        return parsed;
    }

    private List<ByteBuffer> clean(List<ByteBuffer> batches, Rules rules, Tally tally) {
        keys.begin(PARTITION);
        List<ByteBuffer> left = new ArrayList<>();
        try (BatchCleaner cleaner = new BatchCleaner(3)) {
            for (ByteBuffer batch : batches) {
                cleaner.clean(batch, rules, false, tally).ifPresent(left::add);
            }
        }
        return left;
    }

    private void note(List<ByteBuffer> batches) {
        keys.begin(PARTITION);
        try (BatchCleaner cleaner = new BatchCleaner(3)) {
            for (ByteBuffer batch : batches) {
                assertTrue(cleaner.note(batch, 0, keys, new BatchCleaner.Noted()).isEmpty());
            }
        }
    }

    /** What Kafka's cleaner decides of a record. */
    private final class Filter extends RecordFilter {
        private Filter(long now) {
            super(now, STAY);
        }

        @Override
        protected BatchRetentionResult checkBatchRetention(RecordBatch batch) {
            return new BatchRetentionResult(BatchRetention.DELETE_EMPTY, false);
        }

        @Override
        protected boolean shouldRetainRecord(RecordBatch batch, Record record) {
            return record.hasKey()
                    && record.offset() >= keys.newest(record.key())
                    && (record.hasValue()
                            || batch.deleteHorizonMs().isEmpty()
                            || batch.deleteHorizonMs().getAsLong() > currentTime);
        }
    }

    private List<ByteBuffer> filtered(List<ByteBuffer> batches, long now) {
        ByteBuffer all = ByteBuffer.allocate(1 << 20);
        batches.forEach(batch -> all.put(batch.duplicate()));
        ByteBuffer out = ByteBuffer.allocate(1 << 20);
        MemoryRecords.readableRecords(all.flip())
                .filterTo(new Filter(now), out, BufferSupplier.NO_CACHING, Integer.MAX_VALUE);
        out.flip();
        List<ByteBuffer> left = new ArrayList<>();
        for (MutableRecordBatch batch : MemoryRecords.readableRecords(out).batches()) {
            ByteBuffer copy = ByteBuffer.allocate(batch.sizeInBytes());
            batch.writeTo(copy);
            left.add(copy.flip());
        }
        return left;
    }

    private static List<Object> seen(ByteBuffer bytes) {
        MutableRecordBatch batch = parse(bytes);
        List<Object> seen =
                new ArrayList<>(
                        List.of(
                                batch.baseOffset(),
                                batch.lastOffset(),
                                batch.countOrNull(),
                                batch.maxTimestamp(),
                                batch.timestampType(),
                                batch.producerId(),
                                batch.producerEpoch(),
                                batch.baseSequence(),
                                batch.lastSequence(),
                                batch.deleteHorizonMs(),
                                batch.partitionLeaderEpoch()));
        for (Record record : batch) {
            seen.add(
                    List.of(
                            record.offset(),
                            record.timestamp(),
                            Optional.ofNullable(record.key()),
                            Optional.ofNullable(record.value()),
                            Arrays.toString(record.headers())));
        }
        return seen;
    }

    private static List<List<Object>> seen(List<ByteBuffer> batches) {
        return batches.stream().map(BatchCleanerTest::seen).toList();
    }

    @Test
    void leavesWhatKafkasOwnCleanerLeaves() {
        for (int round = 0; round < 30; round++) {
            keys = new KeyMap(1 << 20);
            List<ByteBuffer> batches = batches(20);
            note(batches);
            Tally tally = new Tally();
            List<ByteBuffer> once =
                    clean(
                            batches,
                            new Rules(keys, Long.MAX_VALUE, Optional.of(new Tombstones(NOW, STAY))),
                            tally);
            assertEquals(seen(filtered(batches, NOW)), seen(once));
            assertEquals(records(batches) - records(once), tally.records(), "what went is counted");
            // Tombstones have their horizon now; they stay until it, and go then.
            for (long now : List.of(NOW + STAY - 1, NOW + STAY)) {
                List<ByteBuffer> again =
                        clean(
                                once,
                                new Rules(
                                        keys,
                                        Long.MAX_VALUE,
                                        Optional.of(new Tombstones(now, STAY))),
                                new Tally());
                assertEquals(seen(filtered(once, now)), seen(again));
            }
            assertEquals(NOW + STAY, tally.horizonMillis());
        }
    }

    private static long records(List<ByteBuffer> batches) {
        return batches.stream().mapToLong(batch -> parse(batch).countOrNull()).sum();
    }

    @Test
    void whatLiesBeyondTheNotedKeysStays() {
        List<ByteBuffer> batches = batches(40);
        MutableRecordBatch middle = parse(batches.get(20));
        long upTo = middle.baseOffset() + (middle.countOrNull() + 1) / 2;
        KeyMap model = keys;
        model.begin(PARTITION);
        for (ByteBuffer bytes : batches) {
            for (Record record : parse(bytes)) {
                if (record.offset() < upTo && record.hasKey()) {
                    model.put(record.key(), record.offset());
                }
            }
        }
        List<ByteBuffer> left =
                clean(
                        batches,
                        new Rules(keys, upTo, Optional.of(new Tombstones(NOW, STAY))),
                        new Tally());
        long beyond = 0;
        for (ByteBuffer bytes : left) {
            MutableRecordBatch batch = parse(bytes);
            assertEquals(
                    batch.lastOffset() >= upTo,
                    batch.lastOffset() >= upTo && batch.deleteHorizonMs().isEmpty(),
                    "no horizon for what may still be superseded");
            for (Record record : batch) {
                beyond += record.offset() >= upTo ? 1 : 0;
                assertTrue(
                        record.offset() >= upTo || record.offset() == keys.newest(record.key()),
                        "superseded: " + record);
            }
        }
        MutableRecordBatch last = parse(batches.getLast());
        assertEquals(last.nextOffset() - upTo, beyond);
    }

    @Test
    void batchKeepsItsPlaceWithoutRecordsWhereThatIsAskedFor() {
        ByteBuffer batch = batch(10, 5, false);
        keys.begin(PARTITION);
        for (int i = 0; i < KEYS; i++) {
            keys.put(ByteBuffer.wrap(bytes("k" + i)), 1_000);
        }
        Rules rules = new Rules(keys, Long.MAX_VALUE, Optional.empty());
        try (BatchCleaner cleaner = new BatchCleaner(3)) {
            assertTrue(cleaner.clean(batch, rules, false, new Tally()).isEmpty());
            ByteBuffer empty = cleaner.clean(batch, rules, true, new Tally()).orElseThrow();
            MutableRecordBatch before = parse(batch);
            MutableRecordBatch after = parse(empty);
            assertEquals(0, after.countOrNull());
            assertEquals(before.baseOffset(), after.baseOffset());
            assertEquals(before.lastOffset(), after.lastOffset());
            assertEquals(before.maxTimestamp(), after.maxTimestamp());
            assertEquals(before.producerId(), after.producerId());
            assertEquals(before.lastSequence(), after.lastSequence());
            assertTrue(cleaner.clean(empty, rules, false, new Tally()).isEmpty());
            assertSame(empty, cleaner.clean(empty, rules, true, new Tally()).orElseThrow());
        }
    }

    @Test
    void transactionalAndDamagedBatchesStayAndSayNothingOfTheirKeys() {
        ByteBuffer transactional = batch(10, 5, true);
        ByteBuffer damaged = batch(20, 5, false);
        damaged.put(damaged.limit() - 1, (byte) (damaged.get(damaged.limit() - 1) ^ 1));
        Rules rules = new Rules(keys, Long.MAX_VALUE, Optional.empty());
        keys.begin(PARTITION);
        try (BatchCleaner cleaner = new BatchCleaner(3)) {
            for (ByteBuffer batch : List.of(transactional, damaged)) {
                BatchCleaner.Noted noted = new BatchCleaner.Noted();
                assertTrue(cleaner.note(batch, 0, keys, noted).isEmpty());
                assertEquals(0, keys.size());
                assertTrue(!noted.nothingToRemove(), "it is not known to be clean");
                assertSame(batch, cleaner.clean(batch, rules, false, new Tally()).orElseThrow());
            }
        }
    }
}
