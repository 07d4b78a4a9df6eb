package io.tributary.storage.shard;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.NewRecord;
import io.tributary.storage.OffsetOutOfRangeException;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.Receipt.Why;
import io.tributary.storage.Shard.Offsets;
import io.tributary.storage.StorageSettings;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.ObjectFooter;
import io.tributary.storage.segment.SegmentInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
    @TempDir Path folder;
    private World world;
    private PartitionId a;
    private PartitionId b;

    @BeforeEach
    void start() throws Exception {
        world = new World(folder);
        a = world.topic(1);
        b = world.topic(2);
        world.start();
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    private static void eventually(ThrowingRunnable check) {
        await().atMost(20, TimeUnit.SECONDS).untilAsserted(check);
    }

    private void startWithFlushAge(Duration flushAge) throws Exception {
        world.close();
        StorageSettings old = world.storage;
        world.storage =
                new StorageSettings(
                        old.owner(),
                        old.flushBytes(),
                        flushAge,
                        old.backlogBytes(),
                        old.ledgerBytes(),
                        old.retryWindow(),
                        old.maxRetryKeysPerTenant(),
                        old.producerExpiration(),
                        old.orphanGrace(),
                        old.scrubbing(),
                        old.tier());
        world.start();
    }

    @Test
    void expiredRecordsLeaveLogAndStore() throws Exception {
        world.settings.put(
                a.topic(),
                World.settings(Optional.of(Duration.ofMinutes(1)), OptionalLong.empty()));
        world.append(a, "tiered");
        world.shards.flush();
        world.append(a, "logged");
        world.append(b, "stays");
        world.now.updateAndGet(now -> now.plus(Duration.ofMinutes(2)));
        eventually(() -> assertEquals(new Offsets(2, 2), world.shard().offsets(a)));
        assertThrows(OffsetOutOfRangeException.class, () -> world.shard().fetch(a, 0, 100));
        world.shards.flush();
        eventually(
                () ->
                        assertEquals(
                                1,
                                world.objects.objects.keySet().stream()
                                        .filter(key -> ObjectId.parse(key).isPresent())
                                        .count()));
        assertEquals(List.of("stays"), world.read(b, 0));
        world.restart();
        assertEquals(new Offsets(2, 2), world.shard().offsets(a));
        world.append(a, "after");
        assertEquals(List.of("after"), world.read(a, 2));
    }

    @Test
    void recordsThatComeTooOldCanStillBeRead() throws Exception {
        world.retain(a, Duration.ofHours(1));
        world.retain(b, Duration.ofMinutes(1));
        appendLate(Duration.ofHours(2));
        world.append(b, "expires at its time");
        world.pass(Duration.ofMinutes(4));
        eventually(() -> assertEquals(new Offsets(1, 1), world.shard().offsets(b)));
        assertEquals(List.of("x"), world.read(a, 0));
        world.pass(Duration.ofMinutes(2));
        eventually(() -> assertEquals(new Offsets(1, 1), world.shard().offsets(a)));
    }

    /** One to the first partition. */
    private void appendLate(Duration age) throws Exception {
        long old = world.now.get().minus(age).toEpochMilli();
        NewRecord late = new NewRecord(old, null, new byte[] {'x'}, List.of());
        world.send(
                new AppendRequest(
                        World.TENANT,
                        List.of(
                                new AppendRequest.Part(
                                        a, world.settings.get(a.topic()), List.of(late))),
                        Optional.empty()));
    }

    @Test
    void recordsThatComeTooOldCanStillBeReadWhereOtherTopicsAreRemoved() throws Exception {
        PartitionId gone = world.topic(3);
        world.retain(a, Duration.ofHours(1));
        world.retain(b, Duration.ofMinutes(1));
        appendLate(Duration.ofHours(2));
        world.append(b, "expires at its time");
        world.append(gone, "leaves at once");
        world.shards.removeTopics(List.of(gone.topic()), Why.TOPIC_DELETED);
        // The removal has all that is in the log moved.
        eventually(() -> assertEquals(1, world.objectKeys().size()));
        world.pass(Duration.ofMinutes(4));
        eventually(() -> assertEquals(new Offsets(1, 1), world.shard().offsets(b)));
        assertEquals(List.of("x"), world.read(a, 0));
        world.pass(Duration.ofMinutes(2));
        eventually(() -> assertEquals(new Offsets(1, 1), world.shard().offsets(a)));
    }

    @Test
    void expiredRecordsBesideLastingOnesLeaveTheStoreWithinAWeek() throws Exception {
        world.retain(a, Duration.ofMinutes(1));
        world.append(a, "secret");
        StringBuilder large = new StringBuilder();
        new SplittableRandom(1).longs(500).forEach(large::append);
        world.append(b, large + "stays");
        world.shards.flush();
        String object = world.objectKeys().getFirst();
        world.pass(Duration.ofMinutes(2));
        eventually(() -> assertEquals(new Offsets(1, 1), world.shard().offsets(a)));
        assertEquals(List.of(object), world.objectKeys());
        world.pass(Duration.ofDays(7));
        eventually(
                () -> {
                    assertEquals(1, world.objectKeys().size());
                    assertFalse(world.objectKeys().contains(object));
                });
        assertTrue(world.read(b, 0).getFirst().endsWith("stays"));
    }

    @Test
    void retentionByBytesDropsTheOldestSegments() throws Exception {
        String large = "x".repeat(50_000);
        for (int i = 0; i < 4; i++) {
            world.append(a, i + large);
            world.shards.flush();
        }
        long segment = world.shard().tiers(a).objectStore().getFirst().bytes();
        world.settings.put(
                a.topic(), World.settings(Optional.empty(), OptionalLong.of(2 * segment)));
        world.now.updateAndGet(now -> now.plus(Duration.ofMinutes(1)));
        eventually(() -> assertEquals(2, world.shard().offsets(a).logStart()));
        assertEquals(2, world.read(a, 2).size());
    }

    @Test
    void recordsThatExpireInSecondsAreNeverUploaded() throws Exception {
        startWithFlushAge(Duration.ofSeconds(5));
        world.retain(a, Duration.ofSeconds(2));
        world.append(b, "lasting");
        for (int i = 0; i < 14; i++) {
            world.append(a, "short " + i);
            world.pass(Duration.ofMillis(500));
            int kept = i;
            eventually(
                    () ->
                            assertTrue(
                                    world.shard().offsets(a).logStart() >= kept - 4,
                                    () -> "record " + kept));
        }
        eventually(() -> assertEquals(List.of(), world.shard().tiers(b).ledgers()));
        world.append(b, "more that lasts");
        world.append(a, "short");
        world.pass(Duration.ofSeconds(1));
        world.append(a, "short");
        world.pass(Duration.ofSeconds(5));
        eventually(() -> assertEquals(List.of(), world.shard().tiers(b).ledgers()));
        List<String> stored =
                world.objects.puts.stream().filter(key -> ObjectId.parse(key).isPresent()).toList();
        assertEquals(2, stored.size());
        for (String key : stored) {
            for (SegmentInfo segment : segments(key)) {
                assertEquals(b, segment.partition());
            }
        }
    }

    private List<SegmentInfo> segments(String key) {
        ByteBuffer object = ByteBuffer.wrap(world.objects.objects.get(key));
        int tail = object.limit() - ObjectFooter.TAIL_BYTES;
        int table = (int) ObjectFooter.tablePosition(object.slice(tail, ObjectFooter.TAIL_BYTES));
        return ObjectFooter.read(object.slice(table, object.limit() - table));
    }

    @Test
    void whatHasExpiredIsNotMovedByAFlush() throws Exception {
        world.retain(a, Duration.ofMinutes(1));
        world.append(a, "expired");
        world.pass(Duration.ofMinutes(2));
        world.append(a, "fresh");
        world.shards.flush();
        assertEquals(new Offsets(1, 2), world.shard().offsets(a));
        assertEquals(1, world.shard().tiers(a).objectStore().getFirst().startOffset());
        assertEquals(List.of("fresh"), world.read(a, 1));
    }

    @Test
    void expiredRecordsLeaveTheLogOfAnIdleShardThatNeverFlushes() throws Exception {
        world.retain(a, Duration.ofSeconds(2));
        world.append(a, "short");
        long ledger = world.ledgers.list().getFirst();
        world.pass(Duration.ofSeconds(3));
        eventually(() -> assertEquals(new Offsets(1, 1), world.shard().offsets(a)));
        assertTrue(world.ledgers.list().contains(ledger));
        world.pass(Duration.ofMinutes(1));
        eventually(() -> assertFalse(world.ledgers.list().contains(ledger)));
        assertEquals(List.of(), world.objectKeys());
        world.restart();
        assertEquals(new Offsets(1, 1), world.shard().offsets(a));
    }

    @Test
    void expiredRecordsLeaveTheLogUnderSteadyProduce() throws Exception {
        world.retain(a, Duration.ofSeconds(2));
        world.append(a, "first");
        long ledger = world.ledgers.list().getFirst();
        for (int i = 0; i < 60 && world.ledgers.list().contains(ledger); i++) {
            world.pass(Duration.ofSeconds(3));
            world.append(a, "next");
            long end = i + 2L;
            eventually(() -> assertEquals(end - 1, world.shard().offsets(a).logStart()));
        }
        eventually(() -> assertFalse(world.ledgers.list().contains(ledger)));
        assertEquals(List.of(), world.objectKeys());
    }

    @Test
    void changedRetentionTakesEffectAtOnce() throws Exception {
        world.append(a, "tiered");
        world.shards.flush();
        world.append(a, "logged");
        world.append(b, "stays");
        world.pass(Duration.ofMinutes(30));
        world.shards.flush();
        eventually(() -> assertEquals(new Offsets(0, 2), world.shard().offsets(a)));
        world.retain(a, Duration.ofMinutes(1));
        eventually(() -> assertEquals(new Offsets(2, 2), world.shard().offsets(a)));
        assertEquals(new Offsets(0, 1), world.shard().offsets(b));
    }

    @Test
    void retentionByBytesFollowsWhatIsAppended() throws Exception {
        world.settings.put(a.topic(), World.settings(Optional.empty(), OptionalLong.of(10_000)));
        world.append(a, "small");
        world.pass(Duration.ofMinutes(1));
        eventually(() -> assertEquals(0, world.shard().offsets(a).logStart()));
        String large = "x".repeat(9_000);
        for (int i = 0; i < 200; i++) {
            world.append(a, i + large);
        }
        long bytes = world.shard().tiers(a).ledgers().stream().mapToLong(r -> r.bytes()).sum();
        assertTrue(bytes > 12_000, () -> "only " + bytes);
        world.pass(Duration.ofSeconds(6));
        eventually(
                () -> {
                    long left =
                            world.shard().tiers(a).ledgers().stream()
                                    .mapToLong(r -> r.bytes())
                                    .sum();
                    assertTrue(left >= 10_000 && left < 10_500, () -> "left " + left);
                });
    }

    @Test
    void aDateInTheFarFutureNeitherOverflowsNorKeepsWhatCameBefore() throws Exception {
        world.retain(a, Duration.ofMinutes(1));
        world.append(a, "ordinary");
        NewRecord future =
                new NewRecord(
                        Long.MAX_VALUE - 1,
                        null,
                        "future".getBytes(StandardCharsets.UTF_8),
                        List.of());
        world.send(
                new AppendRequest(
                        World.TENANT,
                        List.of(
                                new AppendRequest.Part(
                                        a, world.settings.get(a.topic()), List.of(future))),
                        Optional.empty()));
        world.pass(Duration.ofDays(400));
        eventually(() -> assertEquals(new Offsets(1, 2), world.shard().offsets(a)));
        world.settings.put(
                a.topic(), World.settings(Optional.of(Duration.ofMinutes(1)), OptionalLong.of(0)));
        eventually(() -> assertEquals(new Offsets(2, 2), world.shard().offsets(a)));
    }

    private static PartitionSettings keptLocally(Duration localRetention) {
        PartitionSettings all = World.settings(Optional.empty(), OptionalLong.empty());
        return new PartitionSettings(
                all.maxMessageBytes(),
                all.compression(),
                all.timestamps(),
                true,
                Optional.empty(),
                OptionalLong.empty(),
                Optional.of(localRetention),
                OptionalLong.empty(),
                all.segmentBytes(),
                all.segmentAge());
    }

    @Test
    void localCopyGoesWhenNobodyInItWantsItLocallyAnyMore() throws Exception {
        world.settings.put(a.topic(), keptLocally(Duration.ofMinutes(1)));
        world.append(a, "alone");
        world.shards.flush();
        ObjectId alone = ObjectId.parse(world.objectKeys().getFirst()).orElseThrow();
        world.append(a, "together");
        world.append(b, "with b");
        world.shards.flush();
        ObjectId shared =
                ObjectId.parse(world.shard().tiers(b).objectStore().getFirst().where())
                        .orElseThrow();
        world.pass(Duration.ofMinutes(2));
        eventually(() -> assertFalse(world.local().contains(alone)));
        assertTrue(world.local().contains(shared));
        assertEquals(2, world.objectKeys().size());
        assertEquals(List.of("alone", "together"), world.read(a, 0));
        world.settings.put(b.topic(), keptLocally(Duration.ofMinutes(1)));
        eventually(() -> assertFalse(world.local().contains(shared)));
        assertEquals(2, world.objectKeys().size());
        assertEquals(List.of("with b"), world.read(b, 0));
    }

    @Test
    void localCopyGoesWhenTheLastWhoWantedItIsRemoved() throws Exception {
        world.settings.put(a.topic(), keptLocally(Duration.ofMinutes(1)));
        world.append(a, "a");
        world.append(b, "b");
        world.shards.flush();
        ObjectId shared = ObjectId.parse(world.objectKeys().getFirst()).orElseThrow();
        world.pass(Duration.ofMinutes(2));
        world.retain(b, Duration.ofMinutes(1));
        eventually(() -> assertEquals(new Offsets(1, 1), world.shard().offsets(b)));
        eventually(() -> assertFalse(world.local().contains(shared)));
        assertEquals(List.of("a"), world.read(a, 0));
    }
}
