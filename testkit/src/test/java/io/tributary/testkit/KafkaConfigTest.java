package io.tributary.testkit;

import static io.tributary.testkit.KafkaAdminCalls.alter;
import static io.tributary.testkit.KafkaAdminCalls.describe;
import static io.tributary.testkit.KafkaAdminCalls.op;
import static io.tributary.testkit.KafkaAdminCalls.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api.Tenant;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeConfigsRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Topics' and brokers' configs as Kafka's administration client sees and changes them. */
class KafkaConfigTest {
    private static final ConfigResource TOPIC =
            new ConfigResource(ConfigResource.Type.TOPIC, "orders");
    private static final ConfigResource BROKER =
            new ConfigResource(ConfigResource.Type.BROKER, "1");

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

    /** The operator's change of a tenant's broker configs; each NAME=VALUE, or NAME for null. */
    private static Api.Answer operate(String method, Tenant on, String... configs)
            throws Exception {
        String body =
                Arrays.stream(configs)
                        .map(config -> config.split("=", 2))
                        .map(
                                config ->
                                        "{\"name\":\""
                                                + config[0]
                                                + "\",\"value\":"
                                                + (config.length == 1
                                                        ? "null"
                                                        : "\"" + config[1] + "\"")
                                                + "}")
                        .collect(Collectors.joining(",", "{\"configs\":[", "]}"));
        return api.as(service.operatorKey())
                .call(
                        method,
                        "/v1/tenants/" + on.tenantId() + "/broker-configs",
                        Optional.of(body),
                        "Content-Type",
                        "application/json");
    }

    @Test
    void topicConfigsSayWhatTheyAreAndWhereTheyComeFrom() throws Exception {
        alter(admin, TOPIC, false, op(OpType.SET, "retention.ms", "60000")).get();
        ConfigEntry retention = describe(admin, TOPIC).get("retention.ms");
        assertEquals("60000", retention.value());
        assertEquals(ConfigSource.DYNAMIC_TOPIC_CONFIG, retention.source());
        assertEquals(ConfigEntry.ConfigType.LONG, retention.type());
        assertFalse(retention.isReadOnly());
        assertFalse(retention.isSensitive());
        assertTrue(retention.documentation().contains("milliseconds"));
        assertEquals(
                List.of("retention.ms=60000", "log.retention.hours=168"),
                retention.synonyms().stream().map(s -> s.name() + "=" + s.value()).toList());
        ConfigEntry policy = describe(admin, TOPIC).get("cleanup.policy");
        assertEquals(ConfigEntry.ConfigType.LIST, policy.type());
        assertTrue(policy.isDefault());
        assertEquals("604800000", describe(others, TOPIC).get("retention.ms").value());
        refused(
                UnknownTopicOrPartitionException.class,
                admin.describeConfigs(
                                List.of(new ConfigResource(ConfigResource.Type.TOPIC, "none")))
                        .values()
                        .values()
                        .iterator()
                        .next());
    }

    @Test
    void topicConfigsAreSetDeletedAppendedToAndSubtractedFromAllOrNone() throws Exception {
        alter(
                        admin,
                        TOPIC,
                        false,
                        op(OpType.SET, "retention.ms", "60000"),
                        op(OpType.SET, "segment.bytes", "1000000"))
                .get();
        alter(admin, TOPIC, false, op(OpType.APPEND, "leader.replication.throttled.replicas", "*"))
                .get();
        assertEquals(
                "*", describe(admin, TOPIC).get("leader.replication.throttled.replicas").value());
        alter(
                        admin,
                        TOPIC,
                        false,
                        op(OpType.SUBTRACT, "leader.replication.throttled.replicas", "*"),
                        op(OpType.DELETE, "segment.bytes", null))
                .get();
        Config now = describe(admin, TOPIC);
        assertEquals("", now.get("leader.replication.throttled.replicas").value());
        assertTrue(now.get("segment.bytes").isDefault());
        refused(
                InvalidConfigurationException.class,
                alter(
                        admin,
                        TOPIC,
                        false,
                        op(OpType.SET, "retention.ms", "5"),
                        op(OpType.SET, "max.message.bytes", "nonsense")));
        refused(
                InvalidConfigurationException.class,
                alter(admin, TOPIC, false, op(OpType.APPEND, "retention.ms", "5")));
        refused(
                InvalidConfigurationException.class,
                alter(admin, TOPIC, false, op(OpType.SET, "no.such.config", "5")));
        refused(
                InvalidRequestException.class,
                alter(
                        admin,
                        TOPIC,
                        false,
                        op(OpType.SET, "retention.ms", "5"),
                        op(OpType.DELETE, "retention.ms", null)));
        alter(admin, TOPIC, true, op(OpType.SET, "retention.ms", "5")).get();
        assertEquals("60000", describe(admin, TOPIC).get("retention.ms").value());
        assertTrue(describe(others, TOPIC).get("retention.ms").isDefault());
    }

    @Test
    void brokerConfigsOfATenantsClusterAreTheOperatorsAndHoldAtOnce() throws Exception {
        KafkaAdminCalls.produce(port, tenant.api(), 5_000);
        assertEquals(
                200,
                operate(
                                "PATCH",
                                tenant,
                                "num.partitions=3",
                                "message.max.bytes=2000",
                                "log.retention.hours=1",
                                "auto.create.topics.enable=false")
                        .status());
        assertInstanceOf(
                RecordTooLargeException.class,
                assertThrows(
                                ExecutionException.class,
                                () -> KafkaAdminCalls.produce(port, tenant.api(), 5_000))
                        .getCause());
        KafkaAdminCalls.produce(port, other.api(), 5_000);
        ConfigEntry retention = describe(admin, TOPIC).get("retention.ms");
        assertEquals("3600000", retention.value());
        assertEquals(ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG, retention.source());
        assertEquals("604800000", describe(others, TOPIC).get("retention.ms").value());
        var created =
                admin.createTopics(
                        List.of(new NewTopic("new", Optional.empty(), Optional.empty())));
        assertEquals(3, created.numPartitions("new").get());
        assertEquals("3600000", created.config("new").get().get("retention.ms").value());
        // Over HTTP, too.
        assertEquals(
                3,
                tenant.api()
                        .post(tenant.cluster() + "/topics", "{\"topic_name\":\"rest\"}")
                        .json()
                        .get("partitions_count")
                        .asInt());
        assertEquals(
                "3600000",
                tenant.api()
                        .get(tenant.topic("orders") + "/configs/retention.ms")
                        .json()
                        .get("value")
                        .asText());
        Config broker = describe(admin, BROKER);
        assertEquals("3", broker.get("num.partitions").value());
        assertTrue(broker.get("num.partitions").isReadOnly());
        assertEquals("500", broker.get("group.max.size").value());
        assertEquals(ConfigSource.STATIC_BROKER_CONFIG, broker.get("group.max.size").source());
        assertEquals("6000", broker.get("group.min.session.timeout.ms").value());
        Set<String> ofTheCluster =
                describe(admin, new ConfigResource(ConfigResource.Type.BROKER, ""))
                        .entries()
                        .stream()
                        .map(ConfigEntry::name)
                        .collect(Collectors.toSet());
        assertTrue(ofTheCluster.contains("log.retention.hours"), ofTheCluster.toString());
        assertFalse(ofTheCluster.contains("group.max.size"));
        assertEquals(200, operate("PATCH", tenant, "message.max.bytes").status());
        KafkaAdminCalls.produce(port, tenant.api(), 5_000);
        assertEquals("3", describe(admin, BROKER).get("num.partitions").value());
        assertEquals(200, operate("PUT", tenant).status());
        assertEquals("1", describe(admin, BROKER).get("num.partitions").value());
    }

    @Test
    void brokerConfigsAreRefusedThatAreWrongOrTheNodesOrFromAnybodyElse() throws Exception {
        for (String wrong :
                List.of(
                        "num.partitions=0",
                        "no.such=1",
                        "log.retention.hours=100000000",
                        "group.max.size=5",
                        "num.partitions")) {
            assertEquals(400, operate("PUT", tenant, wrong).status(), wrong);
        }
        String path = "/v1/tenants/" + tenant.tenantId() + "/broker-configs";
        assertEquals(403, tenant.api().get(path).status());
        assertEquals(
                404,
                api.as(service.operatorKey())
                        .get("/v1/tenants/t-aaaaaaaaaaaaaaaa/broker-configs")
                        .status());
        refused(
                PolicyViolationException.class,
                alter(admin, BROKER, false, op(OpType.SET, "num.partitions", "3")));
        try (RawKafka connection = new RawKafka(port)) {
            connection.plain(KafkaConfigs.key(tenant.api()));
            for (String broker : List.of("7", "one")) {
                DescribeConfigsRequestData asked =
                        new DescribeConfigsRequestData()
                                .setResources(
                                        List.of(
                                                new DescribeConfigsResource()
                                                        .setResourceType(BROKER.type().id())
                                                        .setResourceName(broker)
                                                        .setConfigurationKeys(null)));
                assertEquals(
                        Set.of(Errors.INVALID_REQUEST),
                        connection
                                .call(new DescribeConfigsRequest.Builder(asked).build())
                                .errorCounts()
                                .keySet());
            }
        }
    }
}
