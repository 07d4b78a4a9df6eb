package io.tributary.storage.shard;

import static io.tributary.storage.shard.KeyedWorld.EAGER;
import static io.tributary.storage.shard.KeyedWorld.FLUSH_AGE;
import static io.tributary.storage.shard.KeyedWorld.TICK;
import static io.tributary.storage.shard.KeyedWorld.TOMBSTONES_STAY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.PartitionSettings.Compaction;
import io.tributary.storage.Receipt;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shard whose topics keep the newest record of every key. */
class CompactionTest {
    @TempDir Path folder;
    private KeyedWorld keyed;

    private void start(int mergeObjects, long keyBytes) throws Exception {
        keyed = new KeyedWorld(folder, mergeObjects, keyBytes);
    }

    @AfterEach
    void stop() throws Exception {
        keyed.close();
    }

    @Test
    void newestRecordOfEveryKeyStaysWhereItWas() throws Exception {
        start(0, 32 << 20);
        PartitionId partition = keyed.topic(1, EAGER);
        for (int flush = 0; flush < 5; flush++) {
            keyed.updates(partition, 200, 10);
            keyed.world.shards.flush();
            keyed.newestAreReadable();
        }
        keyed.settle();
        keyed.newestAreReadable();
        keyed.onlyNewestAreLeft(partition);
        assertEquals(1_000, keyed.world.shard().offsets(partition).highWatermark());
        assertEquals(1, keyed.world.objectKeys().size());
        long start = keyed.read(partition, 0).firstKey();
        assertEquals(start, keyed.read(partition, 3).firstKey(), "the next record, from a gap");
        keyed.world.restart();
        keyed.newestAreReadable();
        keyed.onlyNewestAreLeft(partition);
        keyed.nothingIsUnexplained();
        assertEquals(1_000, keyed.append(partition, "k0=again"));
    }

    @Test
    void flushLeavesOutWhatItHasNewerRecordsOf() throws Exception {
        start(0, 32 << 20);
        PartitionId partition = keyed.topic(1, EAGER);
        keyed.updates(partition, 300, 5);
        assertEquals(300, keyed.read(partition, 0).size(), "in the log every record is read");
        keyed.world.shards.flush();
        keyed.onlyNewestAreLeft(partition);
        keyed.newestAreReadable();
        assertEquals(0, keyed.counts().compactionReadBytes());
        Receipt receipt = keyed.world.receipts().getFirst();
        assertEquals(Receipt.Why.COMPACTED, receipt.why());
        assertEquals(300, receipt.records().orElseThrow().endOffset());
        assertTrue(receipt.confirmedAtMillis().isPresent(), receipt.toString());
    }

    @Test
    void tombstoneStaysForItsRetentionAndThenGoes() throws Exception {
        start(0, 32 << 20);
        PartitionId partition = keyed.topic(1, EAGER);
        keyed.append(partition, "a=1", "b=1");
        keyed.world.shards.flush();
        keyed.append(partition, "a");
        keyed.world.shards.flush();
        keyed.settle();
        assertEquals(List.of(1L, 2L), List.copyOf(keyed.read(partition, 0).keySet()));
        keyed.world.tick(TOMBSTONES_STAY.minusMinutes(5));
        keyed.settle();
        assertEquals(List.of(1L, 2L), List.copyOf(keyed.read(partition, 0).keySet()));
        keyed.world.restart();
        keyed.world.tick(Duration.ofMinutes(6));
        keyed.settle();
        assertEquals(List.of(1L), List.copyOf(keyed.read(partition, 0).keySet()));
        assertEquals(3, keyed.world.shard().offsets(partition).highWatermark());
        assertEquals(
                Map.of(), keyed.read(partition, 2), "the end is reached though its record is gone");
        keyed.newestAreReadable();
    }

    @Test
    void receiptSaysWhatLeftAndIsConfirmedWithTheOldObjects() throws Exception {
        start(0, 32 << 20);
        PartitionId partition = keyed.topic(1, EAGER);
        keyed.append(partition, "a=1", "b=1");
        keyed.world.shards.flush();
        keyed.append(partition, "a=2");
        keyed.world.shards.flush();
        List<String> before = keyed.world.objectKeys();
        keyed.settle();
        Receipt receipt =
                keyed.world.receipts().stream()
                        .filter(r -> r.why() == Receipt.Why.COMPACTED)
                        .findFirst()
                        .orElseThrow();
        assertEquals(new Receipt.Records(partition, 0, 3), receipt.records().orElseThrow());
        assertTrue(receipt.objects().containsAll(before), receipt.toString());
        assertTrue(receipt.confirmedAtMillis().isPresent());
        assertTrue(before.stream().noneMatch(keyed.world.objects.objects::containsKey));
        keyed.world.restart();
        assertTrue(keyed.world.receipts().contains(receipt));
    }

    @Test
    void moreKeysThanThereIsRoomForTakeSeveralPasses() throws Exception {
        // Room for 32 keys at once.
        start(0, 1 << 10);
        PartitionId partition = keyed.topic(1, EAGER);
        for (int flush = 0; flush < 4; flush++) {
            keyed.updates(partition, 200, 150);
            keyed.world.shards.flush();
        }
        for (int i = 0; i < 20; i++) {
            keyed.settle();
        }
        keyed.newestAreReadable();
        keyed.onlyNewestAreLeft(partition);
        assertTrue(
                keyed.counts().compactedPartitions() > 4,
                "passes: " + keyed.counts().compactedPartitions());
        keyed.nothingIsUnexplained();
    }

    @Test
    void manySmallPartitionsShareObjects() throws Exception {
        start(0, 32 << 20);
        for (int round = 0; round < 2; round++) {
            for (int number = 1; number <= 50; number++) {
                keyed.append(keyed.topic(number, EAGER), "a=" + round, "b" + round + "=1");
            }
            keyed.world.shards.flush();
        }
        keyed.settle();
        assertEquals(1, keyed.world.objectKeys().size(), keyed.world.objectKeys().toString());
        keyed.newestAreReadable();
        for (int number = 1; number <= 50; number++) {
            keyed.onlyNewestAreLeft(keyed.world.topic(number));
        }
    }

    @Test
    void dirtyRatioAndLagsSayWhenAndHowFar() throws Exception {
        start(0, 32 << 20);
        PartitionId lazy =
                keyed.topic(
                        1, new Compaction(Duration.ZERO, Optional.empty(), 0.5, TOMBSTONES_STAY));
        PartitionId lagging =
                keyed.topic(
                        2,
                        new Compaction(Duration.ofHours(2), Optional.empty(), 0, TOMBSTONES_STAY));
        PartitionId atLast =
                keyed.topic(
                        3,
                        new Compaction(
                                Duration.ZERO,
                                Optional.of(Duration.ofHours(3)),
                                1,
                                TOMBSTONES_STAY));
        for (PartitionId each : List.of(lazy, lagging, atLast)) {
            keyed.append(each, "a=1", "b=1", "c=1", "d=1", "e=1");
        }
        keyed.world.shards.flush();
        keyed.settle();
        keyed.append(lazy, "a=2");
        keyed.append(lagging, "a=2", "a=3");
        keyed.append(atLast, "a=2");
        keyed.world.shards.flush();
        keyed.settle();
        assertEquals(6, keyed.read(lazy, 0).size(), "less than half is new");
        assertEquals(7, keyed.read(lagging, 0).size(), "too young, in either tier");
        assertEquals(6, keyed.read(atLast, 0).size(), "never for the ratio");
        keyed.append(lazy, "a=3", "b=3", "c=3", "d=3", "e=3");
        keyed.world.shards.flush();
        keyed.settle();
        keyed.onlyNewestAreLeft(lazy);
        keyed.world.tick(Duration.ofHours(2));
        keyed.settle();
        keyed.onlyNewestAreLeft(lagging);
        assertEquals(6, keyed.read(atLast, 0).size());
        keyed.world.tick(Duration.ofHours(1));
        keyed.settle();
        keyed.onlyNewestAreLeft(atLast);
        keyed.newestAreReadable();
    }

    @Test
    void policyThatChangesTakesEffectBothWays() throws Exception {
        start(0, 32 << 20);
        PartitionId partition = keyed.world.topic(1);
        keyed.append(partition, "a=1", "b=1", "a=2");
        keyed.world.shards.flush();
        keyed.settle();
        assertEquals(3, keyed.read(partition, 0).size());
        keyed.world.settings.put(partition.topic(), KeyedWorld.compacted(EAGER));
        keyed.settle();
        keyed.onlyNewestAreLeft(partition);
        keyed.world.settings.put(
                partition.topic(), World.settings(Optional.empty(), OptionalLong.empty()));
        keyed.append(partition, "a=3", "a=4");
        keyed.world.shards.flush();
        keyed.settle();
        assertEquals(4, keyed.read(partition, 0).size());
        keyed.newestAreReadable();
    }

    @Test
    void retentionGoesOnBesideCompaction() throws Exception {
        start(0, 32 << 20);
        PartitionId partition = keyed.world.topic(1);
        keyed.world.settings.put(
                partition.topic(),
                KeyedWorld.with(true, Optional.of(Duration.ofHours(4)), Optional.of(EAGER)));
        keyed.append(partition, "old=1", "a=1");
        keyed.world.shards.flush();
        keyed.world.tick(Duration.ofHours(3));
        keyed.append(partition, "a=2", "b=1");
        keyed.world.shards.flush();
        keyed.settle();
        keyed.onlyNewestAreLeft(partition);
        keyed.world.tick(Duration.ofHours(2));
        keyed.settle();
        assertEquals(2, keyed.world.shard().offsets(partition).logStart());
        assertEquals(List.of(2L, 3L), List.copyOf(keyed.read(partition, 2).keySet()));
        keyed.world.tick(Duration.ofHours(5));
        keyed.settle();
        assertEquals(4, keyed.world.shard().offsets(partition).logStart());
        keyed.nothingIsUnexplained();
    }

    @Test
    void mergesAndRewritesKeepWhatIsCompacted() throws Exception {
        start(3, 32 << 20);
        PartitionId partition = keyed.topic(1, EAGER);
        PartitionId other = keyed.world.topic(2);
        for (int round = 0; round < 12; round++) {
            keyed.updates(partition, 20, 12);
            keyed.append(other, "x=" + round);
            keyed.world.shards.flush();
            keyed.world.tick(FLUSH_AGE);
            keyed.settle();
            keyed.newestAreReadable();
        }
        keyed.onlyNewestAreLeft(partition);
        assertEquals(12, keyed.read(other, 0).size());
        assertTrue(keyed.counts().mergedObjects() > 0);
        keyed.world.restart();
        keyed.newestAreReadable();
        keyed.nothingIsUnexplained();
    }

    @Test
    void compactedPartitionIsReadWithLittle() throws Exception {
        start(0, 32 << 20);
        PartitionId partition = keyed.topic(1, EAGER);
        for (int flush = 0; flush < 40; flush++) {
            keyed.updates(partition, 500, 20);
            keyed.world.shards.flush();
            keyed.world.tick(TICK);
        }
        keyed.settle();
        keyed.world.shards.dropLocalCache();
        int before = keyed.world.objects.gets.get();
        assertEquals(20, keyed.read(partition, 0).size());
        int gets = keyed.world.objects.gets.get() - before;
        assertTrue(gets <= 3, "GETs: " + gets);
        assertFalse(keyed.world.objectKeys().size() > 2, keyed.world.objectKeys().toString());
    }
}
