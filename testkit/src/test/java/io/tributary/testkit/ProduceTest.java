package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where records go, and how their reports come. */
class ProduceTest {
    private static final String CHUNKED = "Transfer-Encoding: chunked";

    @TempDir static Path folder;
    private static Service service;
    private static Api api;
    private static Tenant tenant;

    @BeforeAll
    static void start() throws Exception {
        service = Service.start(folder.resolve("data"));
        api = Api.of(service);
        tenant = api.signUp("acme");
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        service.close();
    }

    static String record(String data) {
        return "{\"value\":{\"type\":\"STRING\",\"data\":\"" + data + "\"}}\n";
    }

    private static String keyed(byte[] key) {
        return "{\"key\":{\"type\":\"BINARY\",\"data\":\""
                + Base64.getEncoder().encodeToString(key)
                + "\"}}\n";
    }

    @Test
    void keysGoWhereKafkasOwnPartitionerPutsThem() throws Exception {
        tenant.createTopic("keys", 7, Map.of());
        Random random = new Random(7);
        List<byte[]> keys = new ArrayList<>();
        for (int length = 0; length < 100; length++) {
            byte[] key = new byte[length];
            random.nextBytes(key);
            keys.add(key);
        }
        keys.add("Grüße".getBytes(StandardCharsets.UTF_8));
        StringBuilder body = new StringBuilder();
        keys.forEach(key -> body.append(keyed(key)));
        List<JsonNode> reports =
                tenant.api().post(tenant.topic("keys") + "/records", body.toString()).jsons();
        assertEquals(keys.size(), reports.size());
        Set<Integer> used = new HashSet<>();
        for (int i = 0; i < keys.size(); i++) {
            int partition = reports.get(i).get("partition_id").asInt();
            assertEquals(BuiltInPartitioner.partitionForKey(keys.get(i), 7), partition);
            used.add(partition);
        }
        assertEquals(7, used.size());
    }

    @Test
    void reportsComeInOrderWhileTheBodyIsStillBeingSent() throws Exception {
        tenant.createTopic("stream", 1, Map.of());
        String path = tenant.topic("stream") + "/records";
        try (Pieces stream = new Pieces(service, tenant.api(), path, CHUNKED)) {
            for (int i = 1; i <= 5; i++) {
                stream.chunk(record("a" + i) + record("b" + i));
                stream.awaitReports(2 * i);
                assertEquals(2 * i, stream.reports().size());
            }
            // A record that comes in two pieces is reported with its second.
            String cut = record("cut");
            stream.chunk(cut.substring(0, 20));
            assertEquals(10, stream.reports().size());
            stream.chunk(cut.substring(20));
            stream.awaitReports(11);
            stream.write("0\r\n\r\n");
            stream.awaitAnswer("\r\n0\r\n\r\n");
            int before = -1;
            for (int offset = 0; offset < 11; offset++) {
                int at = stream.answer().indexOf("\"offset\":" + offset + ",");
                assertTrue(at > before, stream.answer());
                before = at;
            }
        }
    }

    @Test
    void malformedJsonInMidStreamKeepsWhatCameBeforeAndEndsTheConnection() throws Exception {
        tenant.createTopic("torn", 1, Map.of());
        String path = tenant.topic("torn") + "/records";
        try (Pieces stream = new Pieces(service, tenant.api(), path, CHUNKED)) {
            stream.chunk(record("one"));
            stream.awaitReports(1);
            stream.chunk(record("two") + "{\"value\": oops}" + record("three"));
            stream.awaitEnd();
            assertEquals(List.of(200, 200, 400), stream.reports());
            assertTrue(stream.answer().endsWith("\r\n0\r\n\r\n"), stream.answer());
            assertFalse(stream.answer().contains("Source"), stream.answer());
        }
        List<JsonNode> kept = tenant.readAll("torn", 0, "string");
        assertEquals(
                List.of("one", "two"),
                kept.stream().map(record -> record.at("/value/data").asText()).toList());
    }

    @Test
    void parametersThatMeanNothingAreRefusedByName() throws Exception {
        tenant.createTopic("query", 1, Map.of());
        String records = tenant.topic("query") + "/records";
        for (String path :
                List.of(records + "?x=1", records + "?key=/a", records + ":batch?key=/a")) {
            Answer answer = tenant.api().post(path, record("a"));
            assertEquals(400, answer.status(), answer.body());
            assertTrue(
                    answer.json().get("message").asText().startsWith("Unknown parameter: "),
                    answer.body());
        }
        Answer twice =
                tenant.api()
                        .post(
                                records + "?key=/a&key=/b",
                                "{\"a\":1}",
                                "Content-Type",
                                "application/x-ndjson");
        assertEquals(400, twice.status(), twice.body());
        assertEquals(List.of(), tenant.readAll("query", 0, "auto"));
    }
}
