package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Retries under an Idempotency-Key, against the service as it is run. */
class IdempotencyTest {
    private static final String LINES = "application/x-ndjson";
    private static final String LIMIT = "max.message.bytes";

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

    private static void topic(String name, int partitions, int limit) throws IOException {
        assertEquals(201, tenant.createTopic(name, partitions, Map.of(LIMIT, "" + limit)).status());
    }

    private static void limit(String topic, int bytes) throws IOException {
        Answer answer =
                tenant.api()
                        .put(
                                tenant.topic(topic) + "/configs/" + LIMIT,
                                "{\"value\":\"" + bytes + "\"}");
        assertTrue(answer.status() / 100 == 2, answer.body());
    }

    /** Sends lines without saying how many bytes they are. */
    private static Answer stream(String topic, String key, List<String> lines) throws IOException {
        byte[] body = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
        HttpRequest request =
                tenant.api()
                        .request(
                                tenant.topic(topic) + "/records?key=/k",
                                "Content-Type",
                                LINES,
                                "Idempotency-Key",
                                key)
                        .POST(
                                HttpRequest.BodyPublishers.ofInputStream(
                                        () -> new ByteArrayInputStream(body)))
                        .build();
        HttpResponse<String> response =
                tenant.api().send(request, HttpResponse.BodyHandlers.ofString());
        assertEquals(200, response.statusCode(), response.body());
        return new Answer(response.statusCode(), response.body(), response);
    }

    private static String line(int number, int bytes) {
        return "{\"k\":\"%d\",\"n\":%d,\"p\":\"%s\"}"
                .formatted(number % 7, number, "x".repeat(bytes));
    }

    private static List<String> lines(int count, int bytes) {
        return new ArrayList<>(IntStream.range(0, count).mapToObj(n -> line(n, bytes)).toList());
    }

    private static List<Integer> statuses(List<JsonNode> reports) {
        return reports.stream().map(report -> report.get("error_code").asInt()).toList();
    }

    /** Numbers of a topic's records by partition and offset; fails where one is there twice. */
    private static Map<String, Integer> stored(String topic, int partitions) throws IOException {
        Map<String, Integer> numbers = new java.util.TreeMap<>();
        Set<Integer> seen = new HashSet<>();
        for (int partition = 0; partition < partitions; partition++) {
            for (JsonNode record : tenant.readAll(topic, partition, "json")) {
                int number = record.at("/value/data/n").asInt();
                assertTrue(seen.add(number), number + " is there twice");
                numbers.put(partition + "/" + record.get("offset").asLong(), number);
            }
        }
        return numbers;
    }

    /** Every report of a stored record must say where that very record is. */
    private static void assertTrue200s(
            List<JsonNode> reports, List<String> lines, Map<String, Integer> stored)
            throws IOException {
        assertEquals(lines.size(), reports.size());
        for (int i = 0; i < lines.size(); i++) {
            JsonNode report = reports.get(i);
            if (report.get("error_code").asInt() == 200) {
                String at =
                        report.get("partition_id").asInt() + "/" + report.get("offset").asLong();
                assertTrue(lines.get(i).contains("\"n\":" + stored.get(at) + ","), at);
            }
        }
    }

    private static void assertSame(List<JsonNode> expected, List<JsonNode> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i), actual.get(i), "report " + i);
        }
    }

    private static void grow(String topic, int partitions) throws IOException {
        Answer answer =
                tenant.api()
                        .call(
                                "PATCH",
                                tenant.topic(topic),
                                Optional.of("{\"partitions_count\":" + partitions + "}"),
                                "Content-Type",
                                "application/json");
        assertEquals(200, answer.status(), answer.body());
    }

    @Test
    void retriedRequestGetsItsOffsetsAgainAndAnotherOneIsRefused() throws Exception {
        topic("retried", 1, 4_000);
        String records = tenant.topic("retried") + "/records";
        String good = "{\"value\":{\"type\":\"STRING\",\"data\":\"good\"}}";
        String[] headers = {"Content-Type", "application/json", "Idempotency-Key", "order-1"};
        Answer first = tenant.api().post(records, good + good, headers);
        Answer again = tenant.api().post(records, good + good, headers);
        assertEquals(first.body(), again.body());
        assertEquals(Optional.empty(), first.header("Idempotent-Replayed"));
        assertEquals(Optional.of("true"), again.header("Idempotent-Replayed"));
        assertEquals(422, tenant.api().post(records, good, headers).status());
    }

    @Test
    void retryGoesWhereTheFirstTryWentThoughThereAreMorePartitionsNow() throws Exception {
        topic("grown", 2, 4_000);
        List<String> lines = lines(30, 10);
        List<JsonNode> first = stream("grown", "before", lines).jsons();
        grow("grown", 5);
        assertSame(first, stream("grown", "before", lines).jsons());
        List<JsonNode> second = stream("grown", "between", lines(30, 20)).jsons();
        assertTrue(second.stream().anyMatch(report -> report.get("partition_id").asInt() > 1));
        grow("grown", 6);
        assertSame(first, stream("grown", "before", lines).jsons());
        assertSame(second, stream("grown", "between", lines(30, 20)).jsons());
        int records = 0;
        for (int partition = 0; partition < 6; partition++) {
            records += tenant.readAll("grown", partition, "json").size();
        }
        assertEquals(60, records);
    }

    @Test
    void recordRefusedFirstIsStoredOnceTheLimitAllowsItAndNothingTwice() throws Exception {
        topic("raised", 3, 4_000);
        List<String> lines = lines(40, 100);
        lines.set(11, line(11, 5_000));
        lines.set(23, line(23, 200_000));
        List<JsonNode> first = stream("raised", "k", lines).jsons();
        assertEquals(413, first.get(11).get("error_code").asInt());
        assertEquals(413, first.get(23).get("error_code").asInt());
        assertEquals(38, stored("raised", 3).size());
        assertTrue200s(first, lines, stored("raised", 3));

        limit("raised", 1_000_000);
        Answer second = stream("raised", "k", lines);
        List<JsonNode> again = second.jsons();

        Map<String, Integer> stored = stored("raised", 3);
        assertEquals(40, stored.size());
        assertEquals(Set.of(200), Set.copyOf(statuses(again)));
        assertTrue200s(again, lines, stored);
        for (int i = 0; i < lines.size(); i++) {
            if (i != 11 && i != 23) {
                assertEquals(first.get(i), again.get(i));
            }
        }
        assertSame(again, stream("raised", "k", lines).jsons());
    }

    @Test
    void recordStoredFirstIsReportedStoredAlsoWhereTheLimitForbidsItNow() throws Exception {
        topic("lowered", 3, 1_000_000);
        List<String> lines = lines(40, 100);
        lines.set(11, line(11, 5_000));
        lines.set(23, line(23, 200_000));
        List<JsonNode> first = stream("lowered", "k", lines.subList(0, 30)).jsons();
        assertEquals(Set.of(200), Set.copyOf(statuses(first)));

        limit("lowered", 4_000);
        lines.set(35, line(35, 5_000));
        List<JsonNode> again = stream("lowered", "k", lines).jsons();

        assertSame(first, again.subList(0, 30));
        assertEquals(413, again.get(35).get("error_code").asInt());
        Map<String, Integer> stored = stored("lowered", 3);
        assertEquals(39, stored.size());
        assertTrue200s(again, lines, stored);
        assertSame(again, stream("lowered", "k", lines).jsons());
    }

    @Test
    void streamOfOtherContentIsRefusedFromTheRecordThatDiffers() throws Exception {
        topic("reused", 1, 1_000_000);
        List<String> lines = lines(3_000, 1_000);
        assertEquals(Set.of(200), Set.copyOf(statuses(stream("reused", "k", lines).jsons())));
        List<String> other = lines(3_200, 1_000);
        other.set(1_500, line(1_500, 999));

        List<JsonNode> reports = stream("reused", "k", other).jsons();

        List<Integer> statuses = statuses(reports);
        assertEquals(Set.of(200), Set.copyOf(statuses.subList(0, 1_500)));
        assertEquals(Set.of(422), Set.copyOf(statuses.subList(1_500, 3_200)));
        for (JsonNode report : reports.subList(1_500, 3_200)) {
            String message = report.get("message").asText();
            assertTrue(message.contains("Idempotency-Key"), message);
            assertTrue(message.contains("record 1501 "), message);
        }
        Map<String, Integer> stored = stored("reused", 1);
        assertEquals(3_000, stored.size());
        assertTrue200s(reports, other, stored);
    }

    @Test
    void anotherBodyOverAMegabyteIsRefusedAndAPrefixOrMoreOfTheSameIsNot() throws Exception {
        topic("large", 1, 1_000_000);
        String path = tenant.topic("large") + "/records";
        String[] headers = {"Content-Type", LINES, "Idempotency-Key", "k"};
        List<String> lines = lines(2_000, 1_000);
        Answer first = tenant.api().post(path, String.join("\n", lines), headers);
        Answer again = tenant.api().post(path, String.join("\n", lines), headers);
        assertSame(first.jsons(), again.jsons());
        Answer prefix = tenant.api().post(path, String.join("\n", lines.subList(0, 5)), headers);
        assertSame(first.jsons().subList(0, 5), prefix.jsons());

        String reversed = String.join("\n", lines.reversed());
        List<JsonNode> refused = tenant.api().post(path, reversed, headers).jsons();
        assertEquals(Set.of(422), Set.copyOf(statuses(refused)));
        assertEquals(2_000, stored("large", 1).size());

        List<String> longer = lines(2_001, 1_000);
        Answer more = tenant.api().post(path, String.join("\n", longer), headers);
        assertSame(first.jsons(), more.jsons().subList(0, 2_000));
        assertEquals(2_001, stored("large", 1).size());
    }

    @Test
    void keysAreKnownAfterAStopAndAStart() throws Exception {
        Path data = folder.resolve("restarted");
        Tenant before;
        List<JsonNode> first;
        List<String> lines = lines(2_500, 1_000);
        String[] headers = {"Content-Type", LINES, "Idempotency-Key", "large"};
        String[] single = {"Content-Type", LINES, "Idempotency-Key", "single"};
        Answer one;
        try (Service node = Service.start(data);
                Api its = Api.of(node)) {
            before = its.signUp("acme");
            before.createTopic("t", 2, Map.of("retention.ms", "-1"));
            String path = before.topic("t") + "/records";
            one = before.api().post(path, line(9_999, 10), single);
            first = before.api().post(path, String.join("\n", lines), headers).jsons();
            assertEquals(0, node.stop());
        }
        try (Service node = Service.start(data);
                Api its = Api.of(node)) {
            Api same = its.withAuthorization(before.api().authorization());
            String path = before.topic("t") + "/records";
            Answer replayed = same.post(path, line(9_999, 10), single);
            assertEquals(one.body(), replayed.body());
            assertEquals(Optional.of("true"), replayed.header("Idempotent-Replayed"));
            assertEquals(422, same.post(path, line(9_998, 10), single).status());
            assertSame(first, same.post(path, String.join("\n", lines), headers).jsons());
            lines.set(0, line(0, 1));
            List<JsonNode> other = same.post(path, String.join("\n", lines), headers).jsons();
            assertEquals(Set.of(422), Set.copyOf(statuses(other)));
            assertFalse(node.log().contains("Exception"), node.log());
        }
    }
}
