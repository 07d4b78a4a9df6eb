package io.tributary.storage.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.AppendOutcome.Appended;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.NewRecord;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.PartitionSettings.Compaction;
import io.tributary.storage.ScrubReport;
import io.tributary.storage.StorageSettings;
import io.tributary.storage.TierSettings;
import io.tributary.storage.tiering.TieringCounts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * A node's storage whose topics keep the newest record of every key, and what was written there.
 */
final class KeyedWorld implements AutoCloseable {
    static final Duration FLUSH_AGE = Duration.ofMinutes(5);
    static final Duration TICK = Duration.ofSeconds(1);
    static final Duration TOMBSTONES_STAY = Duration.ofHours(24);
    static final Compaction EAGER =
            new Compaction(Duration.ZERO, Optional.empty(), 0, TOMBSTONES_STAY);

    private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(23);

    /** Every record by its offset. */
    private final Map<PartitionId, NavigableMap<Long, Written>> written = new HashMap<>();

    final World world;
    final FailingStore store;

    record Written(String key, Optional<String> value) {}

    /**
     * Starts it in a folder of its own.
     *
     * @param mergeObjects 0 to merge nothing
     * @param keyBytes room for keys
     */
    KeyedWorld(Path folder, int mergeObjects, long keyBytes) throws IOException {
        world = new World(folder);
        world.keyBytes = keyBytes;
        StorageSettings old = world.storage;
        world.storage =
                new StorageSettings(
                        old.owner(),
                        old.flushBytes(),
                        FLUSH_AGE,
                        old.backlogBytes(),
                        old.ledgerBytes(),
                        old.retryWindow(),
                        old.maxRetryKeysPerTenant(),
                        old.producerExpiration(),
                        old.orphanGrace(),
                        old.scrubbing(),
                        new TierSettings(3, mergeObjects, Duration.ofDays(1_000)));
        store = new FailingStore(world.objects);
        world.store = store;
        world.byHand = Optional.of(new HandScheduler(world.now::get));
        world.start();
    }

    @Override
    public void close() throws IOException {
        world.close();
    }

    static PartitionSettings compacted(Compaction compaction) {
        return with(false, Optional.empty(), Optional.of(compaction));
    }

    static PartitionSettings with(
            boolean delete, Optional<Duration> retention, Optional<Compaction> compaction) {
        PartitionSettings usual = World.settings(retention, OptionalLong.empty());
        return new PartitionSettings(
                usual.maxMessageBytes(),
                usual.compression(),
                usual.timestamps(),
                delete,
                usual.retention(),
                usual.retentionBytes(),
                usual.localRetention(),
                usual.localRetentionBytes(),
                usual.segmentBytes(),
                usual.segmentAge(),
                compaction);
    }

    PartitionId topic(int number, Compaction compaction) {
        PartitionId partition = world.topic(number);
        world.settings.put(partition.topic(), compacted(compaction));
        return partition;
    }

    /** Appends records "key=value", or "key" alone for a tombstone; returns the first's offset. */
    long append(PartitionId partition, String... records) throws Exception {
        List<NewRecord> all =
                java.util.stream.Stream.of(records)
                        .map(
                                text -> {
                                    String[] parts = text.split("=", 2);
                                    return new NewRecord(
                                            NewRecord.NO_TIMESTAMP,
                                            bytes(parts[0]),
                                            parts.length == 1 ? null : bytes(parts[1]),
                                            List.of());
                                })
                        .toList();
        Appended appended =
                assertInstanceOf(
                        Appended.class,
                        world.send(
                                new AppendRequest(
                                        World.TENANT,
                                        List.of(
                                                new AppendRequest.Part(
                                                        partition,
                                                        world.settings.get(partition.topic()),
                                                        all)),
                                        Optional.empty())));
        long base = appended.parts().getFirst().offsetOf(0);
        for (int i = 0; i < records.length; i++) {
            String[] parts = records[i].split("=", 2);
            written.computeIfAbsent(partition, p -> new TreeMap<>())
                    .put(
                            base + i,
                            new Written(
                                    parts[0],
                                    parts.length == 1 ? Optional.empty() : Optional.of(parts[1])));
        }
        return base;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }

    /**
     * Everything readable from an offset on; goes on behind the last batch as Kafka's clients do.
     */
    NavigableMap<Long, Written> read(PartitionId partition, long from) throws Exception {
        NavigableMap<Long, Written> found = new TreeMap<>();
        long next = from;
        while (next < world.shard().offsets(partition).highWatermark()) {
            long before = next;
            for (ByteBuffer bytes : world.shard().fetch(partition, next, 1_000).batches()) {
                for (RecordBatch batch : MemoryRecords.readableRecords(bytes).batches()) {
                    batch.ensureValid();
                    for (Record record : batch) {
                        if (record.offset() >= from) {
                            found.put(
                                    record.offset(),
                                    new Written(
                                            text(record.key()),
                                            Optional.ofNullable(record.value())
                                                    .map(KeyedWorld::text)));
                        }
                    }
                    assertTrue(batch.nextOffset() > next, "offsets rise");
                    next = batch.nextOffset();
                }
            }
            assertTrue(next > before, "a reader gets on from " + before);
        }
        return found;
    }

    private static Map<String, Written> newest(NavigableMap<Long, Written> records) {
        Map<String, Written> newest = new HashMap<>();
        records.values().forEach(record -> newest.put(record.key(), record));
        return newest;
    }

    /** What can be read was written there, and has the newest record of every key. */
    void newestAreReadable() throws Exception {
        for (Map.Entry<PartitionId, NavigableMap<Long, Written>> each : written.entrySet()) {
            NavigableMap<Long, Written> read = read(each.getKey(), 0);
            read.forEach((offset, record) -> assertEquals(each.getValue().get(offset), record));
            Map<String, Written> expected = newest(each.getValue());
            Map<String, Written> found = newest(read);
            expected.values().removeIf(record -> record.value().isEmpty());
            found.values().removeIf(record -> record.value().isEmpty());
            assertEquals(expected, found);
        }
    }

    void onlyNewestAreLeft(PartitionId partition) throws Exception {
        NavigableMap<Long, Written> read = read(partition, 0);
        assertEquals(newest(read).size(), read.size(), read.toString());
    }

    void nothingIsUnexplained() throws Exception {
        world.shards.scrub();
        ScrubReport report = world.shards.scrub();
        assertTrue(report.wrong().nothing(), report.toString());
        assertEquals(0, report.causes().orphansRemoved(), report.toString());
        assertEquals(0, report.causes().orphansInGrace(), report.toString());
        assertEquals(0, report.unexplained(), report.toString());
        assertEquals(world.objects.objects.size(), report.listed().objects());
    }

    void settle() {
        for (int i = 0; i < 12; i++) {
            world.tick(TICK);
        }
    }

    TieringCounts counts() {
        return world.shards.stats().getFirst().tiering();
    }

    void updates(PartitionId partition, int count, int keys) throws Exception {
        for (int i = 0; i < count; i += 10) {
            String[] some = new String[10];
            for (int n = 0; n < some.length; n++) {
                some[n] = "k" + random.nextInt(keys) + "=" + random.nextLong();
            }
            append(partition, some);
        }
    }
}
