package io.tributary.storage.shard;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.cache.CountedStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ColdBesideTailTest {
    private static final int OLD = 40;

    @TempDir Path folder;
    private final CountedStore store = new CountedStore();
    private World world;
    private PartitionId a;

    /** Old records in the store alone, newer ones in the log. */
    @BeforeEach
    void start() throws Exception {
        world = new World(folder);
        world.store = store;
        world.localBytes = 0;
        a = world.topic(1);
        world.start();
        for (int i = 0; i < OLD; i++) {
            world.append(a, "old" + i);
            world.shards.flush();
        }
        world.append(a, "new");
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    @Test
    void blockedStoreDelaysNeitherTailReadsNorAppends() throws Exception {
        CountDownLatch held = store.hold();
        List<CompletableFuture<List<String>>> catchingUp = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            long from = i % OLD;
            catchingUp.add(
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return world.read(a, from);
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            },
                            task -> Thread.ofVirtual().start(task)));
        }
        await().atMost(10, TimeUnit.SECONDS).until(() -> !store.reads.isEmpty());
        long tail = world.caches.chunks().sizeBytes();
        assertTimeoutPreemptively(
                Duration.ofSeconds(10),
                () -> {
                    for (int i = 0; i < 20; i++) {
                        world.append(a, "newer" + i);
                        assertEquals("newer" + i, world.read(a, OLD + 1 + i).getFirst());
                    }
                });
        assertEquals(tail, world.caches.chunks().sizeBytes());
        assertTrue(catchingUp.stream().noneMatch(CompletableFuture::isDone));
        held.countDown();
        for (CompletableFuture<List<String>> read : catchingUp) {
            assertEquals("newer19", read.get(20, TimeUnit.SECONDS).getLast());
        }
    }

    @Test
    void tieredRecordsAreReadInOrderFromManySmallObjectsInOneGo() throws Exception {
        store.reads.clear();
        assertEquals(OLD + 1, world.read(a, 0).size());
        assertEquals(OLD, store.reads.size());
        assertFalse(world.local().contains(firstObject()));
    }

    private io.tributary.storage.object.ObjectId firstObject() {
        return io.tributary.storage.object.ObjectId.parse(store.reads.getFirst().key())
                .orElseThrow();
    }
}
