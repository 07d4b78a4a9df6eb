package io.tributary.storage.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.restore.StoredPartition;
import io.tributary.storage.restore.Survey;
import io.tributary.storage.segment.BatchHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A partition as its objects alone have it. */
class StoredPartitionTest {
    @TempDir Path folder;
    private World dead;
    private PartitionId one;

    @BeforeEach
    void start() throws Exception {
        dead = new World(folder);
        one = dead.topic(1);
        dead.start();
    }

    @AfterEach
    void stop() throws Exception {
        dead.close();
    }

    @Test
    void partitionIsReadFromTheStoreWithoutAServerAndDamageIsNamed() throws Exception {
        dead.append(one, "a", "b");
        dead.shards.flush();
        dead.append(one, "c");
        dead.shards.flush();
        dead.append(one, "not there yet");
        StoredPartition partition =
                StoredPartition.of(
                        dead.objects,
                        new Survey(dead.objects, Runnable::run, (what, done, total) -> {})
                                .shard(World.SHARD),
                        one);
        assertEquals(3, partition.endOffset());
        assertEquals(List.of("0..2", "2..3"), read(partition, 0));
        assertEquals(List.of("2..3"), read(partition, 2));

        String first = dead.shard().tiers(one).objectStore().getFirst().where();
        dead.objects.objects.get(first)[60] ^= 1;

        List<String> found = read(partition, 0);
        assertTrue(found.getFirst().contains(first), found.toString());
        assertEquals("2..3", found.getLast());
        assertEquals(2, found.size());
    }

    private static List<String> read(StoredPartition partition, long from) throws IOException {
        List<String> found = new ArrayList<>();
        partition.read(
                from,
                new StoredPartition.Reader() {
                    @Override
                    public boolean wants(long maxTimestamp) {
                        return true;
                    }

                    @Override
                    public boolean batch(ByteBuffer bytes) {
                        BatchHeader header = BatchHeader.parse(bytes);
                        found.add(header.baseOffset() + ".." + (header.lastOffset() + 1));
                        return true;
                    }

                    @Override
                    public void damaged(CorruptDataException damage) {
                        found.add(damage.getMessage());
                    }
                });
        return found;
    }
}
