package io.tributary.tenant.topic;

import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import java.util.ArrayList;
import java.util.List;

/** Decides which shards a new topic's partitions belong to, for ever. */
@FunctionalInterface
public interface ShardPlacement {
    /** One shard for each partition. */
    List<ShardId> place(TopicId topic, int partitions);

    /** Neighbouring partitions on neighbouring shards, beginning anywhere. */
    static ShardPlacement spread(int shards) {
        return (topic, partitions) -> {
            int first = Math.floorMod(topic.hashCode(), shards);
            List<ShardId> placed = new ArrayList<>(partitions);
            for (int i = 0; i < partitions; i++) {
                placed.add(new ShardId((int) (((long) first + i) % shards)));
            }
            return placed;
        };
    }
}
