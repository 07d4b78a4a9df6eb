package io.tributary.server.node;

import io.tributary.ingest.group.Coordination;
import io.tributary.ingest.group.GroupSettings;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.kernel.time.Environment;
import io.tributary.metadata.directory.Directory;
import io.tributary.metadata.tenant.SystemTenant;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.TopicConfigs;
import io.tributary.metadata.topic.Topics;
import io.tributary.storage.Shards;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** The topic that consumer groups are kept in: the service's own, made at the first start. */
final class GroupsTopic {
    private static final String NAME = "__consumer_offsets";

    /**
     * Decided for ever, because a group's partition follows from its id. Enough that every shard
     * and every thread of the coordinator has some of many groups, few enough that their buffers,
     * 64 KiB each, are nothing.
     */
    private static final int PARTITIONS = 32;

    /**
     * What is kept is the last record of each key. A batch of groups has 64 KiB, unless a single
     * record is larger: a classic group's members are one record.
     */
    private static final Map<String, String> CONFIGS =
            Map.of(
                    TopicConfigs.CLEANUP_POLICY,
                    "compact",
                    TopicConfigs.RETENTION_MS,
                    "-1",
                    TopicConfigs.RETENTION_BYTES,
                    "-1",
                    TopicConfigs.MAX_MESSAGE_BYTES,
                    Integer.toString(8 << 20),
                    TopicConfigs.MESSAGE_TIMESTAMP_AFTER_MAX_MS,
                    Long.toString(Long.MAX_VALUE));

    private static final Topics.Limits NO_LIMITS =
            new Topics.Limits(Integer.MAX_VALUE, Integer.MAX_VALUE);

    private GroupsTopic() {}

    /** The coordinator that keeps groups in the topic; it is still to be started. Blocks. */
    static Coordination coordination(
            Directory directory,
            Shards shards,
            Environment environment,
            int shardCount,
            GroupSettings settings)
            throws IOException {
        return new Coordination(
                new Coordination.Node(
                        directory.topics(),
                        directory.tenants(),
                        shards,
                        topic -> ConfiguredTopics.of(topic.configs()),
                        environment.clock(),
                        environment.scheduler()),
                ensure(directory.topics(), shardCount, environment.random(), environment.clock()),
                settings);
    }

    /** Finds the topic, or makes it; blocks. */
    static Topic ensure(Topics topics, int shards, RandomGenerator random, InstantSource clock)
            throws IOException {
        Optional<Topic> there = topics.find(SystemTenant.ID, NAME);
        if (there.isPresent()) {
            return there.get();
        }
        List<ShardId> placed = new ArrayList<>(PARTITIONS);
        for (int i = 0; i < PARTITIONS; i++) {
            placed.add(new ShardId(i % shards));
        }
        Topic topic =
                new Topic(
                        new TopicId(newUuid(random)),
                        SystemTenant.ID,
                        NAME,
                        placed,
                        CONFIGS,
                        clock.instant());
        Topics.Addition added = topics.add(topic, NO_LIMITS);
        if (added != Topics.Addition.DONE) {
            throw new IOException("the topic for consumer groups cannot be made: " + added);
        }
        return topic;
    }

    /** A random UUID, of version 4. */
    private static UUID newUuid(RandomGenerator random) {
        return new UUID(
                (random.nextLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x4000,
                (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L);
    }
}
