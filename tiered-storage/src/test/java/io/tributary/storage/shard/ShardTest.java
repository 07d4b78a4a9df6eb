package io.tributary.storage.shard;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendOutcome.Appended;
import io.tributary.storage.AppendOutcome.PartRun;
import io.tributary.storage.AppendOutcome.Reason;
import io.tributary.storage.AppendOutcome.Refused;
import io.tributary.storage.Receipt;
import io.tributary.storage.Shard.Offsets;
import io.tributary.storage.Shard.Tiers;
import io.tributary.storage.StorageSettings;
import io.tributary.storage.object.ObjectId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardTest {
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

    private static long offset(AppendOutcome outcome) {
        return assertInstanceOf(Appended.class, outcome).parts().getFirst().offsetOf(0);
    }

    private static void refused(Reason reason, AppendOutcome outcome) {
        assertEquals(reason, assertInstanceOf(Refused.class, outcome).reason());
    }

    private void eventually(org.awaitility.core.ThrowingRunnable check) {
        await().atMost(20, TimeUnit.SECONDS).untilAsserted(check);
    }

    @Test
    void recordsGetDenseOffsetsAndAreReadBackInOrder() throws Exception {
        assertEquals(0, offset(world.append(a, "one", "two")));
        assertEquals(0, offset(world.append(b, "other")));
        assertEquals(2, offset(world.append(a, "three")));
        assertEquals(List.of("one", "two", "three"), world.read(a, 0));
        assertEquals(List.of("three"), world.read(a, 2));
        assertEquals(List.of("other"), world.read(b, 0));
        assertEquals(new Offsets(0, 3), world.shard().offsets(a));
    }

    @Test
    void concurrentAppendsLoseAndDoubleNothing() throws Exception {
        List<CompletableFuture<AppendOutcome>> outcomes = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            CompletableFuture<AppendOutcome> outcome = new CompletableFuture<>();
            outcomes.add(outcome);
            world.shard()
                    .append(
                            new io.tributary.storage.AppendRequest(
                                    World.TENANT,
                                    List.of(world.part(a, "v" + i)),
                                    Optional.empty()),
                            outcome::complete);
        }
        for (int i = 0; i < 500; i++) {
            assertEquals(i, offset(outcomes.get(i).get(10, TimeUnit.SECONDS)));
        }
        List<String> read = world.read(a, 0);
        assertEquals(500, read.size());
        assertEquals("v499", read.getLast());
    }

    @Test
    void acknowledgedRecordsSurviveACrash() throws Exception {
        world.append(a, "one", "two");
        world.restart();
        assertEquals(List.of("one", "two"), world.read(a, 0));
        assertEquals(2, offset(world.append(a, "three")));
        world.restart();
        world.restart();
        assertEquals(List.of("one", "two", "three"), world.read(a, 0));
    }

    @Test
    void flushedRecordsAreServedFromTheStoreAndTheLogIsTrimmed() throws Exception {
        world.append(a, "one", "two");
        world.append(b, "other");
        assertEquals(1, world.shards.flush().objects());
        Tiers tiers = world.shard().tiers(a);
        assertEquals(List.of(), tiers.ledgers());
        assertEquals(tiers.objectStore(), tiers.localSegments());
        assertEquals(2, tiers.objectStore().getFirst().endOffset());
        assertEquals(1, world.ledgers.list().size());
        world.shards.dropLocalCache();
        int before = world.objects.gets.get();
        assertEquals(List.of("one", "two"), world.read(a, 0));
        assertTrue(world.objects.gets.get() > before);
        assertEquals(List.of(), world.shard().tiers(a).localSegments());
    }

    @Test
    void recoveryBeginsAtTheSnapshotAndReplaysWhatFollowed() throws Exception {
        world.append(a, "tiered");
        world.shards.flush();
        world.append(a, "logged");
        world.append(b, "new");
        world.restart();
        assertEquals(List.of("tiered", "logged"), world.read(a, 0));
        assertEquals(List.of("new"), world.read(b, 0));
        assertEquals(2, offset(world.append(a, "later")));
        world.shards.flush();
        world.restart();
        world.shards.dropLocalCache();
        assertEquals(List.of("tiered", "logged", "later"), world.read(a, 0));
    }

    @Test
    void retryOfARequestReturnsTheOffsetsOfTheFirstTryAlsoAfterACrash() throws Exception {
        world.append(a, "before");
        assertEquals(1, offset(world.retry(a, 5, 77, 0, "x", "y")));
        world.append(a, "between");
        Appended again = assertInstanceOf(Appended.class, world.retry(a, 5, 77, 0, "x", "y"));
        assertTrue(again.replayed());
        assertEquals(
                List.of(new PartRun(0, 1, 2, world.now.get().toEpochMilli())),
                again.parts().getFirst().runs());
        world.restart();
        assertEquals(1, offset(world.retry(a, 5, 77, 0, "x", "y")));
        world.shards.flush();
        world.restart();
        assertEquals(1, offset(world.retry(a, 5, 77, 0, "x", "y")));
        assertEquals(List.of("before", "x", "y", "between"), world.read(a, 0));
    }

    @Test
    void brokenOffStreamGoesOnWhereItStopped() throws Exception {
        world.retry(a, 5, 0, 0, "1", "2");
        Appended rest = assertInstanceOf(Appended.class, world.retry(a, 5, 0, 0, "1", "2", "3"));
        for (int n = 0; n < 3; n++) {
            assertEquals(n, rest.parts().getFirst().offsetOf(n));
        }
        String[] ten = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"};
        refused(Reason.RETRY_OUT_OF_ORDER, world.retry(a, 5, 0, 9, ten));
        assertEquals(List.of("1", "2", "3"), world.read(a, 0));
    }

    @Test
    void keyOfAnotherRequestIsRefused() throws Exception {
        world.retry(a, 5, 77, 0, "x");
        refused(Reason.RETRY_KEY_REUSED, world.retry(a, 5, 78, 0, "y"));
        world.now.updateAndGet(now -> now.plus(Duration.ofHours(2)));
        assertEquals(1, offset(world.retry(a, 5, 78, 0, "y")));
    }

    @Test
    void tenantHasNoMoreRetryKeysThanItMay() throws Exception {
        for (int i = 0; i < world.storage.maxRetryKeysPerTenant(); i++) {
            world.retry(a, i, 1, 0, "x");
        }
        refused(Reason.TOO_MANY_RETRY_KEYS, world.retry(a, 999_999, 1, 0, "x"));
        assertEquals(0, offset(world.retry(a, 0, 1, 0, "x")));
    }

    @Test
    void removedTopicLeavesNothingBehindAndItsNeighboursStay() throws Exception {
        world.append(a, "secret of a");
        world.append(b, "stays");
        world.shards.flush();
        world.append(a, "more of a");
        String pack = world.objects.objects.firstKey();
        world.settings.remove(a.topic());
        world.shards.removeTopics(List.of(a.topic()), Receipt.Why.TOPIC_DELETED);
        assertEquals(new Offsets(0, 0), world.shard().offsets(a));
        refused(
                Reason.PARTITION_GONE,
                world.send(
                        new io.tributary.storage.AppendRequest(
                                World.TENANT,
                                List.of(
                                        new io.tributary.storage.AppendRequest.Part(
                                                a,
                                                World.settings(
                                                        Optional.empty(), OptionalLong.empty()),
                                                List.of(World.record("late")))),
                                Optional.empty())));
        eventually(() -> assertFalse(world.objects.objects.containsKey(pack)));
        eventually(() -> assertEquals(1, world.ledgers.list().size()));
        assertEquals(List.of("stays"), world.read(b, 0));
        world.restart();
        assertEquals(List.of("stays"), world.read(b, 0));
        assertEquals(new Offsets(0, 0), world.shard().offsets(a));
    }

    @Test
    void storeThatIsAwayStopsNeitherProduceNorTailReadsUntilTheBacklogIsFull() throws Exception {
        world.close();
        StorageSettings old = world.storage;
        world.storage =
                new StorageSettings(
                        old.owner(),
                        1_000,
                        old.flushAge(),
                        40_000,
                        old.ledgerBytes(),
                        old.retryWindow(),
                        old.maxRetryKeysPerTenant(),
                        old.producerExpiration(),
                        old.orphanGrace(),
                        old.scrubbing(),
                        old.tier());
        world.start();
        world.objects.away.set(true);
        List<String> kept = new ArrayList<>();
        AppendOutcome outcome = world.append(a, noise(0));
        while (outcome instanceof Appended) {
            kept.add(noise(kept.size()));
            assertTrue(kept.size() < 1_000);
            outcome = world.append(a, noise(kept.size()));
        }
        refused(Reason.BACKLOG_FULL, outcome);
        assertEquals(kept, world.read(a, 0));
        world.objects.away.set(false);
        eventually(() -> assertInstanceOf(Appended.class, world.append(b, "again")));
        eventually(() -> assertEquals(List.of(), world.shard().tiers(a).ledgers()));
        assertEquals(kept, world.read(a, 0));
    }

    private static String noise(int seed) {
        java.util.random.RandomGenerator random =
                java.util.random.RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 2_000; i++) {
            text.append((char) ('!' + random.nextInt(90)));
        }
        return text.toString();
    }

    @Test
    void offsetOfATimeIsFoundInEveryTier() throws Exception {
        long start = world.now.get().toEpochMilli();
        for (int i = 0; i < 4; i++) {
            world.append(a, "v" + i);
            world.now.updateAndGet(now -> now.plusSeconds(10));
            if (i == 1) {
                world.shards.flush();
            }
        }
        assertEquals(OptionalLong.of(0), world.shard().offsetAtTime(a, 0));
        assertEquals(OptionalLong.of(1), world.shard().offsetAtTime(a, start + 1));
        assertEquals(OptionalLong.of(1), world.shard().offsetAtTime(a, start + 10_000));
        assertEquals(OptionalLong.of(3), world.shard().offsetAtTime(a, start + 20_001));
        assertEquals(OptionalLong.empty(), world.shard().offsetAtTime(a, start + 30_001));
    }

    @Test
    void watcherIsCalledWhenThereIsMoreAndNotBefore() throws Exception {
        world.append(a, "one");
        CompletableFuture<Void> at = new CompletableFuture<>();
        CompletableFuture<Void> beyond = new CompletableFuture<>();
        world.shard().watch(a, 0, () -> at.complete(null));
        world.shard().watch(a, 1, () -> beyond.complete(null));
        at.get(5, TimeUnit.SECONDS);
        assertFalse(beyond.isDone());
        world.append(a, "two");
        beyond.get(5, TimeUnit.SECONDS);
    }

    @Test
    void damagedLocalCopyIsFetchedAgainAndADamagedObjectIsNeverServed() throws Exception {
        world.append(a, "precious");
        world.shards.flush();
        String key =
                world.objects.objects.keySet().stream()
                        .filter(k -> ObjectId.parse(k).isPresent())
                        .findFirst()
                        .orElseThrow();
        ObjectId id = ObjectId.parse(key).orElseThrow();
        Path copy = folder.resolve("objects").resolve("0").resolve(id.name());
        byte[] content = java.nio.file.Files.readAllBytes(copy);
        byte[] damaged = content.clone();
        damaged[80] ^= 1;
        java.nio.file.Files.write(copy, damaged);
        assertEquals(List.of("precious"), world.read(a, 0));
        assertFalse(world.local().contains(id));
        world.objects.objects.put(key, damaged);
        world.shards.dropLocalCache();
        CorruptDataException problem =
                assertThrows(CorruptDataException.class, () -> world.read(a, 0));
        assertTrue(problem.getMessage().contains(key));
    }

    @Test
    void fencedOwnerStopsAndTheShardOpensAgain() throws Exception {
        world.append(a, "one");
        long epoch = world.shards.stats().getFirst().epoch();
        for (long ledger : world.ledgers.list()) {
            world.ledgers.openAndFence(ledger).close();
        }
        assertFalse(world.append(a, "into the void") instanceof Appended);
        eventually(() -> assertInstanceOf(Appended.class, world.append(a, "two")));
        assertTrue(world.shards.stats().getFirst().epoch() > epoch);
        List<String> read = world.read(a, 0);
        assertEquals("one", read.getFirst());
        assertEquals("two", read.getLast());
    }
}
