package io.tributary.server.node;

import io.tributary.ingest.consumer.InstanceLog;
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
import java.util.random.RandomGenerator;

/**
 * The topics that consumer groups and their instances over HTTP are kept in: the service's own,
 * made at the first start.
 */
final class GroupsTopic {
    /** What the coordinator keeps. */
    private static final String GROUPS = "__consumer_offsets";

    /** Consumer instances, by the groups they are in. */
    private static final String INSTANCES = "__consumer_instances";

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
                    Integer.toString(InstanceLog.LARGEST),
                    TopicConfigs.MESSAGE_TIMESTAMP_AFTER_MAX_MS,
                    Long.toString(Long.MAX_VALUE));

    private static final Topics.Limits NO_LIMITS =
            new Topics.Limits(Integer.MAX_VALUE, Integer.MAX_VALUE);

    private GroupsTopic() {}

    /** The coordinator that keeps groups in its topic; it is still to be started. Blocks. */
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

    /** Where consumer instances are kept. Blocks. */
    static InstanceLog instances(
            Directory directory, Shards shards, Environment environment, int shardCount)
            throws IOException {
        Topic topic =
                ensure(
                        directory.topics(),
                        INSTANCES,
                        shardCount,
                        environment.random(),
                        environment.clock());
        return new InstanceLog(topic, ConfiguredTopics.of(topic.configs()), shards);
    }

    /** Finds the topic that groups are in, or makes it; blocks. */
    static Topic ensure(Topics topics, int shards, RandomGenerator random, InstantSource clock)
            throws IOException {
        return ensure(topics, GROUPS, shards, random, clock);
    }

    private static Topic ensure(
            Topics topics, String name, int shards, RandomGenerator random, InstantSource clock)
            throws IOException {
        Optional<Topic> there = topics.find(SystemTenant.ID, name);
        if (there.isPresent()) {
            return there.get();
        }
        List<ShardId> placed = new ArrayList<>(PARTITIONS);
        for (int i = 0; i < PARTITIONS; i++) {
            placed.add(new ShardId(i % shards));
        }
        Topic topic =
                new Topic(
                        TopicId.random(random),
                        SystemTenant.ID,
                        name,
                        placed,
                        CONFIGS,
                        clock.instant());
        Topics.Addition added = topics.add(topic, NO_LIMITS);
        if (added != Topics.Addition.DONE) {
            throw new IOException("the topic " + name + " cannot be made: " + added);
        }
        return topic;
    }
}
