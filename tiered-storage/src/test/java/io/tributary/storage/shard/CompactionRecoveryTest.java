package io.tributary.storage.shard;

import static io.tributary.storage.shard.KeyedWorld.EAGER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.PartitionSettings.Compaction;
import io.tributary.storage.restore.Additions;
import io.tributary.storage.restore.ShardRestore;
import io.tributary.storage.restore.StoredShard;
import io.tributary.storage.restore.Survey;
import io.tributary.storage.restore.SurvivingLog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compaction that a crash interrupts, or whose node is lost. */
class CompactionRecoveryTest {
    private static final long EPOCH = 5_000;

    @TempDir Path folder;

    @Test
    void crashAtAnyStepLosesAndLeavesNothing() throws Exception {
        int crashes = 0;
        for (boolean done : List.of(false, true)) {
            boolean reached = true;
            for (int step = 0; reached; step++) {
                KeyedWorld keyed =
                        new KeyedWorld(folder.resolve("crash-" + done + "-" + step), 0, 1 << 12);
                PartitionId partition = keyed.topic(1, EAGER);
                PartitionId other = keyed.topic(2, EAGER);
                for (int flush = 0; flush < 3; flush++) {
                    keyed.updates(partition, 200, 130);
                    keyed.append(other, "a=" + flush, "b" + flush);
                    keyed.world.shards.flush();
                }
                keyed.world.shards.dropLocalCache();
                keyed.store.failAfter(step, done);
                keyed.settle();
                reached = keyed.store.failed();
                crashes += reached ? 1 : 0;
                keyed.world.crash();
                keyed.store.work();
                keyed.world.start();
                keyed.newestAreReadable();
                keyed.nothingIsUnexplained();
                for (int i = 0; i < 10; i++) {
                    keyed.settle();
                }
                keyed.world.shards.dropLocalCache();
                keyed.newestAreReadable();
                keyed.onlyNewestAreLeft(partition);
                keyed.onlyNewestAreLeft(other);
                keyed.nothingIsUnexplained();
                assertTrue(
                        keyed.world.objectKeys().size() <= 2, keyed.world.objectKeys().toString());
                keyed.close();
            }
        }
        // Segments are got, an object is put and three are deleted, each not done and done.
        assertTrue(crashes >= 10, "crashes: " + crashes);
    }

    @Test
    void restoredPartitionHasTheNewestRecordsAndNoneWhoseTombstoneIsGone() throws Exception {
        Compaction soon = new Compaction(Duration.ZERO, Optional.empty(), 0, Duration.ofMillis(1));
        try (KeyedWorld keyed = new KeyedWorld(folder.resolve("dead"), 0, 32 << 20)) {
            PartitionId partition = keyed.topic(1, soon);
            keyed.append(partition, "dead=1", "a=1", "b=1");
            keyed.world.shards.flush();
            keyed.append(partition, "dead", "a=2");
            keyed.world.shards.flush();
            Map<String, byte[]> before = new HashMap<>(keyed.world.objects.objects);
            keyed.settle();
            keyed.settle();
            NavigableMap<Long, KeyedWorld.Written> compacted = keyed.read(partition, 0);
            assertEquals(List.of(2L, 4L), List.copyOf(compacted.keySet()));

            // The old objects were not deleted yet, and no snapshot knows any of it.
            before.forEach(keyed.world.objects.objects::putIfAbsent);
            keyed.world.objects.objects.keySet().removeIf(key -> key.startsWith("snapshots/"));
            try (World restored = restore(keyed.world, partition)) {
                assertEquals(List.of("1", "2"), restored.read(partition, 0));
                assertEquals(5, restored.shard().offsets(partition).highWatermark());
            }
        }
    }

    private World restore(World dead, PartitionId partition) throws Exception {
        StoredShard stored =
                new Survey(dead.objects, Runnable::run, (what, done, total) -> {})
                        .shard(World.SHARD);
        ShardRestore restore = new ShardRestore(stored, SurvivingLog.none());
        World restored = new World(folder.resolve("restored"));
        restored.settings.put(partition.topic(), dead.settings.get(partition.topic()));
        restored.now.set(dead.now.get());
        restore.plan(List.of(partition), 0);
        restored.objects.objects.putAll(dead.objects.objects);
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
                                0,
                                restored.now.get().toEpochMilli(),
                                "restore",
                                restored.settings::of)));
        return restored.start();
    }
}
