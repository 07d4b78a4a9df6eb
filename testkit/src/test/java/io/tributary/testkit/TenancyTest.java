package io.tributary.testkit;

import static org.awaitility.Awaitility.await;
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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TenancyTest {
    @TempDir static Path folder;
    private static Service service;
    private static Api api;
    private static Tenant a;
    private static Tenant b;

    @BeforeAll
    static void start() throws Exception {
        service = Service.start(folder.resolve("data"));
        api = Api.of(service);
        a = api.signUp("same name");
        b = api.signUp("same name");
        for (Tenant tenant : List.of(a, b)) {
            assertEquals(201, tenant.createTopic("orders", 1, Map.of()).status());
            produce(tenant, "orders", "of " + tenant.tenantId());
        }
        assertEquals(201, b.createTopic("only-b", 1, Map.of()).status());
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        service.close();
    }

    private static Answer produce(Tenant tenant, String topic, String value) throws IOException {
        return tenant.api()
                .post(
                        tenant.topic(topic) + "/records",
                        "{\"value\":{\"type\":\"STRING\",\"data\":\"" + value + "\"}}");
    }

    private record Call(String method, String path, String body) {}

    /** Every route that names a cluster, a topic or a key. */
    private static List<Call> calls(String root, String cluster, String topic) {
        String c = root + "/clusters/" + cluster;
        String t = c + "/topics/" + topic;
        return List.of(
                new Call("GET", c, null),
                new Call("GET", c + "/topics", null),
                new Call("POST", c + "/topics", "{\"topic_name\":\"new\"}"),
                new Call("GET", c + "/topics/-/configs", null),
                new Call("GET", t, null),
                new Call("PATCH", t, "{\"configs\":[{\"name\":\"retention.ms\",\"value\":\"5\"}]}"),
                new Call("DELETE", t, null),
                new Call("GET", t + "/configs", null),
                new Call("GET", t + "/configs/retention.ms", null),
                new Call("PUT", t + "/configs/retention.ms", "{\"value\":\"5\"}"),
                new Call("DELETE", t + "/configs/retention.ms", null),
                new Call("POST", t + "/configs:alter", "{\"data\":[]}"),
                new Call("GET", t + "/partitions", null),
                new Call("GET", t + "/partitions/0", null),
                new Call("GET", t + "/partitions/0/replicas", null),
                new Call("GET", t + "/partitions/0/offset", null),
                new Call("GET", t + "/partitions/0/tiers", null),
                new Call("GET", t + "/partitions/0/records", null),
                new Call("POST", t + "/records", "{}"),
                new Call("POST", t + "/records:batch", "{\"entries\":[{\"id\":\"1\"}]}"));
    }

    private static Answer make(Api as, Call call) throws IOException {
        return as.call(
                call.method(),
                call.path(),
                Optional.ofNullable(call.body()),
                "Content-Type",
                "application/json");
    }

    @Test
    void anotherTenantsClusterIsLikeOneThatDoesNotExist() throws Exception {
        for (String root : List.of("/kafka/v3", "/v3")) {
            List<Call> foreign = calls(root, b.clusterId(), "orders");
            List<Call> missing = calls(root, "lc-aaaaaaaaaaaaaaaa", "orders");
            for (int i = 0; i < foreign.size(); i++) {
                Answer told = make(a.api(), foreign.get(i));
                assertEquals(404, told.status(), foreign.get(i) + " " + told.body());
                assertEquals(make(a.api(), missing.get(i)).body(), told.body());
            }
        }
        assertEquals(1, b.readAll("orders", 0, "string").size());
    }

    @Test
    void anotherTenantsTopicIsLikeOneThatDoesNotExist() throws Exception {
        List<Call> foreign = calls("/v3", a.clusterId(), "only-b");
        List<Call> missing = calls("/v3", a.clusterId(), "nobodys");
        for (int i = 4; i < foreign.size(); i++) {
            Answer told = make(a.api(), foreign.get(i));
            assertEquals(404, told.status(), foreign.get(i) + " " + told.body());
            assertEquals(make(a.api(), missing.get(i)).body(), told.body());
        }
    }

    @Test
    void sameNamesHoldEachTenantsOwnRecords() throws Exception {
        for (Tenant tenant : List.of(a, b)) {
            List<JsonNode> records = tenant.readAll("orders", 0, "string");
            assertEquals("of " + tenant.tenantId(), records.getFirst().at("/value/data").asText());
            String listed = tenant.api().get(tenant.cluster() + "/topics").body();
            assertFalse(listed.contains(tenant.equals(a) ? b.clusterId() : a.clusterId()));
        }
        assertFalse(a.api().get(a.cluster() + "/topics").body().contains("only-b"));
        assertFalse(a.api().get("/v1/api-keys").body().contains(b.keyId()));
        assertEquals(404, a.api().delete("/v1/api-keys/" + b.keyId()).status());
    }

    @Test
    void tenantsCannotDoWhatIsTheOperators() throws Exception {
        for (Call call :
                List.of(
                        new Call("GET", "/v1/tenants", null),
                        new Call("GET", "/v1/tenants/" + b.tenantId(), null),
                        new Call("DELETE", "/v1/tenants/" + b.tenantId(), null),
                        new Call(
                                "PATCH",
                                "/v1/tenants/" + b.tenantId(),
                                "{\"state\":\"SUSPENDED\"}"),
                        new Call("POST", "/v1/operator/flush", null),
                        new Call("POST", "/v1/operator/drop-local-cache", null),
                        new Call("GET", "/v1/operator/scrub", null),
                        new Call("POST", "/v1/operator/scrub", null))) {
            assertEquals(403, make(a.api(), call).status(), call.toString());
            assertEquals(401, make(api, call).status(), call.toString());
        }
    }

    private static String key(Tenant tenant, String body) throws IOException {
        JsonNode made = tenant.api().post("/v1/api-keys", body).json();
        return made.get("id").asText() + ":" + made.get("secret").asText();
    }

    @Test
    void clientKeyDoesWhatItsGrantsSayAndNoMore() throws Exception {
        Tenant tenant = api.signUp("grants");
        tenant.createTopic("in.a", 1, Map.of());
        tenant.createTopic("out", 1, Map.of());
        tenant.createTopic("hidden", 1, Map.of());
        Api client =
                api.as(
                        key(
                                tenant,
                                "{\"role\":\"CLIENT\",\"grants\":["
                                    + "{\"operation\":\"PRODUCE\",\"pattern\":\"PREFIX\",\"topic\":\"in.\"},"
                                    + "{\"operation\":\"CONSUME\",\"topic\":\"out\"}]}"));
        String body = "{\"value\":{\"type\":\"STRING\",\"data\":\"x\"}}";
        assertEquals(200, client.post(tenant.topic("in.a") + "/records", body).status());
        assertEquals(200, client.get(tenant.partition("out") + "/records").status());
        Answer denied = client.post(tenant.topic("out") + "/records", body);
        assertEquals(403, denied.status());
        assertEquals(40301, denied.json().get("error_code").asInt());
        assertEquals(403, client.get(tenant.partition("in.a") + "/records").status());
        assertEquals(404, client.get(tenant.partition("hidden") + "/records").status());
        assertEquals(403, client.delete(tenant.topic("out")).status());
        assertEquals(403, client.get("/v1/api-keys").status());
        String listed = client.get(tenant.cluster() + "/topics").body();
        assertTrue(listed.contains("in.a") && !listed.contains("hidden"));
    }

    @Test
    void revokedKeyItsTokensAndItsStreamsEndWithinASecond() throws Exception {
        Tenant tenant = api.signUp("revoked");
        tenant.createTopic("t", 1, Map.of());
        String key =
                key(
                        tenant,
                        "{\"role\":\"CLIENT\",\"grants\":["
                            + "{\"operation\":\"CONSUME\",\"pattern\":\"PREFIX\",\"topic\":\"\"}]}");
        Api client = api.as(key);
        Api bearer =
                api.withAuthorization(
                        "Bearer "
                                + client.post("/v1/token", "").json().get("access_token").asText());
        assertEquals(200, client.get(tenant.topic("t")).status());
        assertEquals(200, bearer.get(tenant.topic("t")).status());
        var stream =
                client.send(
                        client.request(
                                        tenant.partition("t") + "/records",
                                        "Accept",
                                        "text/event-stream")
                                .build(),
                        java.net.http.HttpResponse.BodyHandlers.ofLines());
        assertEquals(200, stream.statusCode());
        assertEquals(
                204,
                tenant.api().delete("/v1/api-keys/" + key.substring(0, key.indexOf(':'))).status());
        await().atMost(1, TimeUnit.SECONDS)
                .until(() -> client.get(tenant.topic("t")).status() == 401);
        assertEquals(401, bearer.get(tenant.topic("t")).status());
        // The stream ends, which its reader sees as the end of the lines.
        assertTrue(stream.body().anyMatch(line -> line.contains("401")));
    }

    @Test
    void suspendedTenantIsRefusedAndGoesOnLater() throws Exception {
        Api operator = api.as(service.operatorKey());
        Tenant tenant = api.signUp("suspended");
        String path = "/v1/tenants/" + tenant.tenantId();
        String json = "application/json";
        assertEquals(
                200,
                operator.call(
                                "PATCH",
                                path,
                                Optional.of("{\"state\":\"SUSPENDED\"}"),
                                "Content-Type",
                                json)
                        .status());
        assertEquals(403, tenant.api().get("/v1/tenants/self").status());
        operator.call("PATCH", path, Optional.of("{\"state\":\"ACTIVE\"}"), "Content-Type", json);
        assertEquals(200, tenant.api().get("/v1/tenants/self").status());
        assertEquals(409, tenant.api().delete("/v1/api-keys/" + tenant.keyId()).status());
        assertEquals(204, operator.delete(path).status());
        assertEquals(404, operator.get(path).status());
    }
}
