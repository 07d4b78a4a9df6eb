package io.tributary.server.node;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.ingest.group.GroupSettings;
import io.tributary.ingest.group.TenantGroups;
import io.tributary.kernel.Adapter;
import io.tributary.metadata.tenant.SystemTenant;
import io.tributary.metadata.topic.Topic;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Groups live in the shards' logs: what was answered survives what happens to node and disk. */
@Adapter("the machine's clock to InstantSource")
class CoordinationTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final short COMMIT = 8;
    private static final short FETCH = 7;
    private static final short JOIN = 5;
    private static final int GROUPS = 3;

    @TempDir Path folder;
    private GroupNode node;

    @BeforeEach
    void start() throws Exception {
        node =
                new GroupNode(
                        folder,
                        InstantSource.system(),
                        new GroupSettings(
                                Map.of("group.initial.rebalance.delay.ms", "0"), tenant -> GROUPS));
        awaitLead();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private void awaitLead() {
        await().atMost(PATIENCE).until(() -> node.coordination.partitionsWithoutLead() == 0);
    }

    private TenantGroups groups() {
        return node.coordination.groups();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private Errors commit(String group, String topic, long offset) throws Exception {
        OffsetCommitRequestData request =
                new OffsetCommitRequestData()
                        .setGroupId(group)
                        .setTopics(
                                List.of(
                                        new OffsetCommitRequestTopic()
                                                .setName(topic)
                                                .setPartitions(
                                                        List.of(
                                                                new OffsetCommitRequestPartition()
                                                                        .setCommittedOffset(
                                                                                offset)))));
        return Errors.forCode(
                get(groups().commitOffsets(GroupNode.admin(COMMIT), request))
                        .topics()
                        .getFirst()
                        .partitions()
                        .getFirst()
                        .errorCode());
    }

    private OffsetFetchResponseGroup fetch(String group, String topic) throws Exception {
        return get(
                groups().fetchOffsets(
                                GroupNode.admin(FETCH),
                                new OffsetFetchRequestGroup()
                                        .setGroupId(group)
                                        .setTopics(
                                                List.of(
                                                        new OffsetFetchRequestTopics()
                                                                .setName(topic)
                                                                .setPartitionIndexes(List.of(0)))),
                                true));
    }

    private long committed(String group, String topic) throws Exception {
        OffsetFetchResponseGroup answer = fetch(group, topic);
        assertEquals(Errors.NONE, Errors.forCode(answer.errorCode()));
        assertEquals(topic, answer.topics().getFirst().name());
        return answer.topics().getFirst().partitions().getFirst().committedOffset();
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    /** Joins alone and is given the first partition; says who it is. */
    private JoinGroupResponseData joinAlone(String group, String topic) throws Exception {
        JoinGroupRequestData join =
                new JoinGroupRequestData()
                        .setGroupId(group)
                        .setProtocolType("consumer")
                        .setSessionTimeoutMs(30_000)
                        .setRebalanceTimeoutMs(30_000);
        JoinGroupRequestProtocolCollection protocols = new JoinGroupRequestProtocolCollection();
        protocols.add(
                new JoinGroupRequestProtocol()
                        .setName("range")
                        .setMetadata(
                                bytes(
                                        ConsumerProtocol.serializeSubscription(
                                                new Subscription(List.of(topic))))));
        join.setProtocols(protocols);
        JoinGroupResponseData first = get(groups().join(GroupNode.admin(JOIN), join));
        assertEquals(Errors.MEMBER_ID_REQUIRED, Errors.forCode(first.errorCode()));
        JoinGroupResponseData joined =
                get(groups().join(GroupNode.admin(JOIN), join.setMemberId(first.memberId())));
        assertEquals(Errors.NONE, Errors.forCode(joined.errorCode()));
        assertEquals(
                List.of(topic),
                ConsumerProtocol.deserializeSubscription(
                                ByteBuffer.wrap(joined.members().getFirst().metadata()))
                        .topics());
        TopicPartition partition = new TopicPartition(topic, 0);
        SyncGroupRequestData sync =
                new SyncGroupRequestData()
                        .setGroupId(group)
                        .setMemberId(joined.memberId())
                        .setGenerationId(joined.generationId())
                        .setAssignments(
                                List.of(
                                        new SyncGroupRequestAssignment()
                                                .setMemberId(joined.memberId())
                                                .setAssignment(
                                                        bytes(
                                                                ConsumerProtocol
                                                                        .serializeAssignment(
                                                                                new Assignment(
                                                                                        List.of(
                                                                                                partition)))))));
        // As a client of old, which does not say what kind of group it is.
        SyncGroupResponseData synced = get(groups().sync(GroupNode.admin(3), sync));
        assertEquals(Errors.NONE, Errors.forCode(synced.errorCode()));
        assertEquals(
                List.of(partition),
                ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(synced.assignment()))
                        .partitions());
        return joined;
    }

    private Errors heartbeat(String group, JoinGroupResponseData member) throws Exception {
        return Errors.forCode(
                get(groups().heartbeat(
                                        GroupNode.admin(3),
                                        new HeartbeatRequestData()
                                                .setGroupId(group)
                                                .setMemberId(member.memberId())
                                                .setGenerationId(member.generationId())))
                        .errorCode());
    }

    @Test
    void offsetsAndMembersSurviveACrash() throws Exception {
        Topic _ = node.topic("orders", 1);
        JoinGroupResponseData member = joinAlone("g", "orders");
        assertEquals(Errors.NONE, commit("other", "orders", 42));
        node.crash();
        node.start();
        awaitLead();
        assertEquals(42, committed("other", "orders"));
        assertEquals(Errors.NONE, heartbeat("g", member));
        assertEquals(
                2,
                get(groups().listGroups(GroupNode.admin(5), new ListGroupsRequestData()))
                        .groups()
                        .size());
    }

    @Test
    void brokenDiskCostsNoAnsweredCommitAndGroupsComeBackWithIt() throws Exception {
        Topic _ = node.topic("orders", 1);
        JoinGroupResponseData member = joinAlone("g", "orders");
        assertEquals(Errors.NONE, commit("other", "orders", 1));
        node.ledgers.broken.set(true);
        Errors refused = commit("other", "orders", 2);
        assertTrue(
                refused == Errors.NOT_COORDINATOR || refused == Errors.COORDINATOR_NOT_AVAILABLE,
                refused.name());
        node.ledgers.broken.set(false);
        await().atMost(PATIENCE).until(() -> commit("other", "orders", 3) == Errors.NONE);
        assertEquals(3, committed("other", "orders"));
        assertEquals(Errors.NONE, heartbeat("g", member));
        node.crash();
        node.start();
        awaitLead();
        assertEquals(3, committed("other", "orders"));
    }

    @Test
    void offsetsOfRemovedTopicsAreForgotten() throws Exception {
        Topic topic = node.topic("orders", 1);
        assertEquals(Errors.NONE, commit("g", "orders", 1));
        Topic _ = node.directory.topics().remove(GroupNode.ACME, "orders").orElseThrow();
        node.coordination.topicsRemoved(node.directory.topics().pendingRemovals(10));
        assertEquals(
                List.of(),
                get(groups().fetchOffsets(
                                        GroupNode.admin(FETCH),
                                        new OffsetFetchRequestGroup()
                                                .setGroupId("g")
                                                .setTopics(null),
                                        true))
                        .topics());
        Topic again = node.topic("orders", 1);
        assertTrue(!again.id().equals(topic.id()));
        assertEquals(-1, committed("g", "orders"));
    }

    @Test
    void groupsOfARemovedTenantAreDeleted() throws Exception {
        Topic _ = node.topic("orders", 1);
        assertEquals(Errors.NONE, commit("g", "orders", 1));
        assertTrue(node.directory.tenants().remove(GroupNode.ACME));
        await().atMost(PATIENCE)
                .until(
                        () ->
                                get(groups().listGroups(
                                                        GroupNode.admin(5),
                                                        new ListGroupsRequestData()))
                                        .groups()
                                        .isEmpty());
    }

    @Test
    void tenantHasNoMoreGroupsThanItMay() throws Exception {
        Topic _ = node.topic("orders", 1);
        for (int i = 0; i < GROUPS; i++) {
            assertEquals(Errors.NONE, commit("g" + i, "orders", 1));
        }
        assertEquals(Errors.POLICY_VIOLATION, commit("one-more", "orders", 1));
        assertEquals(Errors.NONE, commit("g0", "orders", 2));
        ConsumerGroupHeartbeatResponseData refused =
                get(
                        groups().consumerHeartbeat(
                                        GroupNode.admin(1),
                                        new ConsumerGroupHeartbeatRequestData()
                                                .setGroupId("one-more")
                                                .setMemberId("m")
                                                .setMemberEpoch(0)
                                                .setRebalanceTimeoutMs(1_000)
                                                .setSubscribedTopicNames(List.of("orders"))
                                                .setTopicPartitions(List.of())));
        assertEquals(Errors.POLICY_VIOLATION, Errors.forCode(refused.errorCode()));
    }

    @Test
    void logIsATopicNobodyReaches() throws Exception {
        Optional<Topic> log = node.directory.topics().find(SystemTenant.ID, "__consumer_offsets");
        assertEquals(32, log.orElseThrow().partitions());
        assertEquals(
                2, log.orElseThrow().shards().stream().distinct().count(), "spread over shards");
        assertEquals(Optional.empty(), node.directory.tenants().find(SystemTenant.ID));
        assertEquals(
                List.of(GroupNode.ACME),
                node.directory.tenants().list(Optional.empty(), 10).stream()
                        .map(tenant -> tenant.id())
                        .toList());
        assertEquals(
                Optional.empty(),
                node.directory.topics().find(GroupNode.ACME, "__consumer_offsets"));
        assertEquals(Errors.TOPIC_AUTHORIZATION_FAILED, commit("g", "__consumer_offsets", 1));
    }
}
