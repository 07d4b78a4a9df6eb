package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own clients read what was produced over HTTPS. */
class KafkaReadTest {
    private static final int PARTITIONS = 3;
    private static final Map<String, String> FOREVER = Map.of("retention.ms", "-1");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir static Path folder;
    private static Service service;
    private static Api api;
    private static int tlsPort;
    private static int devPort;

    @BeforeAll
    static void start() throws Exception {
        tlsPort = KafkaConfigs.freePort();
        devPort = KafkaConfigs.freePort();
        service =
                Service.start(
                        folder.resolve("data"),
                        "--kafka-tls-port=" + tlsPort,
                        "--kafka-dev-port=" + devPort,
                        "--kafka-dev-tenant=developers");
        api = Api.of(service);
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        service.close();
    }

    private static Map<String, Object> config(String key) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", "localhost:" + tlsPort);
        config.put("security.protocol", "SASL_SSL");
        config.put("ssl.truststore.type", "PEM");
        config.put("ssl.truststore.location", service.ca().toString());
        config.put("sasl.mechanism", "PLAIN");
        config.put("sasl.jaas.config", KafkaConfigs.login(key));
        return config;
    }

    private static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> config) {
        config.put("allow.auto.create.topics", "false");
        return new KafkaConsumer<>(
                config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static String base64(ByteBuffer bytes) {
        ByteBuffer text = Base64.getEncoder().encode(bytes.duplicate());
        return StandardCharsets.ISO_8859_1.decode(text).toString();
    }

    /** What a record of this number is; the same for who writes and who reads. */
    private record Sent(ByteBuffer key, ByteBuffer value, ByteBuffer header, long timestamp) {
        static Sent of(int number) {
            Random random = new Random(number);
            ByteBuffer key = bytes(random, 1 + random.nextInt(20));
            ByteBuffer value = bytes(random, random.nextInt(2_000));
            ByteBuffer header = bytes(random, random.nextInt(10));
            // The latest stands in the middle.
            long later = number == 500 ? 5_000 : number;
            return new Sent(key, value, header, 1_700_000_000_000L + later);
        }

        private static ByteBuffer bytes(Random random, int count) {
            byte[] bytes = new byte[count];
            random.nextBytes(bytes);
            return ByteBuffer.wrap(bytes);
        }

        String json(int number) {
            return "{\"partition_id\":"
                    + number % PARTITIONS
                    + ",\"timestamp\":\""
                    + Instant.ofEpochMilli(timestamp)
                    + "\",\"headers\":[{\"name\":\"h\",\"value\":\""
                    + base64(header)
                    + "\"}],\"key\":{\"type\":\"BINARY\",\"data\":\""
                    + base64(key)
                    + "\"},\"value\":{\"type\":\"BINARY\",\"data\":\""
                    + base64(value)
                    + "\"}}\n";
        }
    }

    private static void produce(Tenant tenant, String topic, int from, int to) throws IOException {
        StringBuilder body = new StringBuilder();
        for (int i = from; i < to; i++) {
            body.append(Sent.of(i).json(i));
        }
        var answer = tenant.api().post(tenant.topic(topic) + "/records", body.toString());
        assertEquals(200, answer.status(), answer.body());
        for (var report : answer.jsons()) {
            assertEquals(200, report.get("error_code").asInt(), report.toString());
        }
    }

    private static List<TopicPartition> partitions(String topic) {
        return IntStream.range(0, PARTITIONS).mapToObj(p -> new TopicPartition(topic, p)).toList();
    }

    @Test
    void recordsProducedOverHttpsAreReadByteForByteFromTailAndObjectStore() throws Exception {
        Tenant tenant = api.signUp("acme");
        tenant.createTopic("mixed", PARTITIONS, FOREVER);
        produce(tenant, "mixed", 0, 600);
        Api operator = api.as(service.operatorKey());
        assertEquals(200, operator.post("/v1/operator/flush", "").status());
        assertEquals(200, operator.post("/v1/operator/drop-local-cache", "").status());
        produce(tenant, "mixed", 600, 1_200);
        for (boolean committed : List.of(false, true)) {
            Map<String, Object> config = config(KafkaConfigs.key(tenant.api()));
            config.put("isolation.level", committed ? "read_committed" : "read_uncommitted");
            // Small enough for many fetches.
            config.put("fetch.max.bytes", "50000");
            config.put("max.partition.fetch.bytes", "10000");
            try (var consumer = consumer(config)) {
                consumer.assign(partitions("mixed"));
                consumer.seekToBeginning(consumer.assignment());
                int[] next = {0, 1, 2};
                int count = 0;
                long deadline = System.nanoTime() + PATIENCE.toNanos();
                while (count < 1_200 && System.nanoTime() < deadline) {
                    for (ConsumerRecord<byte[], byte[]> got :
                            consumer.poll(Duration.ofMillis(500))) {
                        Sent sent = Sent.of(next[got.partition()]);
                        assertEquals(next[got.partition()] / PARTITIONS, got.offset());
                        assertEquals(sent.key(), ByteBuffer.wrap(got.key()));
                        assertEquals(sent.value(), ByteBuffer.wrap(got.value()));
                        assertEquals(
                                sent.header(),
                                ByteBuffer.wrap(got.headers().lastHeader("h").value()));
                        assertEquals(sent.timestamp(), got.timestamp());
                        next[got.partition()] += PARTITIONS;
                        count++;
                    }
                }
                assertEquals(1_200, count);
            }
        }
    }

    @Test
    void administratorSeesItsClusterTopicsAndOffsets() throws Exception {
        Tenant tenant = api.signUp("acme");
        tenant.createTopic("times", PARTITIONS, FOREVER);
        produce(tenant, "times", 0, 900);
        Api operator = api.as(service.operatorKey());
        assertEquals(200, operator.post("/v1/operator/flush", "").status());
        produce(tenant, "times", 900, 1_200);
        try (Admin admin = Admin.create(config(KafkaConfigs.key(tenant.api())))) {
            var cluster = admin.describeCluster();
            assertEquals(tenant.clusterId(), cluster.clusterId().get());
            assertEquals(1, cluster.nodes().get().size());
            assertEquals(Set.of("times"), admin.listTopics().names().get());
            TopicDescription topic =
                    admin.describeTopics(List.of("times")).allTopicNames().get().get("times");
            assertEquals(PARTITIONS, topic.partitions().size());
            // By id the client asks otherwise, and hears nothing of eligible leaders.
            TopicDescription byId =
                    admin.describeTopics(TopicCollection.ofTopicIds(List.of(topic.topicId())))
                            .allTopicIds()
                            .get()
                            .get(topic.topicId());
            assertEquals("times", byId.name());
            assertEquals(PARTITIONS, byId.partitions().size());
            // Number 500 is offset 166 of partition 2, and has the latest timestamp there.
            assertEquals(0, offset(admin, OffsetSpec.earliest()));
            assertEquals(400, offset(admin, OffsetSpec.latest()));
            assertEquals(166, offset(admin, OffsetSpec.maxTimestamp()));
            assertEquals(299, offset(admin, OffsetSpec.latestTiered()));
            assertEquals(300, offset(admin, OffsetSpec.earliestPendingUpload()));
            assertEquals(0, offset(admin, OffsetSpec.earliestLocal()));
            assertEquals(100, offset(admin, OffsetSpec.forTimestamp(Sent.of(302).timestamp())));
            assertEquals(-1, offset(admin, OffsetSpec.forTimestamp(1_800_000_000_000L)));
        }
    }

    private static long offset(Admin admin, OffsetSpec spec) throws Exception {
        TopicPartition partition = new TopicPartition("times", 2);
        return admin.listOffsets(Map.of(partition, spec)).partitionResult(partition).get().offset();
    }

    @Test
    void wrongSecretIsRefused() throws Exception {
        Tenant tenant = api.signUp("acme");
        String id = KafkaConfigs.key(tenant.api()).split(":", 2)[0];
        try (Admin admin = Admin.create(config(id + ":" + "A".repeat(43)))) {
            assertInstanceOf(
                    SaslAuthenticationException.class,
                    assertThrows(
                                    ExecutionException.class,
                                    () -> admin.describeCluster().clusterId().get())
                            .getCause());
        }
        String operator = service.operatorKey();
        try (Admin admin = Admin.create(config(operator))) {
            assertThrows(ExecutionException.class, () -> admin.describeCluster().clusterId().get());
        }
    }

    @Test
    void anotherTenantsTopicIsNotThereByNameOrId() throws Exception {
        Tenant one = api.signUp("one");
        Tenant other = api.signUp("other");
        one.createTopic("secret", PARTITIONS, FOREVER);
        other.createTopic("own", PARTITIONS, FOREVER);
        Uuid id;
        try (Admin admin = Admin.create(config(KafkaConfigs.key(one.api())))) {
            id =
                    admin.describeTopics(List.of("secret"))
                            .allTopicNames()
                            .get()
                            .get("secret")
                            .topicId();
        }
        try (Admin admin = Admin.create(config(KafkaConfigs.key(other.api())))) {
            assertEquals(Set.of("own"), admin.listTopics().names().get());
            var byName = admin.describeTopics(List.of("secret")).allTopicNames();
            assertInstanceOf(
                    UnknownTopicOrPartitionException.class,
                    assertThrows(ExecutionException.class, byName::get).getCause());
            var byId = admin.describeTopics(TopicCollection.ofTopicIds(List.of(id))).allTopicIds();
            assertInstanceOf(
                    UnknownTopicIdException.class,
                    assertThrows(ExecutionException.class, byId::get).getCause());
        }
    }

    @Test
    void keySeesAndReadsWhatItsGrantsSay() throws Exception {
        Tenant tenant = api.signUp("acme");
        for (String topic : List.of("read", "write", "hidden")) {
            tenant.createTopic(topic, PARTITIONS, FOREVER);
            produce(tenant, topic, 0, PARTITIONS);
        }
        var made =
                tenant.api()
                        .post(
                                "/v1/api-keys",
                                "{\"grants\":[{\"operation\":\"consume\",\"topic\":\"read\"},"
                                        + "{\"operation\":\"produce\",\"topic\":\"write\"}]}")
                        .json();
        String key = made.get("id").asText() + ":" + made.get("secret").asText();
        try (Admin admin = Admin.create(config(key))) {
            assertEquals(Set.of("read", "write"), admin.listTopics().names().get());
        }
        try (var consumer = consumer(config(key))) {
            consumer.assign(partitions("read"));
            consumer.seekToBeginning(consumer.assignment());
            List<ConsumerRecord<byte[], byte[]>> got = new ArrayList<>();
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (got.size() < PARTITIONS && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(500)).forEach(got::add);
            }
            assertEquals(PARTITIONS, got.size());
            for (String topic : List.of("write", "hidden")) {
                consumer.assign(partitions(topic));
                assertThrows(
                        TopicAuthorizationException.class,
                        () -> {
                            consumer.seekToBeginning(consumer.assignment());
                            consumer.poll(PATIENCE);
                        });
            }
        }
    }

    @Test
    void administratorMakesGrowsAndDeletesTopics() throws Exception {
        Tenant tenant = api.signUp("acme");
        var client =
                tenant.api()
                        .post(
                                "/v1/api-keys",
                                "{\"grants\":[{\"operation\":\"consume\",\"topic\":\"made\"}]}")
                        .json();
        String reader = client.get("id").asText() + ":" + client.get("secret").asText();
        try (Admin admin = Admin.create(config(KafkaConfigs.key(tenant.api())));
                Admin other = Admin.create(config(reader))) {
            NewTopic wanted =
                    new NewTopic("made", 2, (short) 3).configs(Map.of("retention.ms", "5000"));
            admin.createTopics(List.of(wanted), new CreateTopicsOptions().validateOnly(true))
                    .all()
                    .get();
            assertEquals(Set.of(), admin.listTopics().names().get());
            var made = admin.createTopics(List.of(wanted));
            assertEquals(2, made.numPartitions("made").get());
            assertEquals("5000", made.config("made").get().get("retention.ms").value());
            assertFailure(TopicExistsException.class, admin.createTopics(List.of(wanted)).all());
            assertFailure(
                    InvalidTopicException.class,
                    admin.createTopics(List.of(new NewTopic("no/name", 1, (short) 1))).all());
            assertFailure(
                    InvalidPartitionsException.class,
                    admin.createTopics(List.of(new NewTopic("many", 100_000, (short) 1))).all());
            assertFailure(
                    InvalidConfigurationException.class,
                    admin.createTopics(
                                    List.of(
                                            new NewTopic("odd", 1, (short) 1)
                                                    .configs(Map.of("no.such", "1"))))
                            .all());
            for (var refused :
                    List.of(
                            other.createTopics(List.of(new NewTopic("own", 1, (short) 1))).all(),
                            other.deleteTopics(List.of("made")).all())) {
                assertFailure(TopicAuthorizationException.class, refused);
            }
            admin.createPartitions(Map.of("made", NewPartitions.increaseTo(5))).all().get();
            assertFailure(
                    InvalidPartitionsException.class,
                    admin.createPartitions(Map.of("made", NewPartitions.increaseTo(4))).all());
            assertEquals(
                    5,
                    admin.describeTopics(List.of("made"))
                            .allTopicNames()
                            .get()
                            .get("made")
                            .partitions()
                            .size());
            admin.deleteTopics(List.of("made")).all().get();
            assertFailure(
                    UnknownTopicOrPartitionException.class,
                    admin.deleteTopics(List.of("made")).all());
            assertEquals(Set.of(), admin.listTopics().names().get());
        }
    }

    private static void assertFailure(
            Class<? extends Exception> expected, KafkaFuture<Void> future) {
        assertInstanceOf(expected, assertThrows(ExecutionException.class, future::get).getCause());
    }

    @Test
    void portForDevelopmentIsOneTenantsAndMakesTopics() throws Exception {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", "localhost:" + devPort);
        try (Admin admin = Admin.create(config)) {
            assertTrue(admin.describeCluster().clusterId().get().startsWith("lc-"));
            try (var consumer =
                    new KafkaConsumer<>(
                            config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                assertEquals(1, consumer.partitionsFor("made").size());
            }
            assertEquals(Set.of("made"), admin.listTopics().names().get());
        }
    }
}
