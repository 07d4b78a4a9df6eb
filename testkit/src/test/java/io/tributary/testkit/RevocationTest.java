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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes on for long ends when its right does, within a second. */
class RevocationTest {
    private static final String JSON = "application/json";
    private static final Duration BRIEF = Duration.ofSeconds(3);

    @TempDir static Path folder;
    private static Service service;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        service =
                Service.start(folder.resolve("data"), "--sign-up-rate=1000", "--token-lifetime=3s");
        api = Api.of(service);
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        service.close();
    }

    /** How a right ends, and what is said then. */
    enum End {
        KEY_REVOKED(401) {
            @Override
            void happen(Tenant tenant, String keyId) throws IOException {
                assertEquals(204, tenant.api().delete("/v1/api-keys/" + keyId).status());
            }
        },
        TENANT_SUSPENDED(403) {
            @Override
            void happen(Tenant tenant, String keyId) throws IOException {
                Answer answer =
                        api.as(service.operatorKey())
                                .call(
                                        "PATCH",
                                        "/v1/tenants/" + tenant.tenantId(),
                                        Optional.of("{\"state\":\"suspended\"}"),
                                        "Content-Type",
                                        JSON);
                assertEquals(200, answer.status(), answer.body());
            }
        },
        TENANT_DELETED(401) {
            @Override
            void happen(Tenant tenant, String keyId) throws IOException {
                assertEquals(204, tenant.api().delete("/v1/tenants/self").status());
            }
        },
        TOPIC_DELETED(40403) {
            @Override
            void happen(Tenant tenant, String keyId) throws IOException {
                assertEquals(204, tenant.api().delete(tenant.topic("t")).status());
            }
        };

        private final int errorCode;

        End(int errorCode) {
            this.errorCode = errorCode;
        }

        abstract void happen(Tenant tenant, String keyId) throws IOException;
    }

    private record Client(String keyId, Api api) {}

    /** A tenant with a topic {@code t}. */
    private static Tenant tenant() throws IOException {
        Tenant tenant = api.signUp("acme");
        assertEquals(201, tenant.createTopic("t", 1, Map.of()).status());
        return tenant;
    }

    /** One that may produce and consume. */
    private static Client client(Tenant tenant) throws IOException {
        JsonNode key =
                tenant.api()
                        .post(
                                "/v1/api-keys",
                                "{\"grants\":[{\"operation\":\"produce\",\"topic\":\"t\"},"
                                        + "{\"operation\":\"consume\",\"topic\":\"t\"}]}")
                        .json();
        String id = key.get("id").asText();
        return new Client(id, api.as(id + ":" + key.get("secret").asText()));
    }

    private static Pieces stream(Api as, Tenant tenant) throws IOException {
        return new Pieces(
                service, as, tenant.topic("t") + "/records", "Transfer-Encoding: chunked");
    }

    private static String record(String data) {
        return "{\"value\":{\"type\":\"STRING\",\"data\":\"" + data + "\"}}\n";
    }

    private static List<String> kept(Tenant tenant) throws IOException {
        return tenant.readAll("t", 0, "string").stream()
                .map(record -> record.at("/value/data").asText())
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void produceStreamEndsWithItsRightAndKeepsWhatCameBefore(End end) throws Exception {
        Tenant tenant = tenant();
        Client client = client(tenant);
        try (Pieces stream = stream(client.api(), tenant)) {
            stream.chunk(record("before") + record("before"));
            stream.awaitReports(2);
            end.happen(tenant, client.keyId());
            try {
                stream.chunk(record("after"));
            } catch (IOException e) {
                // It has ended already, which is as good.
                assertTrue(stream.ended() || stream.reports().size() == 3);
            }
            stream.awaitEnd();
            assertEquals(List.of(200, 200, end.errorCode), stream.reports());
        }
        if (end == End.KEY_REVOKED) {
            assertEquals(List.of("before", "before"), kept(tenant));
        }
    }

    @Test
    void produceStreamThatBringsNothingEndsToo() throws Exception {
        Tenant tenant = tenant();
        Client client = client(tenant);
        try (Pieces stream = stream(client.api(), tenant)) {
            stream.chunk(record("before"));
            stream.awaitReports(1);
            End.KEY_REVOKED.happen(tenant, client.keyId());
            stream.awaitEnd();
            assertEquals(List.of(200, 401), stream.reports());
        }
    }

    @Test
    void produceStreamEndsWithItsTokensLife() throws Exception {
        Tenant tenant = tenant();
        String token = tenant.api().post("/v1/token", "").json().get("access_token").asText();
        endsByItself(tenant, api.withAuthorization("Bearer " + token));
    }

    @Test
    void produceStreamEndsWhenItsKeyExpires() throws Exception {
        Tenant tenant = tenant();
        JsonNode key =
                tenant.api()
                        .post(
                                "/v1/api-keys",
                                "{\"role\":\"admin\",\"expires_at\":\""
                                        + Instant.now().plus(BRIEF)
                                        + "\"}")
                        .json();
        endsByItself(tenant, api.as(key.get("id").asText() + ":" + key.get("secret").asText()));
    }

    private static void endsByItself(Tenant tenant, Api as) throws Exception {
        try (Pieces stream = stream(as, tenant)) {
            stream.chunk(record("before"));
            stream.awaitReports(1);
            assertEquals(List.of(200), stream.reports());
            stream.awaitReports(2);
            stream.awaitEnd();
            assertEquals(List.of(200, 401), stream.reports());
        }
        assertEquals(401, as.get(tenant.topic("t")).status());
    }

    @ParameterizedTest
    @EnumSource
    void bodyThatDawdlesIsNotTakenAfterItsRightEnded(End end) throws Exception {
        for (String what : List.of("/records", "/records:batch")) {
            Tenant tenant = tenant();
            Client client = client(tenant);
            String body =
                    what.equals("/records")
                            ? record("late")
                            : "{\"entries\":[{\"id\":\"1\"," + record("late").substring(1) + "]}";
            try (Pieces pieces =
                    new Pieces(
                            service,
                            client.api(),
                            tenant.topic("t") + what,
                            "Content-Length: " + body.length())) {
                pieces.write(body.substring(0, 10));
                await().during(Duration.ofMillis(700)).until(() -> pieces.reports().isEmpty());
                end.happen(tenant, client.keyId());
                pieces.write(body.substring(10));
                await().atMost(5, TimeUnit.SECONDS).until(() -> !pieces.reports().isEmpty());
                assertEquals(List.of(end.errorCode), pieces.reports(), pieces.answer());
            }
            if (end == End.KEY_REVOKED) {
                assertEquals(List.of(), kept(tenant));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void longPollEndsWithItsRightAndGivesNothingWrittenLater(End end) throws Exception {
        Tenant tenant = tenant();
        Client client = client(tenant);
        CompletableFuture<Answer> poll =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return client.api()
                                        .get(tenant.partition("t") + "/records?wait_ms=30000");
                            } catch (IOException e) {
                                throw new IllegalStateException(e);
                            }
                        });
        await().during(Duration.ofMillis(700)).until(() -> !poll.isDone());
        end.happen(tenant, client.keyId());
        if (end == End.KEY_REVOKED) {
            tenant.api().post(tenant.topic("t") + "/records", record("secret"));
        }
        Answer answer = poll.get(1_500, TimeUnit.MILLISECONDS);
        assertEquals(end.errorCode, answer.json().get("error_code").asInt(), answer.body());
        assertFalse(answer.body().contains("secret"), answer.body());
    }

    @Test
    void produceStreamFollowsItsTopicsSettings() throws Exception {
        Tenant tenant = tenant();
        String config = tenant.topic("t") + "/configs/max.message.bytes";
        try (Pieces stream = stream(tenant.api(), tenant)) {
            String large = record("x".repeat(5_000));
            stream.chunk(large);
            stream.awaitReports(1);
            put(tenant, config, "2000");
            stream.chunk(large);
            stream.awaitReports(2);
            put(tenant, config, "8000000");
            // More than the bound that held when the stream began.
            stream.chunk(record("x".repeat(3_000_000)));
            stream.awaitReports(3);
            stream.write("0\r\n\r\n");
            assertEquals(List.of(200, 413, 200), stream.reports());
        }
    }

    private static void put(Tenant tenant, String config, String value) throws IOException {
        Answer answer = tenant.api().put(config, "{\"value\":\"" + value + "\"}");
        assertEquals(204, answer.status(), answer.body());
    }
}
