package io.tributary.storage.shard;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.log.FileLedgerStore;
import io.tributary.storage.AppendOutcome.Appended;
import io.tributary.storage.OffsetOutOfRangeException;
import io.tributary.storage.Receipt;
import io.tributary.storage.StorageSettings;
import io.tributary.storage.object.MemoryObjectStore;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.restore.Additions;
import io.tributary.storage.restore.PartitionReport;
import io.tributary.storage.restore.PartitionReport.Range;
import io.tributary.storage.restore.ShardRestore;
import io.tributary.storage.restore.StoredShard;
import io.tributary.storage.restore.Survey;
import io.tributary.storage.restore.SurvivingLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shard whose node is gone, put together again. */
class RestoreTest {
    private static final long GAP = 1_000;
    private static final long EPOCH = 5_000;

    @TempDir Path folder;
    private World dead;
    private World restored;
    private PartitionId one;
    private PartitionId two;

    @BeforeEach
    void start() throws Exception {
        dead = new World(folder.resolve("dead"));
        dead.ledgers =
                new FileLedgerStore(folder.resolve("ledgers"), Thread.ofPlatform().factory());
        one = dead.topic(1);
        two = dead.topic(2);
        dead.start();
    }

    @AfterEach
    void stop() throws Exception {
        dead.close();
        if (restored != null) {
            restored.close();
        }
    }

    private static StoredShard survey(MemoryObjectStore objects) throws IOException {
        return new Survey(objects, Runnable::run, (what, done, total) -> {}).shard(World.SHARD);
    }

    private List<PartitionReport> restore(StoredShard stored, SurvivingLog log, long gap)
            throws IOException {
        return restore(stored, log, gap, List.of(one, two));
    }

    /** Restores these partitions and starts the shard. */
    private List<PartitionReport> restore(
            StoredShard stored, SurvivingLog log, long gap, List<PartitionId> alive)
            throws IOException {
        ShardRestore restore = new ShardRestore(stored, log);
        restored = new World(folder.resolve("restored"));
        alive.forEach(p -> restored.settings.put(p.topic(), dead.settings.get(p.topic())));
        restored.now.set(dead.now.get());
        List<PartitionReport> reports = restore.plan(alive, gap);
        restored.objects.objects.putAll(dead.objects.objects);
        assertTrue(restore.highestEpoch() < EPOCH);
        restored.manifests.create(
                World.SHARD,
                restore.complete(
                        new Additions(
                                restored.objects,
                                World.SHARD,
                                EPOCH,
                                restored.now.get().toEpochMilli(),
                                folder,
                                RandomGeneratorFactory.of("L64X128MixRandom").create(2)),
                        new ShardRestore.Terms(
                                EPOCH,
                                gap,
                                restored.now.get().toEpochMilli(),
                                "restore",
                                restored.settings::of)));
        assertTrue(restored.objects.objects.keySet().containsAll(dead.objects.objects.keySet()));
        restored.start();
        return reports;
    }

    private long objectCount() {
        return dead.objects.objects.keySet().stream()
                .filter(key -> key.startsWith(ObjectId.PREFIX))
                .count();
    }

    /** From now on records go to objects at once, and no snapshot follows. */
    private void flushAtOnce() throws Exception {
        StorageSettings s = dead.storage;
        dead.close();
        dead.storage =
                new StorageSettings(
                        s.owner(),
                        1,
                        s.flushAge(),
                        s.backlogBytes(),
                        s.ledgerBytes(),
                        s.retryWindow(),
                        s.maxRetryKeysPerTenant(),
                        s.producerExpiration(),
                        s.orphanGrace(),
                        s.scrubbing(),
                        s.tier());
        dead.start();
    }

    private void appendIntoAnObjectOfItsOwn(PartitionId partition, String... values)
            throws Exception {
        long before = objectCount();
        dead.append(partition, values);
        await().until(() -> objectCount() > before);
    }

    private long appended(PartitionId partition, String value) throws Exception {
        return assertInstanceOf(Appended.class, restored.append(partition, value))
                .parts()
                .getFirst()
                .offsetOf(0);
    }

    @Test
    void tieredRecordsComeBackAndNoOffsetIsGivenTwice() throws Exception {
        dead.append(one, "a", "b");
        dead.shards.flush();
        dead.append(one, "lost");

        List<PartitionReport> reports = restore(survey(dead.objects), SurvivingLog.none(), GAP);

        assertEquals(2, reports.getFirst().endOffset());
        assertEquals(2 + GAP, reports.getFirst().nextOffset());
        assertTrue(reports.get(1).isEmpty());
        assertEquals(2 + GAP, appended(one, "c"));
        assertEquals(List.of("a", "b", "c"), restored.read(one, 0));
        assertEquals(GAP, appended(two, "first"));
        // A reader that had read what was lost goes on behind it.
        assertEquals(List.of("c"), restored.read(one, 3));
        assertThrows(OffsetOutOfRangeException.class, () -> restored.shard().fetch(two, 0, 100));
    }

    @Test
    void objectsStoredAfterTheSnapshotContinueIt() throws Exception {
        dead.append(one, "a", "b");
        dead.shards.flush();
        flushAtOnce();
        appendIntoAnObjectOfItsOwn(one, "c");
        appendIntoAnObjectOfItsOwn(two, "d");

        StoredShard stored = survey(dead.objects);
        assertEquals(2, stored.later().size());
        List<PartitionReport> reports = restore(stored, SurvivingLog.none(), 0);

        assertEquals(List.of(3L, 1L), reports.stream().map(PartitionReport::endOffset).toList());
        assertEquals(List.of("a", "b", "c"), restored.read(one, 0));
        assertEquals(List.of("d"), restored.read(two, 0));
        assertEquals(3, appended(one, "e"));
        assertEquals(List.of(), restored.shards.scrub().wrong().missing());
    }

    @Test
    void damagedSnapshotIsMadeUpForByTheObjects() throws Exception {
        dead.append(one, "a", "b");
        dead.shards.flush();
        flushAtOnce();
        appendIntoAnObjectOfItsOwn(one, "c");
        String key =
                dead.objects.objects.keySet().stream()
                        .filter(k -> k.startsWith("snapshots/"))
                        .findFirst()
                        .orElseThrow();
        dead.objects.objects.get(key)[20] ^= 1;

        StoredShard stored = survey(dead.objects);
        assertTrue(stored.snapshot().isEmpty());
        assertTrue(stored.warnings().getFirst().contains(key), stored.warnings().toString());
        restore(stored, SurvivingLog.none(), 0);

        assertEquals(List.of("a", "b", "c"), restored.read(one, 0));
    }

    @Test
    void removedTopicStaysRemovedAlsoInsideASharedObject() throws Exception {
        dead.append(one, "stays");
        dead.append(two, "goes");
        dead.shards.flush();
        assertEquals(1, objectCount());
        String shared =
                dead.objects.objects.keySet().stream()
                        .filter(key -> key.startsWith(ObjectId.PREFIX))
                        .findFirst()
                        .orElseThrow();

        restore(survey(dead.objects), SurvivingLog.none(), 0, List.of(one));

        assertEquals(List.of("stays"), restored.read(one, 0));
        assertEquals(0, restored.shard().offsets(two).highWatermark());
        await().until(() -> !restored.objects.objects.containsKey(shared));
        assertEquals(List.of("stays"), restored.read(one, 0));
    }

    @Test
    void removalTheMetadataMissedIsKnownFromTheSnapshot() throws Exception {
        dead.append(one, "stays");
        dead.append(two, "goes");
        dead.shards.removeTopics(List.of(two.topic()), Receipt.Why.TOPIC_DELETED);
        dead.shards.flush();
        ShardRestore restore = new ShardRestore(survey(dead.objects), SurvivingLog.none());
        assertEquals(List.of(two.topic()), List.copyOf(restore.removedTopics()));
    }

    @Test
    void recordsThatExpiredMeanwhileAreNeverServed() throws Exception {
        dead.settings.put(
                one.topic(),
                World.settings(Optional.of(Duration.ofHours(1)), OptionalLong.empty()));
        dead.append(one, "old");
        dead.append(two, "other");
        dead.shards.flush();
        dead.now.set(dead.now.get().plus(Duration.ofHours(2)));

        restore(survey(dead.objects), SurvivingLog.none(), 0);

        assertEquals(1, restored.shard().offsets(one).logStart());
        assertEquals(List.of("other"), restored.read(two, 0));
    }

    @Test
    void objectOfAnEarlierOwnerThatTheSnapshotDoesNotKnowIsLeftAside() throws Exception {
        dead.append(one, "a");
        dead.shards.flush();
        ObjectId known =
                dead.objects.objects.keySet().stream()
                        .flatMap(key -> ObjectId.parse(key).stream())
                        .findFirst()
                        .orElseThrow();
        byte[] content = dead.objects.objects.get(known.key());
        String zombie = known.key().replaceFirst("/[0-9a-f]{16}-", "/0000000000000000-");
        dead.objects.objects.put(zombie, content);

        StoredShard stored = survey(dead.objects);

        assertEquals(List.of(), stored.later());
        assertTrue(stored.warnings().getFirst().contains(zombie), stored.warnings().toString());
    }

    @Test
    void missingObjectIsAGapThatReadersPass() throws Exception {
        flushAtOnce();
        for (String value : List.of("a", "b", "c")) {
            appendIntoAnObjectOfItsOwn(one, value);
        }
        dead.shards.flush();
        String middle = dead.shard().tiers(one).objectStore().get(1).where();
        dead.objects.objects.remove(middle);

        List<PartitionReport> reports = restore(survey(dead.objects), SurvivingLog.none(), 0);

        assertEquals(List.of(new Range(1, 2)), reports.getFirst().gaps());
        assertEquals(List.of("a", "c"), restored.read(one, 0));
        assertEquals(List.of(), restored.shards.scrub().wrong().missing());
    }

    private SurvivingLog ledgers() throws Exception {
        dead.close();
        Path copy = Files.createDirectories(folder.resolve("copy"));
        try (Stream<Path> files = Files.list(folder.resolve("ledgers"))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return SurvivingLog.open(copy, partition -> Optional.of(World.SHARD));
    }

    @Test
    void ledgersBringBackWhatWasNotTiered() throws Exception {
        dead.append(one, "a");
        dead.shards.flush();
        dead.append(one, "b", "c");
        dead.append(two, "d");
        dead.retry(one, 9, 0, 0, "e");

        try (SurvivingLog log = ledgers()) {
            List<PartitionReport> reports = restore(survey(dead.objects), log, 0);
            assertEquals(3, reports.getFirst().fromLedgers());
            assertEquals(List.of(), log.warnings());
        }

        assertEquals(List.of("a", "b", "c", "e"), restored.read(one, 0));
        assertEquals(List.of("d"), restored.read(two, 0));
        // The retry is known to have been appended.
        Appended again = assertInstanceOf(Appended.class, restored.retry(one, 9, 0, 0, "e"));
        assertTrue(again.replayed());
        assertEquals(4, appended(one, "f"));
        assertEquals(List.of(), restored.shards.scrub().wrong().missing());
    }

    @Test
    void ledgersAloneAreEnoughWhereNoSnapshotIs() throws Exception {
        dead.append(one, "a");
        dead.append(one, "b");
        try (SurvivingLog log = ledgers()) {
            restore(survey(dead.objects), log, 0);
        }
        assertEquals(List.of("a", "b"), restored.read(one, 0));
    }

    @Test
    void damagedLedgerEntryIsReportedAndTheRestComesBack() throws Exception {
        dead.append(one, "first");
        dead.append(one, "damaged value");
        dead.append(one, "third");
        dead.close();
        Path file;
        try (Stream<Path> files = Files.list(folder.resolve("ledgers"))) {
            file = files.filter(f -> f.toString().endsWith(".ledger")).findFirst().orElseThrow();
        }
        byte[] content = Files.readAllBytes(file);
        content[new String(content, StandardCharsets.ISO_8859_1).indexOf("damaged value")] ^= 1;
        Files.write(file, content);

        try (SurvivingLog log = ledgers()) {
            assertEquals(1, log.warnings().size(), log.warnings().toString());
            List<PartitionReport> reports = restore(survey(dead.objects), log, GAP);
            assertEquals(List.of(new Range(1, 2)), reports.getFirst().gaps());
        }
        assertEquals(3 + GAP, appended(one, "next"));
        assertEquals(List.of("first", "third", "next"), restored.read(one, 0));
    }

    @Test
    void retryOfWhatIsLostAppendsItAgain() throws Exception {
        dead.retry(one, 9, 0, 0, "kept");
        dead.shards.flush();
        dead.retry(one, 9, 0, 1, "kept", "lost");
        dead.shards.flush();
        dead.objects.objects.remove(dead.shard().tiers(one).objectStore().get(1).where());

        restore(survey(dead.objects), SurvivingLog.none(), GAP);

        Appended kept = assertInstanceOf(Appended.class, restored.retry(one, 9, 0, 0, "kept"));
        assertTrue(kept.replayed());
        assertEquals(0, kept.parts().getFirst().offsetOf(0));
        Appended lost =
                assertInstanceOf(Appended.class, restored.retry(one, 9, 0, 1, "kept", "lost"));
        assertFalse(lost.replayed());
        assertEquals(2 + GAP, lost.parts().getFirst().offsetOf(0));
        assertEquals(List.of("kept", "lost"), restored.read(one, 0));
    }
}
