package io.tributary.ingest.group;

import com.yammer.metrics.core.MetricsRegistry;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.time.Scheduler;
import io.tributary.metadata.tenant.Tenants;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.Topics;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.ShardUnavailableException;
import io.tributary.storage.Shards;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.internals.Plugin;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.group.GroupConfigManager;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.coordinator.group.GroupCoordinatorService;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorMetrics;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorRuntimeMetrics;
import org.apache.kafka.coordinator.group.modern.share.ShareGroupConfig;
import org.apache.kafka.server.authorizer.Authorizer;
import org.apache.kafka.server.share.persister.NoOpStatePersister;
import org.apache.kafka.server.util.PartitionMetadataClient;
import org.apache.kafka.server.util.timer.SystemTimer;
import org.apache.kafka.server.util.timer.SystemTimerReaper;

/**
 * Kafka's group coordinator for the groups of all tenants, with its log in a topic of the service's
 * own. What tenants see of it is {@link TenantGroups}.
 */
public final class Coordination implements AutoCloseable {
    private static final String CONSUMER_OFFSETS =
            org.apache.kafka.common.internals.Topic.GROUP_METADATA_TOPIC_NAME;
    private static final int NODE_ID = 1;

    private final GroupCoordinatorService service;
    private final GroupTopics known;
    private final MetadataFeed feed;
    private final Elections elections;
    private final Census census;
    private final Metrics metrics = new Metrics();
    private final MetricsRegistry gauges = new MetricsRegistry();
    private final TenantGroups groups;
    private boolean closed;

    /**
     * What the coordinator needs of its node.
     *
     * @param settings what a topic's configs mean for storage
     */
    public record Node(
            Topics topics,
            Tenants tenants,
            Shards shards,
            Function<Topic, PartitionSettings> settings,
            InstantSource clock,
            Scheduler scheduler) {}

    /**
     * A coordinator that does nothing yet.
     *
     * @param log the topic its records go to, whose partitions nobody else writes to
     */
    public Coordination(Node node, Topic log, GroupSettings settings)
            throws ShardUnavailableException {
        GroupCoordinatorConfig config = settings.coordinator();
        known = new GroupTopics(node.topics());
        List<GroupLog> logs = new ArrayList<>();
        elections = new Elections(logs, node.scheduler(), node.clock());
        for (int i = 0; i < log.partitions(); i++) {
            int index = i;
            logs.add(
                    new GroupLog(
                            new TopicPartition(CONSUMER_OFFSETS, i),
                            log.partition(i),
                            node.settings().apply(log),
                            node.shards().shard(log.shard(i)),
                            why -> elections.lost(index, why)));
        }
        service =
                new GroupCoordinatorService.Builder(NODE_ID, config)
                        .withWriter(new LogWriter(logs))
                        .withLoader(new LogLoader(logs, this::seen, elections, node.clock()))
                        .withTime(Time.SYSTEM)
                        .withTimer(
                                new SystemTimerReaper(
                                        "tributary-groups-timer",
                                        new SystemTimer("tributary-groups-timeouts")))
                        .withCoordinatorRuntimeMetrics(new GroupCoordinatorRuntimeMetrics(metrics))
                        .withGroupCoordinatorMetrics(new GroupCoordinatorMetrics(gauges, metrics))
                        .withGroupConfigManager(
                                new GroupConfigManager(
                                        config, ShareGroupConfig.fromProps(Map.of())))
                        .withPersister(new NoOpStatePersister())
                        .withAuthorizerPlugin(
                                Optional.of(
                                        Plugin.<Authorizer>wrapInstance(
                                                new TopicGuard(), metrics, "authorizer")))
                        .withPartitionMetadataClient(new NoLag())
                        .build();
        feed = new MetadataFeed(known, node.topics(), node.scheduler(), service::onMetadataUpdate);
        census = new Census(service, node.tenants(), node.scheduler(), settings.most());
        groups = new TenantGroups(service, known, node.topics(), census);
    }

    /** Begins: topics first, without which members of running groups would lose everything. */
    public void start() {
        service.startup(elections::partitions);
        feed.start();
        elections.start(service);
        census.start();
    }

    /** Every tenant's groups. */
    public TenantGroups groups() {
        return groups;
    }

    /** How many groups there are, as last counted. */
    public int groupCount() {
        return census.groups();
    }

    /** Partitions of the log that are not led, whose groups cannot be used now. */
    public int partitionsWithoutLead() {
        return elections.withoutLead();
    }

    /** The longest that reading a partition has taken. */
    public long loadMillis() {
        return elections.loadMillis();
    }

    /**
     * Forgets the offsets of topics that were removed; blocks until that is on its way.
     *
     * @throws IOException some groups are not led now: try again
     */
    public void topicsRemoved(List<Topics.Removal> removals) throws IOException {
        int before = elections.rounds();
        if (elections.withoutLead() > 0) {
            throw new IOException("some groups cannot be told of removed topics now");
        }
        try {
            feed.removed(removals);
        } catch (ApiException e) {
            throw new IOException("groups cannot be told of removed topics now", e);
        }
        if (elections.rounds() != before) {
            throw new IOException("some groups may not have heard of removed topics");
        }
    }

    /** Regular expressions that are in use are known only from the log. */
    private void seen(CoordinatorRecord record) {
        if (record.key() instanceof ConsumerGroupMemberMetadataKey key
                && record.value() != null
                && record.value().message() instanceof ConsumerGroupMemberMetadataValue value
                && value.subscribedTopicRegex() != null
                && !value.subscribedTopicRegex().isEmpty()) {
            Optional<TenantId> tenant = Scope.owner(key.groupId());
            tenant.ifPresent(known::search);
        }
    }

    /** Ends all threads; what is in memory is in the log. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        feed.close();
        census.close();
        elections.close();
        service.shutdown();
        metrics.close();
        gauges.shutdown();
    }

    /** Lag is what share groups are asked for, and there are none. */
    private static final class NoLag implements PartitionMetadataClient {
        @Override
        public Map<TopicPartition, CompletableFuture<OffsetResponse>> listLatestOffsets(
                Set<TopicPartition> partitions) {
            return partitions.stream()
                    .collect(
                            Collectors.toMap(
                                    Function.identity(),
                                    one ->
                                            CompletableFuture.failedFuture(
                                                    new UnsupportedOperationException(
                                                            "there are no share groups"))));
        }

        @Override
        public void close() {}
    }
}
