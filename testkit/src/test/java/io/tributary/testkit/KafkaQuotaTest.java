package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own clients over their quotas: slowed, told so, and nothing is lost. */
class KafkaQuotaTest {
    private static final int KIB = 1 << 10;
    private static final int RECORD_BYTES = 16 * KIB;

    @TempDir Path folder;
    private int port;
    private Service service;
    private Api api;
    private Tenant tenant;

    @BeforeEach
    void start() throws Exception {
        port = KafkaConfigs.freePort();
        service = Service.start(folder.resolve("data"), "--kafka-port=" + port);
        api = Api.of(service);
        tenant = api.signUp("acme");
        assertEquals(201, tenant.createTopic("t", 1, Map.of()).status());
    }

    @AfterEach
    void stop() throws Exception {
        api.close();
        service.close();
    }

    private void quotas(Tenant of, String quotas) throws IOException {
        Answer answer =
                api.as(service.operatorKey())
                        .put(
                                "/v1/tenants/" + of.tenantId() + "/quotas",
                                "{\"quotas\":" + quotas + "}");
        assertEquals(200, answer.status(), answer.body());
        settle(of);
    }

    /**
     * What was said of quotas holds within a second, and from the tenant's next request then on.
     */
    private static void settle(Tenant of) throws IOException {
        Awaitility.await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
        assertEquals(200, of.api().get("/v1/tenants/self/quotas").status());
    }

    private KafkaProducer<byte[], byte[]> producer(Tenant as, String acks) {
        return new KafkaProducer<>(
                KafkaConfigs.plain(
                        port,
                        as.api(),
                        Map.of(
                                "acks",
                                acks,
                                "enable.idempotence",
                                !acks.equals("0"),
                                "batch.size",
                                4 * RECORD_BYTES,
                                "linger.ms",
                                0)),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private KafkaConsumer<byte[], byte[]> consumer(Tenant as) {
        return new KafkaConsumer<>(
                KafkaConfigs.plain(port, as.api(), Map.of("auto.offset.reset", "earliest")),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private static double metric(Map<MetricName, ? extends Metric> metrics, String name) {
        return metrics.entrySet().stream()
                .filter(one -> one.getKey().name().equals(name))
                .map(one -> one.getValue().metricValue())
                .filter(Double.class::isInstance)
                .mapToDouble(value -> (double) value)
                .max()
                .orElseThrow();
    }

    /** Sends so many records and waits for all; how long it took, in seconds. */
    private static double send(KafkaProducer<byte[], byte[]> producer, int records)
            throws Exception {
        long begin = System.nanoTime();
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            sent.add(producer.send(new ProducerRecord<>("t", new byte[RECORD_BYTES])));
        }
        for (Future<RecordMetadata> one : sent) {
            one.get(60, TimeUnit.SECONDS);
        }
        return (System.nanoTime() - begin) / 1e9;
    }

    private long end() throws IOException {
        return tenant.api()
                .get(tenant.partition("t") + "/offset")
                .json()
                .get("latest_offset")
                .asLong();
    }

    @Test
    void producerOverItsQuotaIsSlowedToItAndAllItsRecordsArrive() throws Exception {
        int rate = 256 * KIB;
        quotas(tenant, "{\"produce_bytes_per_second\":" + rate + "}");
        int records = 6 * rate / RECORD_BYTES;
        try (KafkaProducer<byte[], byte[]> producer = producer(tenant, "all")) {
            double seconds = send(producer, records);
            // Six seconds' worth, of which one was saved, and what came last is still to be paid.
            assertTrue(seconds >= 4 && seconds < 9, seconds + " s");
            assertTrue(metric(producer.metrics(), "produce-throttle-time-max") > 0);
        }
        assertEquals(records, end());
        String metrics = api.as(service.operatorKey()).get("/q/metrics").body();
        assertTrue(
                metrics.contains(
                        "tributary_quota_throttled_seconds_total{quota=\"produce_bytes_per_second\"}"),
                metrics);
    }

    @Test
    void producerThatWantsNoAnswersIsSlowedToo() throws Exception {
        int rate = 256 * KIB;
        quotas(tenant, "{\"produce_bytes_per_second\":" + rate + "}");
        int records = 5 * rate / RECORD_BYTES;
        long begin = System.nanoTime();
        try (KafkaProducer<byte[], byte[]> producer = producer(tenant, "0")) {
            send(producer, records);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> end() == records);
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        assertTrue(seconds >= 3, seconds + " s");
    }

    @Test
    void consumerOverItsQuotaIsSlowedToItAndReadsEverything() throws Exception {
        int rate = 512 * KIB;
        int records = 5 * rate / RECORD_BYTES;
        try (KafkaProducer<byte[], byte[]> producer = producer(tenant, "all")) {
            send(producer, records);
        }
        quotas(tenant, "{\"fetch_bytes_per_second\":" + rate + "}");
        int read = 0;
        long begin = System.nanoTime();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(tenant)) {
            consumer.assign(List.of(new TopicPartition("t", 0)));
            consumer.seekToBeginning(consumer.assignment());
            while (read < records && System.nanoTime() - begin < 60e9) {
                read += consumer.poll(Duration.ofMillis(200)).count();
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            assertEquals(records, read);
            assertTrue(seconds >= 2.5 && seconds < 12, seconds + " s");
            assertTrue(metric(consumer.metrics(), "fetch-throttle-time-max") > 0);
        }
    }

    @Test
    void openConnectionSpeedsUpWhenItsQuotaIsRaised() throws Exception {
        quotas(tenant, "{\"produce_bytes_per_second\":" + 32 * KIB + "}");
        try (KafkaProducer<byte[], byte[]> producer = producer(tenant, "all")) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            // Two minutes' worth.
            for (int i = 0; i < 240; i++) {
                sent.add(producer.send(new ProducerRecord<>("t", new byte[RECORD_BYTES])));
            }
            sent.getFirst().get(30, TimeUnit.SECONDS);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> metric(producer.metrics(), "produce-throttle-time-max") > 0);
            assertTrue(sent.stream().anyMatch(one -> !one.isDone()));
            quotas(tenant, "{\"produce_bytes_per_second\":\"unlimited\"}");
            long begin = System.nanoTime();
            for (Future<RecordMetadata> one : sent) {
                one.get(30, TimeUnit.SECONDS);
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            assertTrue(seconds < 5, seconds + " s");
        }
        assertEquals(240, end());
    }

    @Test
    void tenantAtItsQuotaLeavesAnotherAlone() throws Exception {
        Tenant quiet = api.signUp("quiet");
        assertEquals(201, quiet.createTopic("t", 1, Map.of()).status());
        quotas(tenant, "{\"produce_bytes_per_second\":" + 64 * KIB + "}");
        try (KafkaProducer<byte[], byte[]> noisy = producer(tenant, "all");
                KafkaProducer<byte[], byte[]> other = producer(quiet, "all")) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                sent.add(noisy.send(new ProducerRecord<>("t", new byte[RECORD_BYTES])));
            }
            double seconds = send(other, 400);
            assertTrue(seconds < 10, seconds + " s");
            assertEquals(0, metric(other.metrics(), "produce-throttle-time-max"));
            assertTrue(sent.stream().anyMatch(one -> !one.isDone()), "the noisy one still waits");
            quotas(tenant, "{}");
            for (Future<RecordMetadata> one : sent) {
                one.get(30, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void connectionBeyondTheNumberIsRefusedWithTheReason() throws Exception {
        quotas(tenant, "{\"connections\":2}");
        RawKafka first = open();
        try (RawKafka second = open()) {
            Throwable refused = refusal().orElseThrow();
            assertInstanceOf(SaslAuthenticationException.class, refused);
            assertTrue(
                    refused.getMessage()
                            .contains("quota connections of 2 is used up: there are 2."),
                    refused.getMessage());
            assertTrue(service.log().contains("kafka connection refused"), "it is logged");
            first.close();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> usage("connections") == 1);
            open().close();
            assertEquals(Errors.NONE, second.plain(KafkaConfigs.key(tenant.api())).error());
        }
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> usage("connections") == 0);
    }

    private int usage(String quota) throws IOException {
        return tenant.api().get("/v1/tenants/self/quotas").json().get("usage").get(quota).asInt();
    }

    private RawKafka open() throws IOException {
        RawKafka connection = new RawKafka(port);
        assertEquals(Errors.NONE, connection.plain(KafkaConfigs.key(tenant.api())).error());
        return connection;
    }

    private Optional<Throwable> refusal() throws Exception {
        try (Admin more = Admin.create(KafkaConfigs.plain(port, tenant.api(), Map.of()))) {
            more.describeCluster().nodes().get(30, TimeUnit.SECONDS);
            return Optional.empty();
        } catch (ExecutionException e) {
            return Optional.of(e.getCause());
        }
    }

    @Test
    void quotasAreDescribedAndKeysQuotasChangedWithKafkasAdmin() throws Exception {
        quotas(tenant, "{\"produce_bytes_per_second\":100000}");
        String key = tenant.keyId();
        ClientQuotaEntity user = new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, key));
        try (Admin admin = Admin.create(KafkaConfigs.plain(port, tenant.api(), Map.of()))) {
            var before = described(admin);
            assertEquals(2, before.size());
            assertEquals(100_000.0, before.get(user).get("producer_byte_rate"));
            alter(admin, user, "producer_byte_rate", 50_000.0);
            var after = described(admin);
            assertEquals(50_000.0, after.get(user).get("producer_byte_rate"));
            assertEquals(
                    50_000,
                    tenant.api()
                            .get("/v1/api-keys/" + key + "/quotas")
                            .json()
                            .get("own_quotas")
                            .get("produce_bytes_per_second")
                            .asInt());
            refused(admin, user, "producer_byte_rate", 200_000.0, "more than the tenant's");
            refused(admin, user, "request_percentage", 10.0, "There is no quota");
            refused(admin, user, "producer_byte_rate", 0.5, "must be a whole number");
            ClientQuotaEntity none =
                    new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, "AAAAAAAAAAAAAAAA"));
            refused(admin, none, "producer_byte_rate", 1.0, "There is no API key");
            ClientQuotaEntity client =
                    new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, "c"));
            refused(admin, client, "producer_byte_rate", 1.0, "those of a user");
        }
        Api client = tenant.newKey("");
        try (Admin admin = Admin.create(KafkaConfigs.plain(port, client, Map.of()))) {
            ExecutionException denied =
                    assertThrows(ExecutionException.class, () -> described(admin));
            assertInstanceOf(ClusterAuthorizationException.class, denied.getCause());
        }
    }

    private static Map<ClientQuotaEntity, Map<String, Double>> described(Admin admin)
            throws Exception {
        return admin.describeClientQuotas(ClientQuotaFilter.all())
                .entities()
                .get(30, TimeUnit.SECONDS);
    }

    private static void alter(Admin admin, ClientQuotaEntity entity, String name, double value)
            throws Exception {
        admin.alterClientQuotas(
                        List.of(
                                new ClientQuotaAlteration(
                                        entity,
                                        List.of(new ClientQuotaAlteration.Op(name, value)))))
                .all()
                .get(30, TimeUnit.SECONDS);
    }

    private static void refused(
            Admin admin, ClientQuotaEntity entity, String name, double value, String why) {
        ExecutionException no =
                assertThrows(ExecutionException.class, () -> alter(admin, entity, name, value));
        assertInstanceOf(InvalidRequestException.class, no.getCause());
        assertTrue(no.getCause().getMessage().contains(why), no.getCause().getMessage());
    }

    @Test
    void keyWithAQuotaOfItsOwnIsSlowedBelowItsTenants() throws Exception {
        int rate = 128 * KIB;
        Answer set =
                tenant.api()
                        .put(
                                "/v1/api-keys/" + tenant.keyId() + "/quotas",
                                "{\"quotas\":{\"produce_bytes_per_second\":" + rate + "}}");
        assertEquals(200, set.status(), set.body());
        settle(tenant);
        try (KafkaProducer<byte[], byte[]> producer = producer(tenant, "all")) {
            double seconds = send(producer, 4 * rate / RECORD_BYTES);
            assertTrue(seconds >= 2, seconds + " s");
        }
    }
}
