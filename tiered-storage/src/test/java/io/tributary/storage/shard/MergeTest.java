package io.tributary.storage.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.AppendOutcome.Appended;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.PartitionSettings.Codec;
import io.tributary.storage.Receipt;
import io.tributary.storage.ScrubReport;
import io.tributary.storage.StorageSettings;
import io.tributary.storage.TierSettings;
import io.tributary.storage.object.ObjectId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergeTest {
    private static final Duration FLUSH_AGE = Duration.ofMinutes(5);
    private static final Duration TICK = Duration.ofSeconds(6);

    @TempDir Path folder;
    private final Map<PartitionId, List<String>> written = new HashMap<>();
    private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(17);
    private World world;
    private FailingStore store;

    private void start(TierSettings tier) throws Exception {
        start(tier, "world");
    }

    private void start(TierSettings tier, String name) throws Exception {
        world = new World(folder.resolve(name));
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
                        tier);
        store = new FailingStore(world.objects);
        world.store = store;
        world.byHand = Optional.of(new HandScheduler(world.now::get));
        world.start();
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    private static TierSettings merging(int objects) {
        return new TierSettings(0, objects, Duration.ofDays(1_000));
    }

    private void append(PartitionId partition, String... values) throws Exception {
        assertInstanceOf(Appended.class, world.append(partition, values));
        written.computeIfAbsent(partition, p -> new ArrayList<>()).addAll(List.of(values));
    }

    private void append(List<PartitionId> partitions, String value) throws Exception {
        List<AppendRequest.Part> parts = new ArrayList<>();
        for (PartitionId partition : partitions) {
            parts.add(world.part(partition, value));
            written.computeIfAbsent(partition, p -> new ArrayList<>()).add(value);
        }
        assertInstanceOf(
                Appended.class,
                world.send(new AppendRequest(World.TENANT, parts, Optional.empty())));
    }

    private List<PartitionId> topics(int count) {
        List<PartitionId> topics = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            topics.add(world.topic(i));
        }
        return topics;
    }

    private List<ObjectId> objects() {
        return world.objects.objects.keySet().stream()
                .flatMap(key -> ObjectId.parse(key).stream())
                .toList();
    }

    private void everythingIsReadable() throws Exception {
        for (Map.Entry<PartitionId, List<String>> each : written.entrySet()) {
            assertEquals(each.getValue(), world.read(each.getKey(), 0));
        }
    }

    private void nothingIsUnexplained() throws Exception {
        world.shards.scrub();
        ScrubReport report = world.shards.scrub();
        assertTrue(report.wrong().nothing(), report.toString());
        assertEquals(0, report.causes().orphansRemoved(), report.toString());
        assertEquals(0, report.causes().orphansInGrace(), report.toString());
        assertEquals(0, report.unexplained(), report.toString());
        assertEquals(world.objects.objects.size(), report.listed().objects());
    }

    /** Random letters, which do not compress. */
    private String noise(int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append((char) ('!' + random.nextInt(90)));
        }
        return text.toString();
    }

    @Test
    void monthOfThinPartitionsEndsInFewObjectsAndFewReads() throws Exception {
        start(new TierSettings(3, 8, Duration.ofHours(6)));
        List<PartitionId> topics = topics(12);
        int flushes = (int) (Duration.ofDays(30).toMinutes() / FLUSH_AGE.toMinutes());
        for (int i = 0; i < flushes; i++) {
            append(topics, "reading " + i + " " + noise(20));
            world.tick(FLUSH_AGE);
        }
        assertTrue(objects().size() <= 5 * 7 + 2, "objects: " + objects().size());
        double amplification = world.shards.stats().getFirst().tiering().writeAmplification();
        assertTrue(amplification <= 4, "write amplification: " + amplification);
        world.shards.dropLocalCache();
        int before = world.objects.gets.get();
        assertEquals(flushes, world.read(topics.getFirst(), 0).size());
        int gets = world.objects.gets.get() - before;
        assertTrue(gets <= 60, "GETs for a month of one partition: " + gets);
        everythingIsReadable();
        nothingIsUnexplained();
    }

    @Test
    void recordIsWrittenNoOftenerThanThereAreLevels() throws Exception {
        start(merging(2));
        List<PartitionId> topics = topics(3);
        for (int i = 0; i < 300; i++) {
            append(topics, noise(1_000));
            world.tick(FLUSH_AGE);
            world.tick(TICK);
            world.tick(TICK);
        }
        double amplification = world.shards.stats().getFirst().tiering().writeAmplification();
        assertTrue(amplification > 4, "merging went up the levels: " + amplification);
        assertTrue(amplification <= 1 + 5, "write amplification: " + amplification);
        everythingIsReadable();
    }

    @Test
    void whatComesWhileAnObjectIsUploadedWaitsForAFlushOfItsOwn() throws Exception {
        start(new TierSettings(0, 0, Duration.ofHours(6)));
        PartitionId topic = world.topic(1);
        append(List.of(topic), "first");
        store.duringNextPut(
                () -> {
                    append(List.of(topic), "meanwhile");
                    return true;
                });
        world.tick(FLUSH_AGE);
        assertEquals(1, objects().size());
        assertEquals(1, world.shard().tiers(topic).ledgers().size());
        for (int i = 0; i < 10; i++) {
            world.tick(TICK);
        }
        assertEquals(1, objects().size());
        world.tick(FLUSH_AGE);
        assertEquals(2, objects().size());
        everythingIsReadable();
    }

    @Test
    void fewObjectsAreMergedWhenTheyAreOld() throws Exception {
        start(new TierSettings(0, 8, Duration.ofHours(6)));
        List<PartitionId> topics = topics(2);
        for (int i = 0; i < 3; i++) {
            append(topics, "v" + i);
            world.tick(FLUSH_AGE);
        }
        world.tick(Duration.ofHours(5));
        assertEquals(3, objects().size());
        world.tick(Duration.ofHours(2));
        world.tick(TICK);
        assertEquals(List.of(1), objects().stream().map(ObjectId::level).toList());
        assertEquals(1, world.shard().tiers(topics.getFirst()).objectStore().size());
        world.restart();
        assertEquals(1, objects().getFirst().level());
        everythingIsReadable();
    }

    @Test
    void partitionThatGrewLargeMovesIntoObjectsOfItsOwn() throws Exception {
        start(merging(4));
        thinAndLarge();
        settle();
        assertEquals(List.of(1, 1), objects().stream().map(ObjectId::level).toList());
        for (int topic = 1; topic <= 3; topic++) {
            assertEquals(1, world.shard().tiers(world.topic(topic)).objectStore().size());
        }
        everythingIsReadable();
    }

    /** Four packs: two thin partitions, and between them one with enough for its own object. */
    private void thinAndLarge() throws Exception {
        String large = noise(900_000);
        for (int flush = 0; flush < 4; flush++) {
            append(world.topic(1), "thin " + flush);
            for (int i = 0; i < 3; i++) {
                append(world.topic(2), large);
            }
            append(world.topic(3), "thin too " + flush);
            world.shards.flush();
        }
    }

    private void settle() {
        for (int i = 0; i < 6; i++) {
            world.tick(TICK);
        }
    }

    @Test
    void crashAtAnyStepOfAMergeLosesAndLeavesNothing() throws Exception {
        int crashes = 0;
        for (boolean done : List.of(false, true)) {
            boolean reached = true;
            for (int step = 0; reached; step++) {
                written.clear();
                start(merging(4), "crash-" + done + "-" + step);
                thinAndLarge();
                store.failAfter(step, done);
                settle();
                reached = store.failed();
                crashes += reached ? 1 : 0;
                world.crash();
                store.work();
                world.start();
                everythingIsReadable();
                nothingIsUnexplained();
                world.tick(Duration.ofHours(1));
                settle();
                world.shards.dropLocalCache();
                everythingIsReadable();
                nothingIsUnexplained();
                assertTrue(objects().size() <= 4, "step " + step + ": " + objects());
                world.close();
            }
        }
        // Two objects are put and the four old ones deleted, each not done and done.
        assertTrue(crashes >= 6, "crashes: " + crashes);
    }

    @Test
    void whatExpiredOrWasRemovedIsNotCopied() throws Exception {
        start(merging(3));
        PartitionId expiring = world.topic(1);
        PartitionId removed = world.topic(2);
        PartitionId kept = world.topic(3);
        for (PartitionId each : List.of(expiring, removed, kept)) {
            world.settings.put(each.topic(), plain());
        }
        for (int i = 0; i < 2; i++) {
            append(kept, "kept " + i);
            world.append(expiring, "expired " + i);
            world.append(expiring, "stays " + i);
            world.append(removed, "removed " + i);
            world.tick(FLUSH_AGE);
        }
        append(kept, "kept 2");
        world.tick(FLUSH_AGE.minusSeconds(1));
        world.shard().deleteRecords(expiring, OptionalLong.of(3));
        world.settings.remove(removed.topic());
        world.shards.removeTopics(List.of(removed.topic()), Receipt.Why.TOPIC_DELETED);
        world.tick(Duration.ofSeconds(1));
        settle();
        assertEquals(List.of(1), objects().stream().map(ObjectId::level).toList());
        String bytes = content();
        assertFalse(bytes.contains("expired"));
        assertFalse(bytes.contains("removed"));
        assertFalse(bytes.contains("stays 0"));
        assertEquals(List.of("stays 1"), world.read(expiring, 3));
        world.restart();
        assertEquals(List.of("stays 1"), world.read(expiring, 3));
        everythingIsReadable();
    }

    private static PartitionSettings plain() {
        return with(Codec.NONE, Optional.empty());
    }

    private static PartitionSettings with(Codec codec, Optional<Duration> retention) {
        PartitionSettings usual = World.settings(retention, OptionalLong.empty());
        return new PartitionSettings(
                usual.maxMessageBytes(),
                codec,
                usual.timestamps(),
                usual.deleteExpired(),
                usual.retention(),
                usual.retentionBytes(),
                usual.localRetention(),
                usual.localRetentionBytes(),
                usual.segmentBytes(),
                usual.segmentAge());
    }

    private String content() {
        StringBuilder all = new StringBuilder();
        for (ObjectId object : objects()) {
            byte[] bytes = world.objects.objects.get(object.key());
            all.append(new String(bytes, StandardCharsets.ISO_8859_1));
        }
        return all.toString();
    }

    @Test
    void mergedSegmentsStayShortEnoughForRetention() throws Exception {
        start(merging(4));
        PartitionId partition = world.topic(1);
        world.settings.put(
                partition.topic(), with(Codec.NONE, Optional.of(Duration.ofMinutes(80))));
        for (int i = 0; i < 4; i++) {
            append(partition, "v" + i);
            world.tick(FLUSH_AGE);
        }
        settle();
        assertEquals(List.of(1), objects().stream().map(ObjectId::level).toList());
        assertEquals(2, world.shard().tiers(partition).objectStore().size());
        everythingIsReadable();
    }

    @Test
    void storeThatCannotBeReadStopsMergingButNotFlushing() throws Exception {
        start(merging(4));
        PartitionId partition = world.topic(1);
        for (int i = 0; i < 3; i++) {
            append(partition, "v" + i);
            world.tick(FLUSH_AGE);
        }
        world.shards.dropLocalCache();
        append(partition, "v3");
        // The flush puts its object, the snapshot may follow; the merge's first get fails.
        store.failAfter(2, false);
        world.tick(FLUSH_AGE);
        assertTrue(store.failed());
        assertTrue(objects().stream().allMatch(object -> object.level() == 0));
        store.work();
        world.tick(TICK);
        assertTrue(objects().stream().allMatch(object -> object.level() == 0));
        world.tick(Duration.ofMinutes(2));
        world.tick(TICK);
        assertEquals(List.of(1), objects().stream().map(ObjectId::level).toList());
        everythingIsReadable();
    }

    @Test
    void damagedObjectIsLeftOutAndTheOthersAreMerged() throws Exception {
        start(merging(4));
        PartitionId partition = world.topic(1);
        for (int i = 0; i < 3; i++) {
            append(partition, "v" + i);
            world.tick(FLUSH_AGE);
        }
        ObjectId damaged = objects().get(1);
        world.objects.objects.get(damaged.key())[80] ^= 1;
        world.shards.dropLocalCache();
        for (int i = 3; i < 6; i++) {
            append(partition, "v" + i);
            world.tick(FLUSH_AGE);
        }
        world.tick(Duration.ofMinutes(2));
        settle();
        assertTrue(objects().contains(damaged));
        assertEquals(1, objects().stream().filter(object -> object.level() == 1).count());
        assertEquals(List.of("v2", "v3", "v4", "v5"), world.read(partition, 2));
    }
}
