package io.tributary.testkit;

import static io.tributary.testkit.KafkaAdminCalls.alter;
import static io.tributary.testkit.KafkaAdminCalls.describe;
import static io.tributary.testkit.KafkaAdminCalls.op;
import static io.tributary.testkit.KafkaAdminCalls.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api.Tenant;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.NoReassignmentInProgressException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.requests.DescribeTopicPartitionsRequest;
import org.apache.kafka.common.requests.DescribeTopicPartitionsResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's administration client works on one tenant's cluster, as far as its key may. */
class KafkaAdminTest {
    private static final ConfigResource TOPIC =
            new ConfigResource(ConfigResource.Type.TOPIC, "orders");
    private static final ConfigResource BROKER =
            new ConfigResource(ConfigResource.Type.BROKER, "1");
    private static final TopicPartition FIRST = new TopicPartition("orders", 0);

    @TempDir static Path folder;
    private static int port;
    private static Service service;
    private static Api api;
    private Tenant tenant;
    private Tenant other;
    private Admin admin;
    private Admin others;

    @BeforeAll
    static void start() throws Exception {
        port = KafkaConfigs.freePort();
        service =
                Service.start(
                        folder.resolve("data"),
                        "--kafka-port=" + port,
                        "--kafka-config=group.max.size=500");
        api = Api.of(service);
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        service.close();
    }

    @BeforeEach
    void twoTenantsWithTheSameTopic() throws Exception {
        tenant = api.signUp("acme");
        other = api.signUp("other");
        for (Tenant one : List.of(tenant, other)) {
            assertEquals(201, one.createTopic("orders", 2, Map.of()).status());
        }
        admin = admin(tenant.api());
        others = admin(other.api());
    }

    @AfterEach
    void close() {
        admin.close();
        others.close();
    }

    private static Admin admin(Api as) {
        return Admin.create(KafkaConfigs.plain(port, as, Map.of()));
    }

    @Test
    void partitionsAreDescribedInPiecesThatACursorJoins() throws Exception {
        assertEquals(201, tenant.createTopic("b", 3, Map.of()).status());
        assertEquals(201, tenant.createTopic("c", 1, Map.of()).status());
        try (RawKafka connection = new RawKafka(port)) {
            connection.plain(KafkaConfigs.key(tenant.api()));
            StringBuilder seen = new StringBuilder();
            Cursor cursor = null;
            int calls = 0;
            do {
                DescribeTopicPartitionsResponseData answer =
                        ((DescribeTopicPartitionsResponse)
                                        connection.call(
                                                new DescribeTopicPartitionsRequest.Builder(
                                                                new DescribeTopicPartitionsRequestData()
                                                                        .setResponsePartitionLimit(
                                                                                2)
                                                                        .setCursor(cursor))
                                                        .build((short) 0)))
                                .data();
                answer.topics()
                        .forEach(
                                topic ->
                                        topic.partitions()
                                                .forEach(
                                                        p ->
                                                                seen.append(topic.name())
                                                                        .append(p.partitionIndex())
                                                                        .append(' ')));
                cursor =
                        answer.nextCursor() == null
                                ? null
                                : new Cursor()
                                        .setTopicName(answer.nextCursor().topicName())
                                        .setPartitionIndex(answer.nextCursor().partitionIndex());
                calls++;
            } while (cursor != null);
            assertEquals("b0 b1 b2 c0 orders0 orders1 ", seen.toString());
            assertEquals(3, calls);
        }
    }

    @Test
    void producersAndSizesOfPartitionsAreTold() throws Exception {
        KafkaAdminCalls.produce(port, tenant.api(), 10_000);
        KafkaAdminCalls.produce(port, tenant.api(), 10_000);
        assertEquals(200, api.as(service.operatorKey()).post("/v1/operator/flush", "").status());
        var producers = admin.describeProducers(List.of(FIRST)).partitionResult(FIRST).get();
        assertEquals(2, producers.activeProducers().size());
        assertEquals(0, producers.activeProducers().getFirst().lastSequence());
        var replicas =
                admin.describeLogDirs(List.of(1))
                        .allDescriptions()
                        .get()
                        .get(1)
                        .values()
                        .iterator()
                        .next()
                        .replicaInfos();
        assertEquals(Set.of(FIRST, new TopicPartition("orders", 1)), replicas.keySet());
        assertTrue(replicas.get(FIRST).size() > 0);
        assertEquals(0, replicas.get(new TopicPartition("orders", 1)).size());
        assertEquals(
                0,
                others.describeProducers(List.of(FIRST))
                        .partitionResult(FIRST)
                        .get()
                        .activeProducers()
                        .size());
        assertEquals(
                0,
                others.describeLogDirs(List.of(1))
                        .allDescriptions()
                        .get()
                        .get(1)
                        .values()
                        .iterator()
                        .next()
                        .replicaInfos()
                        .get(FIRST)
                        .size());
    }

    @Test
    void recordsAreDeletedUpToAnOffsetOrAllOfThem() throws Exception {
        for (int i = 0; i < 3; i++) {
            KafkaAdminCalls.produce(port, tenant.api(), 10);
            KafkaAdminCalls.produce(port, other.api(), 10);
        }
        assertEquals(1, deleted(admin, 1).get());
        assertEquals(1, deleted(admin, 0).get());
        refused(OffsetOutOfRangeException.class, deleted(admin, 4));
        assertEquals(3, deleted(admin, -1).get());
        assertEquals(0, deleted(others, 0).get());
    }

    private static KafkaFuture<Long> deleted(Admin by, long before) {
        return by.deleteRecords(Map.of(FIRST, RecordsToDelete.beforeOffset(before)))
                .lowWatermarks()
                .get(FIRST)
                .thenApply(d -> d.lowWatermark());
    }

    @Test
    void partitionsStayWhereTheyAre() throws Exception {
        assertEquals(Map.of(), admin.listPartitionReassignments().reassignments().get());
        assertEquals(
                Map.of(),
                admin.listPartitionReassignments(Set.of(new TopicPartition("none", 0)))
                        .reassignments()
                        .get());
        reassigned(admin, FIRST, Optional.of(new NewPartitionReassignment(List.of(1)))).get();
        refused(
                InvalidReplicaAssignmentException.class,
                reassigned(admin, FIRST, Optional.of(new NewPartitionReassignment(List.of(2)))));
        refused(
                NoReassignmentInProgressException.class,
                reassigned(admin, FIRST, Optional.empty()));
        refused(
                UnknownTopicOrPartitionException.class,
                reassigned(admin, new TopicPartition("none", 0), Optional.empty()));
        var elected = admin.electLeaders(ElectionType.PREFERRED, Set.of(FIRST)).partitions().get();
        assertInstanceOf(ElectionNotNeededException.class, elected.get(FIRST).orElseThrow());
        assertEquals(Map.of(), admin.electLeaders(ElectionType.PREFERRED, null).partitions().get());
    }

    private static KafkaFuture<Void> reassigned(
            Admin by, TopicPartition partition, Optional<NewPartitionReassignment> to) {
        return by.alterPartitionReassignments(Map.of(partition, to)).values().get(partition);
    }

    private KafkaFuture<Void> made(NewTopic topic) {
        return admin.createTopics(List.of(topic)).all();
    }

    private KafkaFuture<Void> grown(int count, List<List<Integer>> assignment) {
        return admin.createPartitions(Map.of("orders", NewPartitions.increaseTo(count, assignment)))
                .all();
    }

    @Test
    void wishesThatContradictThemselvesMakeNothing() throws Exception {
        refused(InvalidReplicationFactorException.class, made(new NewTopic("t", 1, (short) 0)));
        for (Map<Integer, List<Integer>> wrong :
                List.of(
                        Map.of(0, List.of(1), 2, List.of(1)),
                        Map.of(0, List.of(1, 2), 1, List.of(1)),
                        Map.of(0, List.of(1, 1)),
                        Map.of(0, List.<Integer>of()))) {
            refused(InvalidReplicaAssignmentException.class, made(new NewTopic("t", wrong)));
        }
        Map<String, String> without = new HashMap<>();
        without.put("retention.ms", null);
        refused(
                InvalidConfigurationException.class,
                made(new NewTopic("t", 1, (short) 1).configs(without)));
        refused(InvalidReplicaAssignmentException.class, grown(4, List.of(List.of(1))));
        refused(
                InvalidReplicaAssignmentException.class,
                grown(4, List.of(List.of(1), List.of(1, 2))));
        refused(InvalidPartitionsException.class, grown(1, List.of(List.of(1))));
        assertEquals(Set.of("orders"), admin.listTopics().names().get());
        made(new NewTopic("t", Map.of(0, List.of(0, 1), 1, List.of(1, 2)))).get();
        grown(4, List.of(List.of(7), List.of(8))).get();
        Map<String, TopicDescription> described =
                admin.describeTopics(List.of("orders", "t")).allTopicNames().get();
        assertEquals(4, described.get("orders").partitions().size());
        assertEquals(2, described.get("t").partitions().size());
    }

    @Test
    void whatHasConfigsIsListed() throws Exception {
        Collection<ConfigResource> all = admin.listConfigResources().all().get();
        assertEquals(Set.of(TOPIC, BROKER), Set.copyOf(all));
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, "g");
        assertEquals("45000", describe(admin, group).get("consumer.session.timeout.ms").value());
        assertEquals("1000", describe(admin, group).get("consumer.assignment.interval.ms").value());
    }

    @Test
    void keyWithoutTheRightsIsRefusedEverywhere() throws Exception {
        KafkaAdminCalls.produce(port, tenant.api(), 10);
        Api reader = tenant.newKey("\"grants\":[{\"operation\":\"consume\",\"topic\":\"orders\"}]");
        Api stranger =
                tenant.newKey(
                        "\"grants\":[{\"operation\":\"manage\",\"topic\":\"something-else\"}]");
        try (Admin reading = admin(reader);
                Admin strange = admin(stranger)) {
            assertEquals("604800000", describe(reading, TOPIC).get("retention.ms").value());
            for (Admin by : List.of(reading, strange)) {
                refused(
                        TopicAuthorizationException.class,
                        alter(by, TOPIC, false, op(OpType.SET, "retention.ms", "5")));
                refused(TopicAuthorizationException.class, deleted(by, -1));
                refused(
                        ClusterAuthorizationException.class,
                        by.describeConfigs(List.of(BROKER)).all());
                refused(
                        ClusterAuthorizationException.class,
                        alter(by, BROKER, false, op(OpType.SET, "num.partitions", "5")));
                refused(ClusterAuthorizationException.class, by.listConfigResources().all());
                refused(
                        ClusterAuthorizationException.class,
                        by.listPartitionReassignments().reassignments());
                refused(
                        ClusterAuthorizationException.class,
                        reassigned(by, FIRST, Optional.empty()));
                refused(
                        ClusterAuthorizationException.class,
                        by.electLeaders(ElectionType.PREFERRED, Set.of(FIRST)).partitions());
                refused(
                        ClusterAuthorizationException.class,
                        by.describeAcls(AclBindingFilter.ANY).values());
            }
            refused(
                    TopicAuthorizationException.class,
                    strange.describeConfigs(List.of(TOPIC)).all());
            refused(
                    TopicAuthorizationException.class,
                    strange.describeProducers(List.of(FIRST)).partitionResult(FIRST));
            assertEquals(Set.of(), strange.listTopics().names().get());
            assertEquals(
                    Map.of(),
                    strange.describeLogDirs(List.of(1))
                            .allDescriptions()
                            .get()
                            .get(1)
                            .values()
                            .iterator()
                            .next()
                            .replicaInfos());
        }
        assertTrue(describe(admin, TOPIC).get("retention.ms").isDefault());
        assertEquals(0, deleted(admin, 0).get());
    }
}
