package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the resources say, above all when something is wrong. */
class AdminApiTest {
    private static final String JSON = "application/json";
    private static final String PROBLEM = "application/problem+json";

    @TempDir static Path folder;
    private static Service service;
    private static Api api;
    private static Tenant tenant;

    @BeforeAll
    static void start() throws Exception {
        service = Service.start(folder.resolve("data"), "--sign-up-rate=1000");
        api = Api.of(service);
        tenant = api.signUp("acme");
        tenant.createTopic("t", 1, Map.of());
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        service.close();
    }

    private static void assertRefused(Answer answer, String named) {
        assertEquals(400, answer.status(), answer.body());
        assertEquals(Optional.of(JSON), answer.header("Content-Type"), answer.body());
        JsonNode body = answer.json();
        assertTrue(body.get("error_code").asText().startsWith("400"), answer.body());
        String message = body.get("message").asText();
        assertTrue(message.contains(named), message);
        assertFalse(message.contains("java.") || message.contains("tributary"), message);
        assertFalse(message.contains("Source") || message.contains("reference chain"), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]|one JSON object",
                "\"x\"|one JSON object",
                "5|one JSON object",
                "{} {}|one JSON object",
                "{\"role\":\"boss\"}|role must be ADMIN or CLIENT",
                "{\"role\":\"OPERATOR\"}|role must be ADMIN or CLIENT",
                "{\"role\":1}|role must be ADMIN or CLIENT",
                "{\"role\":[]}|role must be ADMIN or CLIENT",
                "{\"description\":5}|description must be a string",
                "{\"description\":{}}|description must be a string",
                "{\"grants\":{}}|grants must be an array",
                "{\"grants\":\"x\"}|grants must be an array",
                "{\"grants\":[null]}|grants[0] must not be null",
                "{\"grants\":[5]}|grants[0] must be an object",
                "{\"grants\":[{\"operation\":\"eat\",\"topic\":\"t\"}]}|grants[0].operation must be"
                        + " PRODUCE",
                "{\"grants\":[{\"operation\":\"produce\",\"topic\":7}]}|grants[0].topic must be a"
                        + " string",
                "{\"grants\":[{\"operation\":\"produce\",\"x\":7}]}|grants[0].x",
                "{\"expires_at\":1e999}|expires_at must be a string",
                "{\"expires_at\":true}|expires_at must be a string",
                "{\"expires_at\":\"soon\"}|expires_at",
                "{\"role\":\"CLIENT\",\"role\":\"CLIENT\"}|role",
                "{\"role\":nul}|not valid JSON",
                "{\"role\"|not valid JSON"
            })
    void badKeyIsRefusedByTheNameOfItsField(String body, String named) throws Exception {
        assertRefused(tenant.api().post("/v1/api-keys", body), named);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "POST|/v1/tenants|{\"name\":5}|name must be a string",
                "POST|/v1/tenants|{\"name\":[]}|name must be a string",
                "POST|/v1/tenants|[]|one JSON object",
                "POST|TOPICS|{\"topic_name\":\"n\",\"partitions_count\":\"abc\"}|partitions_count"
                        + " must be a whole number",
                "POST|TOPICS|{\"topic_name\":\"n\",\"partitions_count\":1.5}|partitions_count must"
                        + " be a whole number",
                "POST|TOPICS|{\"topic_name\":\"n\",\"partitions_count\":99999999999}|partitions_count"
                    + " must be a whole number",
                "POST|TOPICS|{\"topic_name\":\"n\",\"partitions_count\":1e999}|partitions_count"
                        + " must be a whole number",
                "POST|TOPICS|{\"topic_name\":\"n\",\"validate_only\":\"maybe\"}|validate_only must"
                        + " be true or false",
                "POST|TOPICS|{\"topic_name\":\"n\",\"configs\":[null]}|configs[0] must not be null",
                "POST|TOPICS|{\"topic_name\":\"n\",\"configs\":{}}|configs must be an array",
                "POST|TOPICS/t/configs:alter|{\"data\":[{\"name\":\"segment.ms\",\"operation\":\"ADD\"}]}|data[0].operation"
                    + " must be SET or DELETE",
                "PUT|TOPICS/t/configs/segment.ms|{\"value\":{}}|value must be a string",
                "PATCH|TOPICS/t|{\"configs\":5}|configs must be an array",
                "PATCH|TOPICS/t|{\"configs\":[null]}|configs[0] must not be null",
                "PATCH|TOPICS/t|{\"partitions_count\":\"2\"}|partitions_count must be a whole"
                        + " number without quotes",
                "POST|TOPICS|{\"topic_name\":null}|topic_name is missing",
                "POST|TOPICS|{\"topic_name\":\"n\",\"partitions_count\":\"3\"}|partitions_count"
                        + " must be a whole number without quotes",
                "POST|TOPICS|{\"topic_name\":\"n\",\"partitions_count\":\"\"}|partitions_count must"
                        + " be a whole number without quotes",
                "POST|TOPICS|{\"topic_name\":\"n\",\"validate_only\":\"true\"}|validate_only must"
                        + " be true or false",
                "POST|TOPICS|{\"topic_name\":\"n\",\"validate_only\":1}|validate_only must be true"
                        + " or false",
                "POST|TOPICS|{\"topic_name\":\"n\",\"configs\":[{\"name\":null}]}|needs a name",
                "POST|TOPICS|{\"topic_name\":\"n\",\"configs\":[{\"name\":\"a\"}|not valid JSON",
                "POST|TOPICS/t/configs:alter|{\"data\":[null]}|data[0] must not be null",
                "POST|TOPICS/t/configs:alter|{\"data\":null}|data is missing",
                "POST|TOPICS/t/configs:alter|{\"data\":[{\"name\":\"segment.ms\",\"value\":5}]}|data[0].value"
                    + " must be a string",
                "PUT|TOPICS/t/configs/segment.ms|{\"value\":null}|value is missing",
                "POST|TOPICS/t/records|{\"headers\":[null]}|headers holds something",
                "POST|TOPICS/t/records|null|a record is an object",
                "POST|TOPICS/t/records|{\"value\":{\"type\":null}}|value.type is not a string",
                "POST|TOPICS/t/records|{\"value\":{\"type\":\"JSON\",\"data\":[}}|not valid JSON",
                "POST|TOPICS/t/records:batch|{\"entries\":[null]}|not an object",
                "POST|TOPICS/t/records:batch|{\"entries\":[{\"id\":\"1\"}|not valid JSON",
                "POST|TOPICS/t/partitions/0/records:delete|{\"before_offset\":null}|whole number",
                "POST|TOPICS/t/partitions/0/records:delete|{\"before_offset\":5|not valid JSON"
            })
    void badBodyOfAnyResourceIsRefusedByTheNameOfItsField(
            String method, String path, String body, String named) throws Exception {
        assertRefused(
                tenant.api()
                        .call(
                                method,
                                path.replace("TOPICS", tenant.cluster() + "/topics"),
                                Optional.of(body),
                                "Content-Type",
                                JSON),
                named);
    }

    @Test
    void unknownStateOfATenantIsRefusedWithThoseThereAre() throws Exception {
        Api operator = api.as(service.operatorKey());
        for (String state : List.of("\"GONE\"", "5", "{}")) {
            assertRefused(
                    operator.call(
                            "PATCH",
                            "/v1/tenants/" + tenant.tenantId(),
                            Optional.of("{\"state\":" + state + "}"),
                            "Content-Type",
                            JSON),
                    "state must be ACTIVE or SUSPENDED");
        }
        assertRefused(operator.get("/v1/tenants?page_size=many"), "page_size");
    }

    @Test
    void endlessNestingIsRefused() throws Exception {
        for (String path : List.of("/v1/tenants", "/v1/api-keys", tenant.cluster() + "/topics")) {
            assertRefused(tenant.api().post(path, "[".repeat(100_000)), "one JSON object");
            assertRefused(
                    tenant.api().post(path, "{\"x\":" + "[".repeat(100_000)), "nested too deep");
        }
        assertRefused(
                tenant.api()
                        .post(
                                tenant.cluster() + "/topics",
                                "{\"replicas_assignments\":" + "{\"a\":".repeat(100_000)),
                "replicas_assignments");
        assertRefused(
                tenant.api().post("/v1/tenants", "{\"name\":\"" + "x".repeat(100_000) + "\"}"),
                "too long");
    }

    @Test
    void keyIsAnsweredAsItWasMade() throws Exception {
        Answer made =
                tenant.api()
                        .post(
                                "/v1/api-keys",
                                "{\"description\":\"d\",\"role\":\"client\",\"expires_at\":"
                                        + "\"2999-01-01T00:00:00Z\",\"grants\":[{\"operation\":"
                                        + "\"produce\",\"pattern\":\"prefix\",\"topic\":\"in.\"},"
                                        + "{\"operation\":\"Manage\",\"topic\":\"t\"}]}");
        assertEquals(201, made.status(), made.body());
        JsonNode key = made.json();
        assertEquals("d", key.get("description").asText());
        assertEquals("CLIENT", key.get("role").asText());
        assertEquals("2999-01-01T00:00:00Z", key.get("expires_at").asText());
        assertEquals(
                "[{\"operation\":\"PRODUCE\",\"pattern\":\"PREFIX\",\"topic\":\"in.\"},"
                        + "{\"operation\":\"MANAGE\",\"pattern\":\"LITERAL\",\"topic\":\"t\"}]",
                key.get("grants").toString());
        for (JsonNode listed : tenant.api().get("/v1/api-keys").json().get("data")) {
            if (listed.get("id").equals(key.get("id"))) {
                assertEquals(key.get("grants"), listed.get("grants"));
                assertEquals(key.get("created_at"), listed.get("created_at"));
                return;
            }
        }
        throw new AssertionError("the key is not listed");
    }

    @Test
    void tokenMakesNoToken() throws Exception {
        Answer made = tenant.api().post("/v1/token", "");
        assertEquals(200, made.status());
        Answer again =
                api.withAuthorization("Bearer " + made.json().get("access_token").asText())
                        .post("/v1/token", "");
        assertEquals(403, again.status(), again.body());
        assertTrue(again.json().get("message").asText().contains("id and secret"), again.body());
    }

    @Test
    void whoAcceptsProblemsGetsThemAndPlainAnswersOtherwise() throws Exception {
        for (String accept : List.of(PROBLEM, PROBLEM + ", text/plain", JSON + ", " + PROBLEM)) {
            Answer good = tenant.api().get("/v1/api-keys", "Accept", accept);
            assertEquals(200, good.status(), good.body());
            assertEquals(JSON, good.header("Content-Type").orElseThrow().split(";", 2)[0]);
            for (String path :
                    List.of(
                            "/v1/tenants",
                            "/v1/tenants?page_size=0",
                            tenant.topic("none"),
                            "/v1/nothing",
                            tenant.partition("none") + "/records")) {
                Answer bad = tenant.api().get(path, "Accept", accept);
                assertEquals(Optional.of(PROBLEM), bad.header("Content-Type"), path);
                assertEquals(bad.status(), bad.json().get("status").asInt(), bad.body());
                for (String field : List.of("type", "title", "detail", "error_code")) {
                    assertTrue(bad.json().hasNonNull(field), bad.body());
                }
            }
        }
        Answer mismatch =
                tenant.api()
                        .post(
                                "/v1/api-keys",
                                "{\"role\":5}",
                                "Content-Type",
                                JSON,
                                "Accept",
                                PROBLEM);
        assertEquals(Optional.of(PROBLEM), mismatch.header("Content-Type"), mismatch.body());
        assertEquals(406, tenant.api().get("/v1/api-keys", "Accept", "image/png").status());
    }

    @Test
    void everyLinkLeadsSomewhere() throws Exception {
        String address = service.address();
        Deque<String> open = new ArrayDeque<>(List.of("/kafka/v3/clusters", "/v3/clusters"));
        Set<String> seen = new HashSet<>();
        while (!open.isEmpty()) {
            String path = open.remove();
            if (seen.add(path)) {
                Answer answer = tenant.api().get(path);
                assertEquals(200, answer.status(), path);
                for (String name : List.of("self", "related")) {
                    answer.json()
                            .findValuesAsText(name)
                            .forEach(link -> open.add(link.substring(address.length())));
                }
            }
        }
        assertTrue(seen.contains("/v3" + tenant.partition("t").substring(9) + "/replicas/0"));
    }

    @Test
    void everyRouteIsDescribedUnderBothRoots() throws Exception {
        JsonNode paths = api.get("/q/openapi", "Accept", JSON).json().get("paths");
        for (Map.Entry<String, JsonNode> path : paths.properties()) {
            if (path.getKey().startsWith("/kafka/v3/")) {
                JsonNode twin = paths.get(path.getKey().substring("/kafka".length()));
                assertTrue(twin != null, path.getKey());
                assertEquals(path.getValue().get("parameters"), twin.get("parameters"));
                assertEquals(path.getValue().at("/get/responses"), twin.at("/get/responses"));
                assertEquals(path.getValue().at("/post/requestBody"), twin.at("/post/requestBody"));
            }
        }
        String topic = "/v3/clusters/{cluster_id}/topics/{topic_name}";
        for (String route :
                List.of(
                        "/records",
                        "/records:batch",
                        "/partitions/{partition_id}/records",
                        "/partitions/{partition_id}/offset",
                        "/partitions/{partition_id}/tiers")) {
            assertTrue(paths.has(topic + route), route);
            assertTrue(paths.has("/kafka" + topic + route), route);
        }
    }

    @Test
    void rightCredentialsAreTakenFromAnAddressThatFailsTooOften() throws Exception {
        Answer refused = api.as("AAAAAAAAAAAAAAAA:wrong").get("/v1/tenants/self");
        assertEquals(401, refused.status());
        for (int i = 0; i < 400 && refused.status() == 401; i++) {
            refused = api.as("AAAAAAAAAAAAAAAA:wrong" + i).get("/v1/tenants/self");
        }
        assertEquals(429, refused.status(), "guessing is slowed down");
        assertTrue(refused.header("Retry-After").isPresent());
        // Whoever was never seen before is right all the same.
        Tenant neighbour = api.signUp("neighbour");
        assertEquals(200, neighbour.api().get("/v1/tenants/self").status());
        assertEquals(200, tenant.api().get("/v1/tenants/self").status());
    }
}
