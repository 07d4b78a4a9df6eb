package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A consumer instance as its HTTP client sees it. */
record RestConsumer(Api api, String group, String name) {
    static final String V2 = "application/vnd.kafka.v2+json";

    /** Makes one; more are configs, such as {@code "format":"json"}. */
    static RestConsumer create(Api api, String group, String name, String more) throws IOException {
        Answer answer = make(api, group, name, more);
        check(answer, 200);
        return new RestConsumer(api, group, name);
    }

    static Answer make(Api api, String group, String name, String more) throws IOException {
        String body = "{\"name\":\"" + name + "\"" + (more.isEmpty() ? "" : "," + more) + "}";
        return api.post("/consumers/" + group, body, "Content-Type", V2);
    }

    /** Makes a topic with the values 0 to count - 1, in turn over its partitions. */
    static void topic(Tenant owner, String name, int partitions, int count) throws IOException {
        Answer made = owner.createTopic(name, partitions, Map.of());
        assertEquals(201, made.status(), made.body());
        produce(owner, name, partitions, 0, count);
    }

    static void produce(Tenant owner, String name, int partitions, int from, int to)
            throws IOException {
        if (from == to) {
            return;
        }
        List<String> records = new ArrayList<>();
        for (int i = from; i < to; i++) {
            records.add("{\"value\":" + i + ",\"partition\":" + i % partitions + "}");
        }
        Answer answer =
                owner.api()
                        .post(
                                "/topics/" + name,
                                "{\"records\":[" + String.join(",", records) + "]}",
                                "Content-Type",
                                "application/vnd.kafka.json.v2+json");
        assertEquals(200, answer.status(), answer.body());
        assertFalse(answer.body().contains("\"error\":\""), answer.body());
    }

    private static Answer check(Answer answer, int status) throws IOException {
        if (answer.status() != status) {
            throw new IOException(answer.status() + " " + answer.body());
        }
        return answer;
    }

    String path() {
        return "/consumers/" + group + "/instances/" + name;
    }

    Answer post(String what, String body) throws IOException {
        return api.post(path() + what, body, "Content-Type", V2);
    }

    RestConsumer subscribe(String... topics) throws IOException {
        Answer _ =
                check(
                        post(
                                "/subscription",
                                "{\"topics\":[\"" + String.join("\",\"", topics) + "\"]}"),
                        204);
        return this;
    }

    Answer records(String query) throws IOException {
        return api.get(path() + "/records" + query);
    }

    /** Polls once. */
    List<JsonNode> poll(int timeoutMillis) throws IOException {
        List<JsonNode> records = new ArrayList<>();
        check(records("?timeout=" + timeoutMillis), 200).json().forEach(records::add);
        return records;
    }

    List<String> assignment() throws IOException {
        List<String> partitions = new ArrayList<>();
        check(api.get(path() + "/assignments"), 200)
                .json()
                .get("partitions")
                .forEach(
                        one ->
                                partitions.add(
                                        one.get("topic").asText() + "-" + one.get("partition")));
        return partitions;
    }

    /** Commits all that was returned. */
    void commit() throws IOException {
        Answer _ = check(api.call("POST", path() + "/offsets", Optional.empty()), 204);
    }

    /** What is committed in a partition; -1 for nothing. */
    long committed(String topic, int partition) throws IOException {
        JsonNode offsets =
                check(api.get(path() + "/offsets?partitions=" + topic + ":" + partition), 200)
                        .json()
                        .get("offsets");
        return offsets.isEmpty() ? -1 : offsets.get(0).get("offset").asLong();
    }

    void delete() throws IOException {
        Answer _ = check(api.delete(path()), 204);
    }
}
