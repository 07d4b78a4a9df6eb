package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api.Tenant;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.ConsumerGroupDescribeRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.DescribeGroupsRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.LeaveGroupRequest;
import org.apache.kafka.common.requests.ListGroupsRequest;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetDeleteRequest;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.SyncGroupRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients of every age are understood when they speak of groups. */
class KafkaGroupVersionsTest {
    private static final String MEMBER = "member";

    @TempDir static Path folder;
    private static Service service;
    private static Api api;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        port = KafkaConfigs.freePort();
        service = Service.start(folder.resolve("data"), "--kafka-port=" + port);
        api = Api.of(service);
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        service.close();
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "FIND_COORDINATOR",
                "JOIN_GROUP",
                "SYNC_GROUP",
                "HEARTBEAT",
                "LEAVE_GROUP",
                "CONSUMER_GROUP_HEARTBEAT",
                "OFFSET_COMMIT",
                "OFFSET_FETCH",
                "OFFSET_DELETE",
                "LIST_GROUPS",
                "DESCRIBE_GROUPS",
                "CONSUMER_GROUP_DESCRIBE",
                "DELETE_GROUPS"
            })
    void everyVersionIsAnswered(ApiKeys key) throws Exception {
        Tenant tenant = api.signUp("acme");
        tenant.createTopic("t", 1, Map.of());
        try (RawKafka connection = new RawKafka(port)) {
            assertEquals(Errors.NONE, connection.plain(KafkaConfigs.key(tenant.api())).error());
            Uuid id = KafkaRequestTest.topicId(connection);
            connection.call(commit(ApiKeys.OFFSET_COMMIT.latestVersion(), id));
            for (short version : key.allVersions()) {
                if (key.isVersionEnabled(version, false)) {
                    Set<Errors> errors =
                            connection.call(request(key, version, id)).errorCounts().keySet();
                    assertTrue(
                            expected(key).containsAll(errors),
                            () -> key + " version " + version + " " + errors);
                }
            }
        }
    }

    private static Set<Errors> expected(ApiKeys key) {
        return switch (key) {
            case JOIN_GROUP -> Set.of(Errors.NONE, Errors.MEMBER_ID_REQUIRED);
            case SYNC_GROUP, HEARTBEAT -> Set.of(Errors.UNKNOWN_MEMBER_ID);
            case LEAVE_GROUP -> Set.of(Errors.NONE, Errors.UNKNOWN_MEMBER_ID);
            case CONSUMER_GROUP_DESCRIBE -> Set.of(Errors.GROUP_ID_NOT_FOUND);
            case DELETE_GROUPS -> Set.of(Errors.NONE, Errors.GROUP_ID_NOT_FOUND);
            default -> Set.of(Errors.NONE);
        };
    }

    private static AbstractRequest request(ApiKeys key, short version, Uuid id) {
        return switch (key) {
            case FIND_COORDINATOR ->
                    new FindCoordinatorRequest.Builder(
                                    version < FindCoordinatorRequest.MIN_BATCHED_VERSION
                                            ? new FindCoordinatorRequestData().setKey("g")
                                            : new FindCoordinatorRequestData()
                                                    .setCoordinatorKeys(List.of("g")))
                            .build(version);
            case JOIN_GROUP -> join(version);
            case SYNC_GROUP ->
                    new SyncGroupRequest.Builder(
                                    new SyncGroupRequestData()
                                            .setGroupId("g")
                                            .setMemberId(MEMBER)
                                            .setProtocolType("consumer")
                                            .setProtocolName("range"))
                            .build(version);
            case HEARTBEAT ->
                    new HeartbeatRequest.Builder(
                                    new HeartbeatRequestData().setGroupId("g").setMemberId(MEMBER))
                            .build(version);
            case LEAVE_GROUP ->
                    new LeaveGroupRequest.Builder(
                                    "g", List.of(new MemberIdentity().setMemberId(MEMBER)))
                            .build(version);
            case CONSUMER_GROUP_HEARTBEAT ->
                    new ConsumerGroupHeartbeatRequest.Builder(
                                    new ConsumerGroupHeartbeatRequestData()
                                            .setGroupId("consumers-" + version)
                                            .setMemberId(version == 0 ? "" : MEMBER)
                                            .setRebalanceTimeoutMs(1_000)
                                            .setSubscribedTopicNames(List.of("t"))
                                            .setTopicPartitions(List.of()))
                            .build(version);
            case OFFSET_COMMIT -> commit(version, id);
            case OFFSET_FETCH -> fetch(version, id);
            case OFFSET_DELETE -> delete(version);
            case LIST_GROUPS ->
                    new ListGroupsRequest.Builder(new ListGroupsRequestData()).build(version);
            case DESCRIBE_GROUPS ->
                    new DescribeGroupsRequest.Builder(
                                    new DescribeGroupsRequestData().setGroups(List.of("g")))
                            .build(version);
            case CONSUMER_GROUP_DESCRIBE ->
                    new ConsumerGroupDescribeRequest.Builder(
                                    new ConsumerGroupDescribeRequestData()
                                            .setGroupIds(List.of("g")))
                            .build(version);
            case DELETE_GROUPS ->
                    new DeleteGroupsRequest.Builder(
                                    new DeleteGroupsRequestData().setGroupsNames(List.of("g")))
                            .build(version);
            default -> throw new IllegalArgumentException(key.name());
        };
    }

    private static AbstractRequest join(short version) {
        ByteBuffer subscription =
                ConsumerProtocol.serializeSubscription(new Subscription(List.of("t")));
        byte[] bytes = new byte[subscription.remaining()];
        subscription.get(bytes);
        JoinGroupRequestProtocolCollection protocols = new JoinGroupRequestProtocolCollection();
        protocols.add(new JoinGroupRequestProtocol().setName("range").setMetadata(bytes));
        return new JoinGroupRequest.Builder(
                        new JoinGroupRequestData()
                                .setGroupId("joined-" + version)
                                .setProtocolType("consumer")
                                .setSessionTimeoutMs(6_000)
                                .setRebalanceTimeoutMs(6_000)
                                .setProtocols(protocols))
                .build(version);
    }

    private static AbstractRequest commit(short version, Uuid id) {
        return OffsetCommitRequest.Builder.forTopicIdsOrNames(
                        new OffsetCommitRequestData()
                                .setGroupId("g")
                                .setTopics(
                                        List.of(
                                                new OffsetCommitRequestTopic()
                                                        .setName("t")
                                                        .setTopicId(id)
                                                        .setPartitions(
                                                                List.of(
                                                                        new OffsetCommitRequestPartition()
                                                                                .setCommittedOffset(
                                                                                        1))))))
                .build(version);
    }

    private static AbstractRequest fetch(short version, Uuid id) {
        return OffsetFetchRequest.Builder.forTopicIdsOrNames(
                        new OffsetFetchRequestData()
                                .setGroups(
                                        List.of(
                                                new OffsetFetchRequestGroup()
                                                        .setGroupId("g")
                                                        .setTopics(
                                                                List.of(
                                                                        new OffsetFetchRequestTopics()
                                                                                .setName("t")
                                                                                .setTopicId(id)
                                                                                .setPartitionIndexes(
                                                                                        List.of(
                                                                                                0)))))),
                        false)
                .build(version);
    }

    private static AbstractRequest delete(short version) {
        OffsetDeleteRequestTopicCollection topics = new OffsetDeleteRequestTopicCollection();
        topics.add(
                new OffsetDeleteRequestTopic()
                        .setName("t")
                        .setPartitions(
                                List.of(new OffsetDeleteRequestPartition().setPartitionIndex(0))));
        return new OffsetDeleteRequest.Builder(
                        new OffsetDeleteRequestData().setGroupId("g").setTopics(topics))
                .build(version);
    }
}
