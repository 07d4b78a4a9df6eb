package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.tributary.testkit.Api.Tenant;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.SaslAuthenticateRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests to write, one by one: their order, their rights, and what is refused. */
class KafkaRequestTest {
    private static final short BY_NAME = 12;
    static final short BY_ID = 13;
    static final short ALL = -1;

    @TempDir static Path folder;
    private static int port;
    private static Service service;
    private static Api api;
    private Tenant tenant;

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

    @BeforeEach
    void signUp() throws Exception {
        tenant = api.signUp("acme");
        tenant.createTopic("t", 1, Map.of());
    }

    private static RawKafka connected(String key) throws Exception {
        RawKafka connection = new RawKafka(port);
        assertEquals(Errors.NONE, connection.plain(key).error());
        return connection;
    }

    static ProduceRequest produce(short version, short acks, String topic, Uuid id) {
        MemoryRecords records =
                MemoryRecords.withRecords(
                        Compression.NONE,
                        new SimpleRecord(
                                System.currentTimeMillis(), "v".getBytes(StandardCharsets.UTF_8)));
        TopicProduceData data =
                new TopicProduceData()
                        .setName(topic)
                        .setTopicId(id)
                        .setPartitionData(
                                List.of(
                                        new PartitionProduceData()
                                                .setIndex(0)
                                                .setRecords(records)));
        return ProduceRequest.builder(
                        new ProduceRequestData()
                                .setAcks(acks)
                                .setTimeoutMs(10_000)
                                .setTopicData(
                                        new TopicProduceDataCollection(List.of(data).iterator())))
                .build(version);
    }

    private static Errors outcome(RawKafka connection, ProduceRequest request) throws Exception {
        ProduceResponse answer = (ProduceResponse) connection.call(request);
        return Errors.forCode(
                answer.data()
                        .responses()
                        .iterator()
                        .next()
                        .partitionResponses()
                        .getFirst()
                        .errorCode());
    }

    static Uuid topicId(RawKafka connection) throws Exception {
        MetadataResponse all =
                (MetadataResponse)
                        connection.call(MetadataRequest.Builder.allTopics().build((short) 12));
        return all.topicMetadata().iterator().next().topicId();
    }

    private long highWatermark() throws Exception {
        return tenant.api()
                .get(tenant.partition("t") + "/records?offset=earliest")
                .json()
                .get("high_watermark")
                .asLong();
    }

    @Test
    void answersComeInTheOrderOfRequestsThoughProduceWaitsForTheDisk() throws Exception {
        try (RawKafka connection = connected(KafkaConfigs.key(tenant.api()))) {
            for (int round = 0; round < 50; round++) {
                RequestHeader slow = connection.send(produce(BY_NAME, ALL, "t", Uuid.ZERO_UUID));
                RequestHeader quick =
                        connection.send(MetadataRequest.Builder.allTopics().build((short) 12));
                ProduceResponse first =
                        (ProduceResponse) AbstractResponse.parseResponse(connection.frame(), slow);
                assertEquals(
                        round,
                        first.data()
                                .responses()
                                .iterator()
                                .next()
                                .partitionResponses()
                                .getFirst()
                                .baseOffset());
                AbstractResponse.parseResponse(connection.frame(), quick);
            }
        }
        assertEquals(50, highWatermark());
    }

    @Test
    void producerThatWantsNoAnswerGetsNoneAndIsCutOffWhereItIsRefused() throws Exception {
        try (RawKafka connection = connected(KafkaConfigs.key(tenant.api()))) {
            connection.send(produce(BY_NAME, (short) 0, "t", Uuid.ZERO_UUID));
            assertNotEquals(Uuid.ZERO_UUID, topicId(connection));
            connection.send(produce(BY_NAME, (short) 0, "none", Uuid.ZERO_UUID));
            connection.awaitEnd();
        }
        assertEquals(1, highWatermark());
    }

    @Test
    void nobodyWritesWithoutTheGrantOrToAnotherTenantsTopic() throws Exception {
        var made =
                tenant.api()
                        .post(
                                "/v1/api-keys",
                                "{\"grants\":[{\"operation\":\"consume\",\"topic\":\"t\"}]}")
                        .json();
        String reader = made.get("id").asText() + ":" + made.get("secret").asText();
        Tenant other = api.signUp("other");
        try (RawKafka mine = connected(KafkaConfigs.key(tenant.api()));
                RawKafka reading = connected(reader);
                RawKafka foreign = connected(KafkaConfigs.key(other.api()))) {
            Uuid id = topicId(mine);
            assertEquals(
                    Errors.TOPIC_AUTHORIZATION_FAILED,
                    outcome(reading, produce(BY_NAME, ALL, "t", Uuid.ZERO_UUID)));
            assertEquals(
                    Errors.TOPIC_AUTHORIZATION_FAILED,
                    outcome(reading, produce(BY_ID, ALL, "", id)));
            assertEquals(
                    Errors.UNKNOWN_TOPIC_OR_PARTITION,
                    outcome(foreign, produce(BY_NAME, ALL, "t", Uuid.ZERO_UUID)));
            assertEquals(Errors.UNKNOWN_TOPIC_ID, outcome(foreign, produce(BY_ID, ALL, "", id)));
            assertEquals(0, highWatermark());
            assertEquals(Errors.NONE, outcome(mine, produce(BY_ID, ALL, "", id)));
            assertEquals(1, highWatermark());
        }
    }

    @Test
    void proofWithoutAHandshakeEndsTheConnection() throws Exception {
        try (RawKafka connection = new RawKafka(port)) {
            connection.send(
                    new SaslAuthenticateRequest.Builder(
                                    new SaslAuthenticateRequestData().setAuthBytes(new byte[0]))
                            .build());
            connection.awaitEnd();
        }
    }

    @Test
    void replicationFactorNobodyMeansIsRefused() throws Exception {
        CreateTopicsRequestData data = new CreateTopicsRequestData().setTimeoutMs(1_000);
        data.topics()
                .add(
                        new CreatableTopic()
                                .setName("wide")
                                .setNumPartitions(1)
                                .setReplicationFactor(Short.MAX_VALUE));
        try (RawKafka connection = connected(KafkaConfigs.key(tenant.api()))) {
            CreateTopicsResponse answer =
                    (CreateTopicsResponse)
                            connection.call(new CreateTopicsRequest.Builder(data).build((short) 7));
            assertEquals(
                    Errors.INVALID_REPLICATION_FACTOR.code(),
                    answer.data().topics().find("wide").errorCode());
        }
    }
}
