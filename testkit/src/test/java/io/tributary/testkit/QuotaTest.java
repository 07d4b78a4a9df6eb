package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What plans and quotas do over HTTP, and how they are looked at and changed. */
class QuotaTest {
    private static final int MANY = 200;

    @TempDir Path folder;
    private Service service;
    private Api api;
    private Api operator;
    private Tenant tenant;

    @BeforeEach
    void start() throws Exception {
        Path plans =
                Files.writeString(
                        folder.resolve("plans"),
                        """
                        tiny  topics=2 partitions=5 api_keys=2
                        pro   requests_per_second=unlimited
                        """);
        service = Service.start(folder.resolve("data"), "--plans=" + plans);
        api = Api.of(service);
        operator = api.as(service.operatorKey());
        tenant = api.signUp("acme");
    }

    @AfterEach
    void stop() throws Exception {
        api.close();
        service.close();
    }

    private void quotas(Tenant of, String quotas) throws IOException {
        Answer answer =
                operator.put(
                        "/v1/tenants/" + of.tenantId() + "/quotas", "{\"quotas\":" + quotas + "}");
        assertEquals(200, answer.status(), answer.body());
        settle();
    }

    /** What was said of quotas holds within a second. */
    private static void settle() {
        Awaitility.await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
    }

    private Answer own() throws IOException {
        return tenant.api().get("/v1/tenants/self/quotas");
    }

    /** Calls until the answer is a refusal. */
    private Answer refusal(Api as, String path, String... headers) throws IOException {
        for (int i = 0; i < MANY; i++) {
            Answer answer = as.get(path, headers);
            if (answer.status() != 200) {
                return answer;
            }
        }
        throw new AssertionError("all of " + MANY + " requests passed");
    }

    @Test
    void requestBeyondTheRateIsToldWhenItMayComeAgainAndThenPasses() throws Exception {
        quotas(tenant, "{\"requests_per_second\":5}");
        Answer refused = refusal(tenant.api(), tenant.cluster() + "/topics");
        assertEquals(429, refused.status());
        assertEquals(42903, refused.json().get("error_code").asInt());
        String message = refused.json().get("message").asText();
        assertTrue(
                message.matches(
                        "The tenant's quota requests_per_second of 5 is used up: the rate is \\d+"
                                + "\\. It clears in 1 s\\."),
                message);
        assertEquals(Optional.of("1"), refused.header("Retry-After"));
        assertEquals(Optional.of("5"), refused.header("X-RateLimit-Limit"));
        Answer problem =
                refusal(
                        tenant.api(),
                        tenant.cluster() + "/topics",
                        "Accept",
                        "application/problem+json");
        assertEquals(Optional.of("application/problem+json"), problem.header("Content-Type"));
        assertEquals(429, problem.json().get("status").asInt());
        Awaitility.await()
                .atMost(Duration.ofSeconds(2))
                .until(() -> tenant.api().get(tenant.cluster() + "/topics").status() == 200);
        Tenant other = api.signUp("other");
        for (int i = 0; i < 50; i++) {
            assertEquals(200, other.api().get(other.cluster() + "/topics").status());
        }
        // The operator, health and metrics have no quotas.
        String metrics = operator.get("/q/metrics").body();
        assertTrue(
                metrics.contains("tributary_quota_refused_total{quota=\"requests_per_second\"}"),
                metrics);
    }

    @Test
    void operatorsChangeHoldsWithinASecondAndIsSeenByTheTenant() throws Exception {
        JsonNode before = own().json();
        assertEquals("default", before.get("plan").asText());
        assertEquals(50_000, before.get("quotas").get("requests_per_second").asInt());
        quotas(tenant, "{\"requests_per_second\":1}");
        Answer refused = refusal(tenant.api(), "/v1/tenants/self/quotas");
        assertEquals(429, refused.status());
        quotas(tenant, "{\"requests_per_second\":\"unlimited\",\"connections\":7}");
        Awaitility.await().atMost(Duration.ofSeconds(1)).until(() -> own().status() == 200);
        for (int i = 0; i < 50; i++) {
            assertEquals(200, own().status());
        }
        JsonNode after = own().json();
        assertEquals("unlimited", after.get("own_quotas").get("requests_per_second").asText());
        assertEquals("unlimited", after.get("quotas").get("requests_per_second").asText());
        assertEquals(7, after.get("quotas").get("connections").asInt());
        assertTrue(after.get("usage").get("requests_per_second").asInt() > 10, after.toString());
        assertEquals(1, after.get("usage").get("api_keys").asInt());
        assertEquals(403, tenant.api().put("/v1/tenants/self/quotas", "{\"quotas\":{}}").status());
        assertEquals(
                403, tenant.api().get("/v1/tenants/" + tenant.tenantId() + "/quotas").status());
    }

    @Test
    void planLimitsTopicsPartitionsAndKeys() throws Exception {
        assertEquals(400, plan("gone").status());
        assertEquals(200, plan("tiny").status());
        assertEquals(201, tenant.createTopic("a", 3, Map.of()).status());
        Answer partitions = tenant.createTopic("b", 3, Map.of());
        assertEquals(403, partitions.status());
        assertTrue(partitions.body().contains("5 partitions"), partitions.body());
        assertEquals(201, tenant.createTopic("b", 1, Map.of()).status());
        Answer topics = tenant.createTopic("c", 1, Map.of());
        assertEquals(403, topics.status());
        assertTrue(topics.body().contains("as many topics as it may: 2"), topics.body());
        assertEquals(201, tenant.api().post("/v1/api-keys", "{}").status());
        Answer keys = tenant.api().post("/v1/api-keys", "{}");
        assertEquals(403, keys.status());
        assertTrue(keys.body().contains("as many API keys as it may: 2"), keys.body());
        JsonNode usage = own().json().get("usage");
        assertEquals(2, usage.get("topics").asInt());
        assertEquals(4, usage.get("partitions").asInt());
        assertEquals(2, usage.get("api_keys").asInt());
        assertEquals(200, plan("pro").status());
        assertEquals(201, tenant.createTopic("c", 10, Map.of()).status());
        JsonNode plans = operator.get("/v1/plans").json().get("data");
        assertEquals(3, plans.size());
        assertEquals(403, tenant.api().get("/v1/plans").status());
    }

    private Answer plan(String name) throws IOException {
        return operator.put(
                "/v1/tenants/" + tenant.tenantId() + "/quotas",
                "{\"plan\":\"" + name + "\",\"quotas\":{}}");
    }

    private Answer keyQuotas(Api as, String keyId, String quotas) throws IOException {
        return as.put("/v1/api-keys/" + keyId + "/quotas", "{\"quotas\":" + quotas + "}");
    }

    @Test
    void keysQuotaLiesWithinItsTenantsAndLimitsThatKeyAlone() throws Exception {
        quotas(tenant, "{\"requests_per_second\":100}");
        JsonNode key = tenant.api().post("/v1/api-keys", "{\"role\":\"ADMIN\"}").json();
        String id = key.get("id").asText();
        Api limited = api.as(id + ":" + key.get("secret").asText());
        Answer beyond = keyQuotas(tenant.api(), id, "{\"requests_per_second\":101}");
        assertEquals(400, beyond.status());
        assertTrue(beyond.body().contains("more than the tenant's: 100"), beyond.body());
        assertEquals(400, keyQuotas(tenant.api(), id, "{\"topics\":1}").status());
        assertEquals(400, keyQuotas(tenant.api(), id, "{\"requests_per_second\":0}").status());
        assertEquals(400, keyQuotas(tenant.api(), id, "{\"request\":1}").status());
        assertEquals(404, keyQuotas(tenant.api(), "AAAAAAAAAAAAAAAA", "{}").status());
        Tenant other = api.signUp("other");
        assertEquals(404, keyQuotas(other.api(), id, "{}").status());
        Answer set = keyQuotas(tenant.api(), id, "{\"requests_per_second\":2}");
        assertEquals(200, set.status(), set.body());
        assertEquals(2, set.json().get("quotas").get("requests_per_second").asInt());
        settle();
        Answer refused = refusal(limited, tenant.cluster() + "/topics");
        assertEquals(429, refused.status());
        assertTrue(refused.body().contains("The API key's quota"), refused.body());
        assertEquals(200, tenant.api().get(tenant.cluster() + "/topics").status());
        Answer byOperator =
                operator.put(
                        "/v1/tenants/" + tenant.tenantId() + "/api-keys/" + id + "/quotas",
                        "{\"quotas\":{}}");
        assertEquals(200, byOperator.status(), byOperator.body());
        assertEquals(100, byOperator.json().get("quotas").get("requests_per_second").asInt());
    }

    @Test
    void streamIsSlowedAndKeepsEveryRecord() throws Exception {
        assertEquals(201, tenant.createTopic("t", 1, Map.of()).status());
        int rate = 256 << 10;
        quotas(tenant, "{\"produce_bytes_per_second\":" + rate + "}");
        String line = "\"" + "x".repeat(1_021) + "\"\n";
        int lines = 1_024;
        long begin = System.nanoTime();
        HttpRequest request =
                tenant.api()
                        .request(
                                tenant.topic("t") + "/records",
                                "Content-Type",
                                "application/x-ndjson")
                        .POST(
                                HttpRequest.BodyPublishers.fromPublisher(
                                        HttpRequest.BodyPublishers.ofString(line.repeat(lines))))
                        .build();
        HttpResponse<String> answer =
                tenant.api().send(request, HttpResponse.BodyHandlers.ofString());
        double seconds = (System.nanoTime() - begin) / 1e9;
        assertEquals(200, answer.statusCode());
        List<String> reports = answer.body().lines().toList();
        assertEquals(lines, reports.size());
        assertTrue(reports.stream().allMatch(one -> one.startsWith("{\"error_code\":200,")));
        // A mebibyte at a quarter of it a second, the first second's of which was saved.
        assertTrue(seconds > 2 && seconds < 10, seconds + " s");
        Answer next =
                tenant.api()
                        .post(
                                tenant.topic("t") + "/records",
                                "{\"value\":{\"type\":\"JSON\",\"data\":1}}");
        assertTrue(next.status() == 200 || next.status() == 429, next.body());
    }

    @Test
    void produceBeyondTheRateIsRefusedAndReadersWaitOrAreRefused() throws Exception {
        assertEquals(201, tenant.createTopic("t", 1, Map.of()).status());
        String record = "{\"value\":{\"type\":\"STRING\",\"data\":\"" + "x".repeat(20_000) + "\"}}";
        quotas(tenant, "{\"produce_bytes_per_second\":10000,\"fetch_bytes_per_second\":10000}");
        String path = tenant.topic("t") + "/records";
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            answers.add(tenant.api().post(path, record));
        }
        assertTrue(answers.stream().anyMatch(one -> one.status() == 200));
        Answer refused =
                answers.stream().filter(one -> one.status() == 429).findFirst().orElseThrow();
        assertEquals(42901, refused.json().get("error_code").asInt());
        assertTrue(refused.header("Retry-After").isPresent());
        String partition = tenant.partition("t") + "/records";
        assertEquals(200, tenant.api().get(partition).status());
        Answer tooSoon = tenant.api().get(partition);
        assertEquals(429, tooSoon.status());
        assertEquals(42902, tooSoon.json().get("error_code").asInt());
        Answer patient = tenant.api().get(partition + "?wait_ms=10000");
        assertEquals(200, patient.status());
        assertTrue(patient.json().get("records").size() > 0, patient.body());
    }

    @Test
    void restProxysProduceAndPollsCountToo() throws Exception {
        assertEquals(201, tenant.createTopic("t", 1, Map.of()).status());
        RestConsumer consumer =
                RestConsumer.create(
                        tenant.api(), "g", "text", "\"auto.offset.reset\":\"earliest\"");
        consumer.subscribe("t");
        String body = "{\"records\":[{\"value\":\"" + "x".repeat(20_000) + "\"}]}";
        String[] type = {"Content-Type", "application/vnd.kafka.json.v2+json"};
        quotas(tenant, "{\"produce_bytes_per_second\":10000,\"fetch_bytes_per_second\":10000}");
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            answers.add(tenant.api().post("/topics/t", body, type));
        }
        assertEquals(200, answers.getFirst().status(), answers.getFirst().body());
        Answer refused =
                answers.stream().filter(one -> one.status() == 429).findFirst().orElseThrow();
        assertEquals(42901, refused.json().get("error_code").asInt());
        Answer polled = consumer.records("?timeout=10000");
        assertTrue(polled.json().size() > 0, polled.body());
        Answer tooSoon = consumer.records("?timeout=0");
        assertEquals(429, tooSoon.status(), tooSoon.body());
        assertEquals(42902, tooSoon.json().get("error_code").asInt());
        assertTrue(tooSoon.header("Retry-After").isPresent());
        assertEquals(200, consumer.records("?timeout=10000").status());
    }

    @Test
    void streamsBeyondTheNumberOfConnectionsAreRefusedUntilOneEnds() throws Exception {
        assertEquals(201, tenant.createTopic("t", 1, Map.of()).status());
        quotas(tenant, "{\"connections\":2}");
        String[] events = {"Accept", "text/event-stream"};
        String path = tenant.partition("t") + "/records";
        HttpResponse<InputStream> first = stream(path, events);
        HttpResponse<InputStream> second = stream(path, events);
        assertEquals(200, first.statusCode());
        assertEquals(200, second.statusCode());
        // The quota holds within a second; a third that came before is gone a little later.
        String refusal =
                Awaitility.await()
                        .atMost(Duration.ofSeconds(10))
                        .until(
                                () -> refusal(path, events),
                                text -> text.contains("of 2 is used up: there are 2."));
        assertTrue(refusal.contains("\"error_code\":42904"), refusal);
        assertTrue(refusal.contains("quota connections of 2"), refusal);
        assertEquals(2, own().json().get("usage").get("connections").asInt());
        first.body().close();
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> own().json().get("usage").get("connections").asInt() == 1);
        HttpResponse<InputStream> again = stream(path, events);
        assertEquals(200, again.statusCode());
        again.body().close();
        second.body().close();
    }

    /** Why a stream is refused; nothing where it is not. */
    private String refusal(String path, String... headers) throws IOException {
        HttpResponse<InputStream> response = stream(path, headers);
        try (InputStream body = response.body()) {
            return response.statusCode() == 429
                    ? new String(body.readAllBytes(), StandardCharsets.UTF_8)
                    : "";
        }
    }

    private HttpResponse<InputStream> stream(String path, String... headers) throws IOException {
        HttpResponse<InputStream> response =
                tenant.api()
                        .send(
                                tenant.api().request(path, headers).build(),
                                HttpResponse.BodyHandlers.ofInputStream());
        return response;
    }

    @Test
    void startWithAPlanThatCannotBeSaysWhy() throws Exception {
        Path wrong = Files.writeString(folder.resolve("wrong"), "free topics=many\n");
        IOException refused =
                assertThrows(
                        IOException.class,
                        () -> Service.start(folder.resolve("other"), "--plans=" + wrong));
        assertTrue(
                refused.getMessage()
                        .contains("line 1: topics is neither a whole number nor unlimited: many"),
                refused.getMessage());
    }
}
