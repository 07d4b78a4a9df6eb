package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A record of any shape is the same on every door, whichever it came in by. */
class KafkaDoorsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long TIME = 1_700_000_000_000L;
    private static final String EVERY_BYTE = everyByte();

    /** A record; bytes are hexadecimal, or null. */
    private record Shape(String key, String value, List<Named> headers, long timestamp) {}

    private record Named(String name, String value) {}

    private static final List<Shape> SHAPES =
            List.of(
                    new Shape("6b", "76", List.of(), TIME),
                    new Shape(null, "76", List.of(), TIME + 1),
                    new Shape("6b", null, List.of(), TIME + 2),
                    new Shape(null, null, List.of(new Named("only", "68")), 0),
                    new Shape("", "", List.of(new Named("", "")), TIME - 5_000),
                    new Shape(
                            EVERY_BYTE,
                            EVERY_BYTE,
                            List.of(
                                    new Named("twice", EVERY_BYTE),
                                    new Named("none", null),
                                    new Named("twice", "00"),
                                    new Named("größe \"\\\n\u0001 𝄞", "ff")),
                            TIME + 3),
                    new Shape("6b", EVERY_BYTE.repeat(2_000), List.of(), TIME + 4));

    @TempDir static Path folder;
    private static int port;
    private static Service service;
    private static Api api;
    private static Tenant tenant;

    private static String everyByte() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        return HexFormat.of().formatHex(all);
    }

    @BeforeAll
    static void start() throws Exception {
        port = KafkaConfigs.freePort();
        service = Service.start(folder.resolve("data"), "--kafka-port=" + port);
        api = Api.of(service);
        tenant = api.signUp("acme");
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        service.close();
    }

    private static byte[] bytes(String hex) {
        return hex == null ? null : HexFormat.of().parseHex(hex);
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? null : HexFormat.of().formatHex(bytes);
    }

    private static void produceOverHttp(String topic) throws Exception {
        StringBuilder body = new StringBuilder();
        for (Shape shape : SHAPES) {
            ObjectNode json = new ObjectMapper().createObjectNode().put("partition_id", 0);
            json.put("timestamp", Instant.ofEpochMilli(shape.timestamp()).toString());
            ArrayNode headers = json.putArray("headers");
            for (Named header : shape.headers()) {
                headers.addObject().put("name", header.name()).put("value", bytes(header.value()));
            }
            datum(json, "key", shape.key());
            datum(json, "value", shape.value());
            body.append(json).append('\n');
        }
        Answer answer = tenant.api().post(tenant.topic(topic) + "/records", body.toString());
        assertEquals(200, answer.status(), answer.body());
        assertEquals(SHAPES.size(), answer.jsons().size(), answer.body());
        for (JsonNode report : answer.jsons()) {
            assertEquals(200, report.get("error_code").asInt(), answer.body());
        }
    }

    private static void datum(ObjectNode json, String name, String hex) {
        if (hex != null) {
            json.putObject(name).put("type", "BINARY").put("data", bytes(hex));
        }
    }

    private static void produceOverKafka(String topic) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        KafkaConfigs.plain(port, tenant.api(), Map.of()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            for (Shape shape : SHAPES) {
                ProducerRecord<byte[], byte[]> record =
                        new ProducerRecord<>(
                                topic,
                                0,
                                shape.timestamp(),
                                bytes(shape.key()),
                                bytes(shape.value()));
                shape.headers()
                        .forEach(named -> record.headers().add(named.name(), bytes(named.value())));
                producer.send(record).get();
            }
        }
    }

    private static List<Shape> readOverHttp(String topic) throws Exception {
        List<Shape> shapes = new ArrayList<>();
        for (JsonNode json : tenant.readAll(topic, 0, "binary")) {
            List<Named> headers = new ArrayList<>();
            for (JsonNode header : json.get("headers")) {
                headers.add(new Named(header.get("name").asText(), hex(header.get("value"))));
            }
            shapes.add(
                    new Shape(
                            hex(json.get("key").path("data")),
                            hex(json.get("value").path("data")),
                            headers,
                            Instant.parse(json.get("timestamp").asText()).toEpochMilli()));
        }
        return shapes;
    }

    private static String hex(JsonNode base64) {
        return base64.isTextual() ? hex(Base64.getDecoder().decode(base64.textValue())) : null;
    }

    private static List<Shape> readOverKafka(String topic) {
        List<Shape> shapes = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        KafkaConfigs.plain(port, tenant.api(), Map.of()),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            consumer.seekToBeginning(consumer.assignment());
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (shapes.size() < SHAPES.size() && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(PATIENCE)) {
                    List<Named> headers = new ArrayList<>();
                    for (Header header : record.headers()) {
                        headers.add(new Named(header.key(), hex(header.value())));
                    }
                    shapes.add(
                            new Shape(
                                    hex(record.key()),
                                    hex(record.value()),
                                    headers,
                                    record.timestamp()));
                }
            }
        }
        return shapes;
    }

    @Test
    void whatCameOverHttpIsTheSameOnBothDoors() throws Exception {
        tenant.createTopic("http", 1, Map.of("retention.ms", "-1"));
        produceOverHttp("http");
        assertEquals(SHAPES, readOverKafka("http"));
        assertEquals(SHAPES, readOverHttp("http"));
    }

    @Test
    void whatCameFromAKafkaClientIsTheSameOnBothDoors() throws Exception {
        tenant.createTopic("kafka", 1, Map.of("retention.ms", "-1"));
        produceOverKafka("kafka");
        assertEquals(SHAPES, readOverKafka("kafka"));
        assertEquals(SHAPES, readOverHttp("kafka"));
    }

    @Test
    void bothSurviveTheObjectStore() throws Exception {
        tenant.createTopic("tiered", 1, Map.of("retention.ms", "-1"));
        produceOverHttp("tiered");
        Api operator = api.as(service.operatorKey());
        assertEquals(200, operator.post("/v1/operator/flush", "").status());
        assertEquals(200, operator.post("/v1/operator/drop-local-cache", "").status());
        assertEquals(SHAPES, readOverKafka("tiered"));
        assertEquals(SHAPES, readOverHttp("tiered"));
    }
}
