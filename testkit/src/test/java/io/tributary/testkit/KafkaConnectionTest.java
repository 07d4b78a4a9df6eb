package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds of a connection for Kafka clients, frame by frame. */
class KafkaConnectionTest {
    private static final Duration AT_ONCE = Duration.ofMillis(1_500);

    @TempDir static Path folder;
    private static Service service;
    private static Api api;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        port = KafkaConfigs.freePort();
        service =
                Service.start(
                        folder.resolve("data"), "--kafka-port=" + port, "--token-lifetime=3s");
        api = Api.of(service);
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        service.close();
    }

    /** A tenant with a topic {@code t}. */
    private static Tenant tenant() throws IOException {
        Tenant tenant = api.signUp("acme");
        assertEquals(201, tenant.createTopic("t", 1, Map.of()).status());
        return tenant;
    }

    private static RawKafka connected(Tenant tenant) throws IOException {
        RawKafka connection = new RawKafka(port);
        assertEquals(Errors.NONE, connection.plain(KafkaConfigs.key(tenant.api())).error());
        return connection;
    }

    private static String token(Tenant tenant) throws IOException {
        return tenant.api().post("/v1/token", "").json().get("access_token").asText();
    }

    private static MetadataResponse metadata(RawKafka connection) throws IOException {
        return (MetadataResponse)
                connection.call(MetadataRequest.Builder.allTopics().build((short) 12));
    }

    private static FetchRequest fetch(Duration maxWait) {
        return new FetchRequest(
                new FetchRequestData()
                        .setMaxWaitMs((int) maxWait.toMillis())
                        .setMinBytes(1)
                        .setMaxBytes(1 << 20)
                        .setTopics(
                                List.of(
                                        new FetchTopic()
                                                .setTopic("t")
                                                .setPartitions(
                                                        List.of(
                                                                new FetchPartition()
                                                                        .setPartition(0)
                                                                        .setPartitionMaxBytes(
                                                                                1 << 20))))),
                (short) 12);
    }

    private static FetchResponse fetched(RawKafka connection, RequestHeader header)
            throws IOException {
        return (FetchResponse) AbstractResponse.parseResponse(connection.frame(), header);
    }

    private static int bytes(FetchResponse response) {
        return FetchResponse.recordsSize(
                response.responseData(Map.of(), (short) 12).get(new TopicPartition("t", 0)));
    }

    @Test
    void revokedKeysConnectionEndsWithinASecond() throws Exception {
        Tenant tenant = tenant();
        var made =
                tenant.api()
                        .post(
                                "/v1/api-keys",
                                "{\"grants\":[{\"operation\":\"consume\",\"topic\":\"t\"}]}")
                        .json();
        String id = made.get("id").asText();
        try (RawKafka idle = new RawKafka(port);
                RawKafka waiting = new RawKafka(port);
                RawKafka other = connected(tenant)) {
            for (RawKafka connection : List.of(idle, waiting)) {
                assertEquals(
                        Errors.NONE,
                        connection.plain(id + ":" + made.get("secret").asText()).error());
                assertEquals(1, metadata(connection).topicMetadata().size());
            }
            waiting.send(fetch(Duration.ofSeconds(30)));
            assertEquals(204, tenant.api().delete("/v1/api-keys/" + id).status());
            assertTrue(idle.awaitEnd().compareTo(AT_ONCE) < 0);
            assertTrue(waiting.awaitEnd().compareTo(AT_ONCE) < 0);
            assertEquals(1, metadata(other).topicMetadata().size());
        }
    }

    @Test
    void tokenOpensAConnectionForItsLifeAndAnotherProlongsIt() throws Exception {
        Tenant tenant = tenant();
        try (RawKafka ends = new RawKafka(port);
                RawKafka goesOn = new RawKafka(port)) {
            var answer = ends.bearer(token(tenant));
            assertEquals(Errors.NONE, answer.error());
            assertTrue(answer.sessionLifetimeMs() > 0 && answer.sessionLifetimeMs() <= 3_000);
            assertEquals(Errors.NONE, goesOn.bearer(token(tenant)).error());
            assertEquals(Errors.NONE, goesOn.plain(KafkaConfigs.key(tenant.api())).error());
            assertTrue(ends.awaitEnd().compareTo(Duration.ofMillis(4_500)) < 0);
            assertEquals(1, metadata(goesOn).topicMetadata().size());
        }
    }

    @Test
    void connectionStaysWithItsTenant() throws Exception {
        Tenant one = tenant();
        Tenant other = tenant();
        try (RawKafka connection = connected(one)) {
            assertEquals(
                    Errors.SASL_AUTHENTICATION_FAILED,
                    connection.plain(KafkaConfigs.key(other.api())).error());
            connection.awaitEnd();
        }
    }

    @Test
    void tokensWithoutRequestsAroundThemAreTaken() throws Exception {
        Tenant tenant = tenant();
        try (RawKafka connection = new RawKafka(port)) {
            assertEquals(Errors.NONE, connection.handshake("PLAIN", 0).error());
            String proof = "\0" + KafkaConfigs.key(tenant.api()).replace(':', '\0');
            connection.frame(proof.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            assertEquals(0, connection.frame().remaining());
            assertEquals(tenant.clusterId(), metadata(connection).clusterId());
        }
    }

    @Test
    void waitingReaderGetsARecordWhenItComes() throws Exception {
        Tenant tenant = tenant();
        try (RawKafka connection = connected(tenant)) {
            RequestHeader header = connection.send(fetch(Duration.ofSeconds(30)));
            long begun = System.nanoTime();
            tenant.api().post(tenant.topic("t") + "/records", ProduceTest.record("now"));
            FetchResponse answer = fetched(connection, header);
            assertTrue(bytes(answer) > 0);
            assertTrue(Duration.ofNanos(System.nanoTime() - begun).toSeconds() < 10);
        }
    }

    @Test
    void connectionsOutliveTheDeadlineForHttpHeaders() throws Exception {
        Tenant tenant = tenant();
        try (RawKafka connection = connected(tenant)) {
            RequestHeader header = connection.send(fetch(Duration.ofSeconds(17)));
            assertEquals(0, bytes(fetched(connection, header)));
            assertEquals(tenant.clusterId(), metadata(connection).clusterId());
        }
    }

    @Test
    void versionOfApiVersionsNobodyKnowsIsAnsweredInTheOldest() throws Exception {
        try (RawKafka connection = new RawKafka(port)) {
            connection.frame(header(ApiKeys.API_VERSIONS.id, 99, 7));
            ByteBuffer answer = connection.frame();
            assertEquals(7, answer.getInt());
            assertEquals(Errors.UNSUPPORTED_VERSION.code(), answer.getShort());
            ApiVersionsResponse known =
                    (ApiVersionsResponse)
                            connection.call(
                                    new ApiVersionsRequest(
                                            new ApiVersionsRequestData()
                                                    .setClientSoftwareName("raw")
                                                    .setClientSoftwareVersion("1"),
                                            (short) 3));
            assertEquals(18, known.apiVersion(ApiKeys.FETCH.id).maxVersion());
            // Else old clients of librdkafka turn compression off.
            assertEquals(0, known.apiVersion(ApiKeys.PRODUCE.id).minVersion());
            assertNull(known.apiVersion(ApiKeys.END_TXN.id));
        }
    }

    /** Of librdkafka from 2.1 on, which leaves three bytes behind where it asks for all topics. */
    @Test
    void clientsMayLeaveBytesBehindARequest() throws Exception {
        Tenant tenant = tenant();
        try (RawKafka connection = connected(tenant)) {
            RequestHeader header = new RequestHeader(ApiKeys.METADATA, (short) 13, "raw", 7);
            ByteBuffer request =
                    MetadataRequest.Builder.allTopics()
                            .build((short) 13)
                            .serializeWithHeader(header);
            byte[] withMore = new byte[request.remaining() + 3];
            request.get(withMore, 0, request.remaining());
            connection.frame(withMore);
            MetadataResponse answer =
                    (MetadataResponse) AbstractResponse.parseResponse(connection.frame(), header);
            assertEquals(tenant.clusterId(), answer.clusterId());
            assertEquals(tenant.clusterId(), metadata(connection).clusterId());
        }
    }

    private static byte[] header(int key, int version, int correlationId) {
        return ByteBuffer.allocate(10)
                .putShort((short) key)
                .putShort((short) version)
                .putInt(correlationId)
                .putShort((short) -1)
                .array();
    }

    private static byte[] with(byte[] header, int... ints) {
        ByteBuffer bytes = ByteBuffer.allocate(header.length + ints.length * Integer.BYTES);
        bytes.put(header);
        for (int i : ints) {
            bytes.putInt(i);
        }
        return bytes.array();
    }

    @Test
    void hostileFramesEndTheConnectionAndNothingElse() throws Exception {
        Tenant tenant = tenant();
        List<byte[]> frames = new ArrayList<>();
        frames.add(header(999, 0, 1));
        frames.add(header(ApiKeys.PRODUCE.id, 9, 1));
        frames.add(header(ApiKeys.FETCH.id, 99, 1));
        // An array of two billion topics, and one of more than the frame has.
        frames.add(with(header(ApiKeys.METADATA.id, 1, 1), Integer.MAX_VALUE));
        frames.add(with(header(ApiKeys.METADATA.id, 1, 1), 1_000, 0, 0));
        byte[] noise = new byte[100_000];
        new Random(1).nextBytes(noise);
        frames.add(noise);
        for (byte[] frame : frames) {
            try (RawKafka stranger = new RawKafka(port);
                    RawKafka known = connected(tenant)) {
                for (RawKafka connection : List.of(stranger, known)) {
                    connection.frame(frame);
                    assertTrue(connection.awaitEnd().compareTo(AT_ONCE) < 0);
                }
            }
        }
        for (int length : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 0, 600_000}) {
            try (RawKafka stranger = new RawKafka(port)) {
                stranger.write(ByteBuffer.allocate(Integer.BYTES).putInt(length).array());
                assertTrue(stranger.awaitEnd().compareTo(AT_ONCE) < 0);
            }
        }
        try (RawKafka stranger = new RawKafka(port)) {
            stranger.send(MetadataRequest.Builder.allTopics().build((short) 12));
            assertTrue(stranger.awaitEnd().compareTo(AT_ONCE) < 0);
        }
        assertTrue(service.log().contains("kafka connection closed"));
        try (RawKafka good = connected(tenant)) {
            assertEquals(tenant.clusterId(), metadata(good).clusterId());
        }
    }

    @Test
    void strangersWithLargeFramesLeaveRoomForTheRequestsOfTenants() throws Exception {
        Tenant tenant = tenant();
        byte[] most = new byte[500_000];
        ByteBuffer.wrap(most).putInt(most.length);
        List<RawKafka> strangers = new ArrayList<>();
        try {
            for (int i = 0; i < 300; i++) {
                RawKafka stranger = new RawKafka(port);
                strangers.add(stranger);
                try {
                    stranger.write(most);
                } catch (IOException e) {
                    // Cut off already.
                }
            }
            try (RawKafka good = connected(tenant)) {
                assertEquals(tenant.clusterId(), metadata(good).clusterId());
            }
            tenant.createTopic("large", 1, Map.of());
            try (KafkaProducer<byte[], byte[]> producer =
                    new KafkaProducer<>(
                            KafkaConfigs.plain(port, tenant.api(), Map.of("retries", 0)),
                            new ByteArraySerializer(),
                            new ByteArraySerializer())) {
                for (int i = 0; i < 20; i++) {
                    assertEquals(
                            i,
                            producer.send(new ProducerRecord<>("large", new byte[900_000]))
                                    .get(30, TimeUnit.SECONDS)
                                    .offset());
                }
            }
        } finally {
            for (RawKafka stranger : strangers) {
                stranger.close();
            }
        }
    }

    @Test
    void strangerThatProvesNothingIsLetGo() throws Exception {
        try (RawKafka stranger = new RawKafka(port)) {
            assertTrue(stranger.awaitEnd().compareTo(Duration.ofSeconds(12)) < 0);
        }
    }
}
