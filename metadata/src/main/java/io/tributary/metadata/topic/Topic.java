package io.tributary.metadata.topic;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A tenant's topic.
 *
 * @param shards each partition's shard, decided when it is made; as many as partitions
 * @param earlierPartitions how many partitions it had before, each time some were added, the oldest
 *     number first
 * @param configs what was set, by Kafka's names; see {@link TopicConfigs} for the rest
 */
public record Topic(
        TopicId id,
        TenantId tenant,
        String name,
        List<ShardId> shards,
        List<Integer> earlierPartitions,
        Map<String, String> configs,
        Instant createdAt) {
    public Topic {
        shards = List.copyOf(shards);
        earlierPartitions = List.copyOf(earlierPartitions);
        configs = Map.copyOf(configs);
    }

    /** A topic whose partitions have always been as many. */
    public Topic(
            TopicId id,
            TenantId tenant,
            String name,
            List<ShardId> shards,
            Map<String, String> configs,
            Instant createdAt) {
        this(id, tenant, name, shards, List.of(), configs, createdAt);
    }

    public int partitions() {
        return shards.size();
    }

    public PartitionId partition(int index) {
        return new PartitionId(id, index);
    }

    public ShardId shard(int index) {
        return shards.get(index);
    }
}
