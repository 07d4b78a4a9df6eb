package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Topics and produce as REST Proxy v2 has them, and records in each of its formats. */
class RestProxyTest {
    private static final String BINARY = "application/vnd.kafka.binary.v2+json";
    private static final String JSON = "application/vnd.kafka.json.v2+json";
    private static final String TEXT = "application/vnd.kafka.text.v2+json";
    private static final String EARLIEST =
            "\"auto.offset.reset\":\"earliest\",\"auto.commit.enable\":\"false\"";

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

    private static Answer produce(String path, String type, String body) throws IOException {
        return tenant.api().post(path, body, "Content-Type", type);
    }

    private static String consumed(String topic, String format) throws IOException {
        RestConsumer consumer =
                RestConsumer.create(
                        tenant.api(),
                        "of-" + topic,
                        format,
                        EARLIEST + ",\"format\":\"" + format + "\"");
        consumer.subscribe(topic);
        Answer answer = consumer.records("?timeout=10000");
        assertEquals(
                "application/vnd.kafka." + format + ".v2+json",
                answer.header("Content-Type").orElseThrow());
        consumer.delete();
        return answer.body();
    }

    @Test
    void topicsAreShownAsRestProxyShowsThem() throws Exception {
        Answer made =
                produce(
                        "/admin/topics",
                        "application/json",
                        "{\"topic_name\":\"shown\",\"partitions_count\":2,\"replication_factor\":1}");
        assertEquals(201, made.status(), made.body());
        assertTrue(tenant.api().get("/topics").body().contains("\"shown\""));
        JsonNode topic = tenant.api().get("/topics/shown").json();
        assertEquals("shown", topic.get("name").asText());
        assertEquals("delete", topic.at("/configs/cleanup.policy").asText());
        String partition =
                "{\"partition\":1,\"leader\":0,\"replicas\":[{\"broker\":0,\"leader\":true,"
                        + "\"in_sync\":true}]}";
        assertEquals(partition, topic.at("/partitions/1").toString());
        assertEquals(partition, tenant.api().get("/topics/shown/partitions/1").body());
        assertEquals(2, tenant.api().get("/topics/shown/partitions").json().size());
        Answer _ = produce("/topics/shown/partitions/1", JSON, "{\"records\":[{\"value\":1}]}");
        assertEquals(
                "{\"beginning_offset\":0,\"end_offset\":1}",
                tenant.api().get("/topics/shown/partitions/1/offsets").body());
        for (String absent : List.of("/topics/none", "/topics/none/partitions/0/offsets")) {
            Answer answer = tenant.api().get(absent);
            assertEquals(404, answer.status());
            assertEquals(40401, answer.json().get("error_code").asInt(), absent);
        }
        for (String absent : List.of("/topics/shown/partitions/2", "/topics/shown/partitions/x")) {
            assertEquals(40402, tenant.api().get(absent).json().get("error_code").asInt(), absent);
        }
        assertEquals(404, api.as(service.operatorKey()).get("/topics").status());
        assertEquals(405, tenant.api().delete("/topics").status());
        assertFalse(api.signUp("other").api().get("/topics").body().contains("shown"));
    }

    @Test
    void recordsComeBackByteForByteInEveryFormat() throws Exception {
        assertEquals(201, tenant.createTopic("bytes", 1, Map.of()).status());
        Answer json =
                produce(
                        "/topics/bytes",
                        JSON,
                        "{\"records\":[{\"key\":{\"b\":1, \"a\":1.0},\"value\":[1e3, \"\\u00e9\"],"
                                + "\"timestamp\":1700000000000,\"headers\":[{\"key\":\"h\","
                                + "\"value\":\"AAH/\"},{\"key\":\"n\",\"value\":null}]},"
                                + "{\"key\":null,\"value\":null},{\"value\":\"text\"}]}");
        assertEquals(
                "{\"offsets\":[{\"partition\":0,\"offset\":0,\"error_code\":null,\"error\":null},"
                        + "{\"partition\":0,\"offset\":1,\"error_code\":null,\"error\":null},"
                        + "{\"partition\":0,\"offset\":2,\"error_code\":null,\"error\":null}],"
                        + "\"key_schema_id\":null,\"value_schema_id\":null}",
                json.body());
        String headers =
                "\"partition\":0,\"offset\":0,\"timestamp\":1700000000000,\"headers\":[{\"key\":"
                        + "\"h\",\"value\":\"AAH/\"},{\"key\":\"n\",\"value\":null}]}";
        String asJson = consumed("bytes", "json");
        assertTrue(
                asJson.startsWith(
                        "[{\"topic\":\"bytes\",\"key\":{\"b\":1, \"a\":1.0},\"value\":[1e3,"
                                + " \"\\u00e9\"],"
                                + headers
                                + ",{\"topic\":\"bytes\",\"key\":null,\"value\":null,"),
                asJson);
        String asBinary = consumed("bytes", "binary");
        assertTrue(
                asBinary.startsWith(
                        "[{\"topic\":\"bytes\",\"key\":\"eyJiIjoxLCAiYSI6MS4wfQ==\",\"value\":"
                                + "\"WzFlMywgIlx1MDBlOSJd\","
                                + headers),
                asBinary);
        assertTrue(consumed("bytes", "text").contains("\"value\":\"\\\"text\\\"\""));
    }

    @Test
    void textIsKeptAsTextAndWhatIsNotInAFormatIsSaid() throws Exception {
        assertEquals(201, tenant.createTopic("mixed", 1, Map.of()).status());
        Answer text =
                produce("/topics/mixed", TEXT, "{\"records\":[{\"key\":\"k\",\"value\":\"né\"}]}");
        assertEquals(200, text.status(), text.body());
        Answer binary = produce("/topics/mixed", BINARY, "{\"records\":[{\"value\":\"/w==\"}]}");
        assertEquals(200, binary.status(), binary.body());
        assertTrue(consumed("mixed", "text").contains("\"key\":\"k\",\"value\":\"né\""));
        RestConsumer consumer =
                RestConsumer.create(tenant.api(), "poison", "c", EARLIEST + ",\"format\":\"text\"")
                        .subscribe("mixed");
        assertEquals(1, consumer.poll(10_000).size());
        Answer poisoned = consumer.records("?timeout=1000");
        assertEquals(422, poisoned.status(), poisoned.body());
        assertEquals(42203, poisoned.json().get("error_code").asInt());
        assertTrue(poisoned.body().contains("mixed-0 at offset 1"), poisoned.body());
        Answer past =
                consumer.post(
                        "/positions",
                        "{\"offsets\":[{\"topic\":\"mixed\",\"partition\":0,\"offset\":2}]}");
        assertEquals(204, past.status(), past.body());
        assertEquals(0, consumer.poll(200).size());
    }

    @Test
    void badProducesAreRefusedAsAWholeAndByName() throws Exception {
        assertEquals(201, tenant.createTopic("refused", 2, Map.of()).status());
        String path = "/topics/refused";
        for (String[] bad :
                new String[][] {
                    {BINARY, "{\"records\":[{\"value\":\"%%\"}]}", "422", "42206"},
                    {TEXT, "{\"records\":[{\"value\":5}]}", "422", "42206"},
                    {JSON, "{\"records\":[]}", "422", "422"},
                    {JSON, "{\"records\":[{\"worth\":1}]}", "422", "422"},
                    {JSON, "{\"records\":[{\"value\":1,\"partition\":-1}]}", "422", "422"},
                    {JSON, "{\"records\":[{\"value\":1}", "400", "400"},
                    {JSON, "", "422", "422"},
                    {"application/vnd.kafka.avro.v2+json", "{\"records\":[]}", "415", "415"},
                    {"text/plain", "{\"records\":[]}", "415", "415"}
                }) {
            Answer answer = produce(path, bad[0], bad[1]);
            assertEquals(Integer.parseInt(bad[2]), answer.status(), bad[1] + answer.body());
            assertEquals(Integer.parseInt(bad[3]), answer.json().get("error_code").asInt(), bad[1]);
        }
        Answer elsewhere =
                produce(
                        path + "/partitions/1",
                        JSON,
                        "{\"records\":[{\"value\":1,\"partition\":0}]}");
        assertEquals(422, elsewhere.status());
        Answer some =
                produce(path, JSON, "{\"records\":[{\"value\":1,\"partition\":7},{\"value\":2}]}");
        assertEquals(40402, some.json().at("/offsets/0/error_code").asInt(), some.body());
        assertEquals(0, some.json().at("/offsets/1/offset").asInt(), some.body());
        Answer problem =
                tenant.api()
                        .post(
                                path,
                                "{",
                                "Content-Type",
                                JSON,
                                "Accept",
                                "application/problem+json");
        assertEquals("application/problem+json", problem.header("Content-Type").orElseThrow());
        assertEquals(
                204, produce(path + "?async=true", JSON, "{\"records\":[{\"value\":3}]}").status());
    }
}
