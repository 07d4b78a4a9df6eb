package io.tributary.testkit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How records are read: at once, when they come, as lines, as events, from a time. */
class FetchTest {
    private static final String[] TIMES = {
        "2021-02-05T19:14:42Z", "2021-02-05T19:14:43Z", "2021-02-05T19:14:44Z"
    };

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

    /** A topic whose one partition holds a record of each time, its offset as its value. */
    private static String filled(String topic) throws IOException {
        tenant.createTopic(topic, 1, Map.of("retention.ms", "-1"));
        for (int i = 0; i < TIMES.length; i++) {
            produce(topic, "\"timestamp\":\"" + TIMES[i] + "\",", Integer.toString(i));
        }
        return tenant.partition(topic) + "/records";
    }

    private static void produce(String topic, String fields, String value) throws IOException {
        Answer answer =
                tenant.api()
                        .post(
                                tenant.topic(topic) + "/records",
                                "{"
                                        + fields
                                        + "\"value\":{\"type\":\"JSON\",\"data\":"
                                        + value
                                        + "}}");
        assertEquals(200, answer.status(), answer.body());
    }

    private static List<Long> offsets(Answer answer) {
        assertEquals(200, answer.status(), answer.body());
        return answer.json()
                .get("records")
                .valueStream()
                .map(r -> r.get("offset").asLong())
                .toList();
    }

    @Test
    void longPollReturnsWithTheFirstRecordAndNotBefore() throws Exception {
        String records = filled("poll");
        CompletableFuture<Answer> poll =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return tenant.api().get(records + "?offset=latest&wait_ms=30000");
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
        await().during(Duration.ofMillis(700)).until(() -> !poll.isDone());
        produce("poll", "", "3");
        assertEquals(List.of(3L), offsets(poll.get(2, TimeUnit.SECONDS)));
    }

    @Test
    void longPollWithoutARecordReturnsEmptyAfterItsTime() throws Exception {
        String records = filled("quiet");
        long begin = System.nanoTime();
        Answer answer = tenant.api().get(records + "?offset=latest&wait_ms=700");
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        assertEquals(List.of(), offsets(answer));
        assertEquals(3, answer.json().get("next_offset").asLong());
        assertTrue(took.toMillis() >= 700 && took.toMillis() < 10_000, took.toString());
    }

    @Test
    void linesHoldOneRecordEachAndTheOffsetsAreHeaders() throws Exception {
        String records = filled("lines");
        assertEquals(200, tenant.api().post(records + ":delete", "{\"before_offset\":1}").status());
        Answer answer = tenant.api().get(records, "Accept", "application/x-ndjson");
        assertEquals(Optional.of("application/x-ndjson"), answer.header("Content-Type"));
        assertEquals(2, answer.body().lines().count());
        assertEquals(
                List.of(1L, 2L),
                answer.jsons().stream().map(record -> record.get("offset").asLong()).toList());
        assertEquals(1, answer.jsons().getFirst().at("/value/data").asInt());
        assertEquals(Optional.of("3"), answer.header("X-Next-Offset"));
        assertEquals(Optional.of("3"), answer.header("X-High-Watermark"));
        assertEquals(Optional.of("1"), answer.header("X-Log-Start-Offset"));
    }

    @Test
    void eventsGoOnRightBehindTheLastOneSeen() throws Exception {
        String records = filled("events");
        HttpRequest request =
                tenant.api()
                        .request(records, "Accept", "text/event-stream", "Last-Event-ID", "0-0")
                        .build();
        try (Stream<String> lines = tenant.api().send(request, BodyHandlers.ofLines()).body()) {
            var ids = lines.filter(line -> line.startsWith("id: ")).iterator();
            assertEquals("id: 0-1", ids.next());
            assertEquals("id: 0-2", ids.next());
            produce("events", "", "3");
            assertEquals("id: 0-3", ids.next());
        }
        for (String strange : List.of("1-0", "0-", "x", "0--5")) {
            Answer answer =
                    tenant.api()
                            .get(records, "Accept", "text/event-stream", "Last-Event-ID", strange);
            assertEquals(400, answer.status(), strange);
        }
    }

    @Test
    void timeIsFoundInTheLogAndInTheObjectStore() throws Exception {
        String records = filled("times");
        for (boolean tiered : new boolean[] {false, true}) {
            if (tiered) {
                Api operator = api.as(service.operatorKey());
                assertEquals(200, operator.post("/v1/operator/flush", "").status());
                assertEquals(200, operator.post("/v1/operator/drop-local-cache", "").status());
            }
            assertEquals(List.of(0L, 1L, 2L), at(records, "2020-01-01T00:00:00Z"));
            assertEquals(List.of(1L, 2L), at(records, TIMES[1]));
            assertEquals(List.of(1L, 2L), at(records, "1612552483000"));
            assertEquals(List.of(2L), at(records, "2021-02-05T19:14:43.001Z"));
            assertEquals(List.of(), at(records, "2021-02-05T19:14:45Z"));
        }
        assertEquals(400, tenant.api().get(records + "?timestamp=noon").status());
        assertEquals(400, tenant.api().get(records + "?timestamp=1&offset=1").status());
    }

    private static List<Long> at(String records, String time) throws IOException {
        return offsets(tenant.api().get(records + "?timestamp=" + time));
    }

    @Test
    void folderThatWasMovedAwayIsToldAndNothingIsTakenForLost() throws Exception {
        String records = filled("away");
        Api operator = api.as(service.operatorKey());
        assertEquals(200, operator.post("/v1/operator/flush", "").status());
        produce("away", "", "3");
        Path store = service.data().resolve("object-store");
        Path moved = service.data().resolve("moved");
        Files.move(store, moved);
        try {
            for (String call : List.of("flush", "scrub", "flush")) {
                long begin = System.nanoTime();
                Answer answer = operator.post("/v1/operator/" + call, "");
                Duration took = Duration.ofNanos(System.nanoTime() - begin);
                assertEquals(503, answer.status(), answer.body());
                assertTrue(answer.header("Retry-After").isPresent());
                String message = answer.json().get("message").asText();
                assertTrue(message.startsWith("The object store cannot be used: "), message);
                assertTrue(took.toSeconds() < 30, took.toString());
                assertEquals(call.equals("flush"), message.contains("shard 0: "), message);
            }
            assertEquals(200, operator.post("/v1/operator/drop-local-cache", "").status());
            Answer cold = tenant.api().get(records);
            assertEquals(503, cold.status(), cold.body());
        } finally {
            Files.move(moved, store);
        }
        await().atMost(30, TimeUnit.SECONDS)
                .until(() -> operator.post("/v1/operator/flush", "").status() == 200);
        assertEquals(List.of(0L, 1L, 2L, 3L), offsets(tenant.api().get(records)));
        Answer scrub = operator.post("/v1/operator/scrub", "");
        assertEquals(0, scrub.json().get("missing").size(), scrub.body());
        assertFalse(scrub.json().get("live").asInt() == 0, scrub.body());
    }
}
