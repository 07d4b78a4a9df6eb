package io.tributary.storage.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Background work that fails in a way nobody thought of goes on nevertheless. */
class UnexpectedFailureTest {
    @TempDir Path folder;
    private World world;
    private FailingStore store;
    private PartitionId partition;

    @BeforeEach
    void start() throws Exception {
        world = new World(folder);
        store = new FailingStore(world.objects);
        world.store = store;
        world.byHand = Optional.of(new HandScheduler(world.now::get));
        world.start();
        partition = world.topic(1);
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    private static boolean broken() {
        throw new IllegalStateException("broken as it was told to be");
    }

    @Test
    void movingDataGoesOn() throws Exception {
        var _ = world.append(partition, "a");
        store.duringNextPut(UnexpectedFailureTest::broken);
        world.tick(Duration.ofHours(1));
        assertEquals(List.of(), world.objectKeys());
        world.tick(Duration.ofSeconds(1));
        assertEquals(List.of(), world.objectKeys(), "not at once");
        world.tick(Duration.ofSeconds(10));
        assertEquals(1, world.objectKeys().size());
        assertEquals(List.of("a"), world.read(partition, 0));
    }

    @Test
    void retentionGoesOn() throws Exception {
        world.retain(partition, Duration.ofMinutes(1));
        var _ = world.append(partition, "a");
        world.settings.brokenOnce = true;
        world.tick(Duration.ofMinutes(2));
        world.tick(Duration.ofSeconds(10));
        world.tick(Duration.ofSeconds(10));
        assertTrue(world.shard().offsets(partition).logStart() > 0, "it has expired");
    }
}
