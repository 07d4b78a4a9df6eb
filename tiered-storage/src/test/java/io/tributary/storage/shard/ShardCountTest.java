package io.tributary.storage.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendOutcome.Appended;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.Shard;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardCountTest {
    @TempDir Path folder;

    @Test
    void startWithFewerShardsLeavesTheOthersLedgersAlone() throws Exception {
        try (World world = new World(folder)) {
            world.shardCount = 2;
            PartitionId partition = world.topic(1);
            world.start();
            Shard second = world.shards.shard(new ShardId(1));
            CompletableFuture<AppendOutcome> outcome = new CompletableFuture<>();
            second.append(
                    new AppendRequest(
                            World.TENANT, List.of(world.part(partition, "kept")), Optional.empty()),
                    outcome::complete);
            assertInstanceOf(Appended.class, outcome.get(10, TimeUnit.SECONDS));

            world.shardCount = 1;
            world.restart();
            world.shardCount = 2;
            world.restart();

            assertEquals(1, world.shards.shard(new ShardId(1)).offsets(partition).highWatermark());
        }
    }
}
