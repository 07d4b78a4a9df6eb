package io.tributary.testkit;

import static io.tributary.testkit.ProduceTest.record;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Topics that change, and what their configs do. */
class TopicChangeTest {
    private static final int MOST = 10;

    @TempDir static Path folder;
    private static Service service;
    private static Api api;
    private static Tenant tenant;

    @BeforeAll
    static void start() throws Exception {
        service =
                Service.start(
                        folder.resolve("data"), "--shards=3", "--max-partitions-per-topic=" + MOST);
        api = Api.of(service);
        tenant = api.signUp("acme");
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        service.close();
    }

    private static Answer patch(String topic, String body) throws IOException {
        return tenant.api()
                .call(
                        "PATCH",
                        tenant.topic(topic),
                        Optional.of(body),
                        "Content-Type",
                        "application/json");
    }

    private static JsonNode produce(String topic, String record) throws IOException {
        Answer answer = tenant.api().post(tenant.topic(topic) + "/records", record);
        assertEquals(200, answer.status(), answer.body());
        return answer.json();
    }

    private static JsonNode config(String topic, String name) throws IOException {
        return tenant.api().get(tenant.topic(topic) + "/configs/" + name).json();
    }

    @Test
    void topicGrowsAndTakesRecordsAtOnce() throws Exception {
        tenant.createTopic("grow", 1, Map.of());
        produce("grow", record("first"));
        String path = tenant.topic("grow") + "/records";
        try (Pieces stream =
                new Pieces(service, tenant.api(), path, "Transfer-Encoding: chunked")) {
            stream.chunk(record("second"));
            stream.awaitReports(1);

            Answer grown = patch("grow", "{\"partitions_count\":4}");
            assertEquals(200, grown.status(), grown.body());
            assertEquals("KafkaTopic", grown.json().get("kind").asText());
            assertEquals(4, grown.json().get("partitions_count").asInt());

            JsonNode report = produce("grow", "{\"partition_id\":3}");
            assertEquals(0, report.get("offset").asInt());
            assertEquals(1, tenant.readAll("grow", 3, "auto").size());
            stream.chunk("{\"partition_id\":2}");
            stream.awaitReports(2);
            assertEquals(List.of(200, 200), stream.reports());
        }
        assertEquals(
                4,
                tenant.api().get(tenant.topic("grow") + "/partitions").json().get("data").size());
        assertEquals(2, tenant.readAll("grow", 0, "auto").size());
        for (int i = 0; i < 20; i++) {
            byte[] key = {(byte) i, 7};
            JsonNode report =
                    produce(
                            "grow",
                            "{\"key\":{\"type\":\"BINARY\",\"data\":\""
                                    + Base64.getEncoder().encodeToString(key)
                                    + "\"}}");
            assertEquals(
                    BuiltInPartitioner.partitionForKey(key, 4), report.get("partition_id").asInt());
        }
        assertEquals(200, patch("grow", "{\"partitions_count\":4}").status());
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 0, -1, MOST + 1})
    void topicNeverShrinksNorGrowsBeyondItsLimit(int wanted) throws Exception {
        tenant.createTopic("stay", 3, Map.of());
        Answer refused =
                patch(
                        "stay",
                        "{\"partitions_count\":"
                                + wanted
                                + ",\"configs\":[{\"name\":\"segment.ms\",\"value\":\"77\"}]}");
        assertEquals(400, refused.status(), refused.body());
        assertEquals(40002, refused.json().get("error_code").asInt());
        assertEquals(
                wanted > MOST
                        ? "partitions_count must be 1 to 10."
                        : "The topic stay currently has 3 partition(s); "
                                + wanted
                                + " would not be an increase.",
                refused.json().get("message").asText());
        assertEquals(
                3, tenant.api().get(tenant.topic("stay")).json().get("partitions_count").asInt());
        assertTrue(config("stay", "segment.ms").get("is_default").asBoolean());
    }

    @Test
    void configsChangeTogetherAndGoBackToTheirDefaults() throws Exception {
        tenant.createTopic("configs", 1, Map.of("segment.ms", "1000", "segment.bytes", "20000"));
        String alter = tenant.topic("configs") + "/configs:alter";
        String changes =
                "{\"data\":[{\"name\":\"retention.ms\",\"value\":\"5000000\"},"
                        + "{\"name\":\"segment.ms\",\"operation\":\"DELETE\"},"
                        + "{\"name\":\"segment.bytes\",\"value\":null}]";
        assertEquals(204, tenant.api().post(alter, changes + ",\"validate_only\":true}").status());
        assertEquals("1000", config("configs", "segment.ms").get("value").asText());
        assertTrue(config("configs", "retention.ms").get("is_default").asBoolean());

        assertEquals(204, tenant.api().post(alter, changes + "}").status());
        assertEquals("5000000", config("configs", "retention.ms").get("value").asText());
        assertEquals(
                "DYNAMIC_TOPIC_CONFIG", config("configs", "retention.ms").get("source").asText());
        for (String name : List.of("segment.ms", "segment.bytes")) {
            assertTrue(config("configs", name).get("is_default").asBoolean(), name);
            assertEquals("DEFAULT_CONFIG", config("configs", name).get("source").asText());
        }
        assertEquals("604800000", config("configs", "segment.ms").get("value").asText());

        Answer one =
                patch(
                        "configs",
                        "{\"configs\":[{\"name\":\"segment.ms\",\"value\":\"9\"},"
                                + "{\"name\":\"retention.ms\",\"value\":null}]}");
        assertEquals(200, one.status(), one.body());
        assertEquals("9", config("configs", "segment.ms").get("value").asText());
        assertTrue(config("configs", "retention.ms").get("is_default").asBoolean());

        Answer half =
                tenant.api()
                        .post(
                                alter,
                                "{\"data\":[{\"name\":\"segment.ms\",\"value\":\"8\"},"
                                        + "{\"name\":\"segment.bytes\",\"value\":\"x\"}]}");
        assertEquals(400, half.status(), half.body());
        assertEquals("9", config("configs", "segment.ms").get("value").asText());
    }

    @Test
    void validatedTopicIsNotMade() throws Exception {
        String body = "{\"topic_name\":\"ghost\",\"partitions_count\":2,\"validate_only\":true}";
        Answer answer = tenant.api().post(tenant.cluster() + "/topics", body);
        assertEquals(200, answer.status(), answer.body());
        assertEquals(2, answer.json().get("partitions_count").asInt());
        assertEquals(404, tenant.api().get(tenant.topic("ghost")).status());
        assertEquals(404, tenant.api().post(tenant.topic("ghost") + "/records", "{}").status());
    }

    private static JsonNode tiers(String topic) throws IOException {
        return tenant.api().get(tenant.partition(topic) + "/tiers").json();
    }

    @Test
    void compressionTypeDecidesWhatTheLogTakes() throws Exception {
        for (String type : List.of("uncompressed", "gzip", "snappy", "lz4", "zstd", "producer")) {
            String topic = "compressed-" + type;
            tenant.createTopic(topic, 1, Map.of("compression.type", type));
            produce(topic, record("x".repeat(100_000)));
            long bytes = tiers(topic).at("/ledgers/0/bytes").asLong();
            assertEquals(type.equals("uncompressed"), bytes > 100_000, type + ": " + bytes);
            assertTrue(bytes > 0);
            assertEquals(
                    100_000,
                    tenant.readAll(topic, 0, "string")
                            .getFirst()
                            .at("/value/data")
                            .asText()
                            .length());
        }
    }

    @Test
    void timestampTypeDecidesWhoseClockDatesARecord() throws Exception {
        String own = "2021-02-05T19:14:42Z";
        for (String type : List.of("CreateTime", "LogAppendTime")) {
            tenant.createTopic(type, 1, Map.of("message.timestamp.type", type));
            JsonNode report = produce(type, "{\"timestamp\":\"" + own + "\"}");
            String kept = tenant.readAll(type, 0, "auto").getFirst().get("timestamp").asText();
            assertEquals(kept, report.get("timestamp").asText());
            assertEquals(type.equals("CreateTime"), kept.startsWith("2021-02-05T19:14:42"), kept);
        }
    }

    @Test
    void segmentBytesBoundsWhatLiesTogetherAndSegmentMsHowLongItWaits() throws Exception {
        byte[] random = new byte[2_000];
        for (String bytes : List.of("20000", "1000000")) {
            String topic = "segments-" + bytes;
            tenant.createTopic(topic, 1, Map.of("segment.bytes", bytes, "segment.ms", "1"));
            for (int i = 0; i < 30; i++) {
                new Random(i).nextBytes(random);
                produce(topic, record(Base64.getEncoder().encodeToString(random)));
            }
            // No flush: the node's own age of ten minutes is far away.
            await().atMost(20, TimeUnit.SECONDS)
                    .until(
                            () ->
                                    tiers(topic).get("ledgers").isEmpty()
                                            && !tiers(topic).get("object_store").isEmpty());
            for (JsonNode segment : tiers(topic).get("object_store")) {
                assertTrue(segment.get("bytes").asLong() <= Long.parseLong(bytes) + 4_000);
            }
            assertEquals(30, tenant.readAll(topic, 0, "string").size());
        }
        tenant.createTopic("waits", 1, Map.of());
        produce("waits", record("x"));
        assertTrue(tiers("waits").get("object_store").isEmpty());
    }

    @Test
    void maxMessageBytesRefusesWhatIsLarger() throws Exception {
        tenant.createTopic("small", 1, Map.of("max.message.bytes", "2000"));
        produce("small", record("x".repeat(1_900)));
        Answer large =
                tenant.api().post(tenant.topic("small") + "/records", record("x".repeat(2_000)));
        assertEquals(413, large.status(), large.body());
        assertTrue(large.body().contains("max.message.bytes"), large.body());
        patch("small", "{\"configs\":[{\"name\":\"max.message.bytes\",\"value\":\"3000\"}]}");
        produce("small", record("x".repeat(2_000)));
    }
}
