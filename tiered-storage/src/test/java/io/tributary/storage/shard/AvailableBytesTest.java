package io.tributary.storage.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.OffsetOutOfRangeException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much there is to read is known without reading it. */
class AvailableBytesTest {
    private static final long ALL = Long.MAX_VALUE;

    @TempDir Path folder;
    private World world;
    private PartitionId a;

    @BeforeEach
    void start() throws Exception {
        world = new World(folder);
        a = world.topic(1);
        world.start();
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    private long fetched(long offset) throws Exception {
        return world.shard().fetch(a, offset, 1 << 20).batches().stream()
                .mapToLong(ByteBuffer::remaining)
                .sum();
    }

    @Test
    void bytesInLogAndObjectsAreCountedFromTheOffsetOn() throws Exception {
        assertEquals(0, world.shard().bytesFrom(a, 0, ALL));
        world.append(a, "0", "1");
        world.append(a, "2");
        assertEquals(fetched(0), world.shard().bytesFrom(a, 0, ALL));
        assertEquals(fetched(2), world.shard().bytesFrom(a, 2, ALL));
        assertEquals(0, world.shard().bytesFrom(a, 3, ALL));
        world.shards.flush();
        world.append(a, "3");
        assertTrue(world.shard().bytesFrom(a, 0, ALL) >= fetched(0));
        assertEquals(fetched(3), world.shard().bytesFrom(a, 3, ALL));
        // No further than is asked for.
        assertTrue(world.shard().bytesFrom(a, 0, 1) < world.shard().bytesFrom(a, 0, ALL));
    }

    @Test
    void offsetThatCannotBeReadIsRefusedAsByAFetch() throws Exception {
        world.append(a, "0", "1");
        world.shard().deleteRecords(a, OptionalLong.of(1));
        for (long offset : new long[] {0, 3}) {
            assertThrows(
                    OffsetOutOfRangeException.class, () -> world.shard().bytesFrom(a, offset, ALL));
        }
        assertEquals(fetched(1), world.shard().bytesFrom(a, 1, ALL));
    }
}
