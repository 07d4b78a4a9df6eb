package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostileInputTest {
    private static final String JSON = "application/json";
    private static final String GOOD = "{\"value\":{\"type\":\"STRING\",\"data\":\"good\"}}";

    @TempDir static Path folder;
    private static Service service;
    private static Api api;
    private static Tenant tenant;
    private static String records;

    @BeforeAll
    static void start() throws Exception {
        service = Service.start(folder.resolve("data"), "--sign-up-rate=1000");
        api = Api.of(service);
        tenant = api.signUp("acme");
        tenant.createTopic("t", 1, Map.of("max.message.bytes", "20000"));
        records = tenant.topic("t") + "/records";
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        service.close();
    }

    @AfterEach
    void theServiceIsStillThere() throws Exception {
        assertEquals(200, tenant.api().post(records, GOOD).status());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"value\":{\"type\":\"BINARY\",\"data\":\"!!!\"}}|400|base64",
                "{\"value\":{\"type\":\"TEXT\",\"data\":\"x\"}}|400|type",
                "{\"value\":{\"type\":\"STRING\",\"data\":5}}|400|value.data",
                "{\"valu\":{}}|400|valu",
                "{\"tenant_id\":\"t-x\"}|400|tenant_id",
                "{\"partition_id\":-1}|400|partition_id",
                "{\"partition_id\":1e999}|400|partition_id",
                "{\"partition_id\":99999999999999999999}|400|partition_id",
                "{\"partition_id\":7}|404|topic-partition",
                "{\"timestamp\":\"yesterday\"}|400|timestamp",
                "{\"headers\":[{\"name\":\"h\",\"value\":\"~\"}]}|400|base64",
                "{\"headers\":{}}|400|headers",
                "{\"value\":{\"schema_id\":1,\"data\":{}}}|400|schema",
                "{\"value\":1,\"value\":2}|400|value",
                "[1,2]|400|object",
                "{\"value\":NaN}|400|JSON",
                "nonsense|400|JSON",
                "{\"value\":{\"type\":\"STRING\",\"data\":\"x\"|400|JSON"
            })
    void badRecordIsRefusedByName(String body, int status, String named) throws Exception {
        Answer answer = tenant.api().post(records, body);
        assertEquals(status, answer.status(), answer.body());
        assertTrue(answer.body().contains(named), answer.body());
    }

    @Test
    void emptyBodyAndWrongMediaTypeAreTold() throws Exception {
        assertEquals(422, tenant.api().post(records, "").status());
        assertEquals(415, tenant.api().post(records, "x", "Content-Type", "text/plain").status());
        assertEquals(
                415,
                tenant.api()
                        .post(records, GOOD, "Content-Type", JSON, "Content-Encoding", "gzip")
                        .status());
    }

    @Test
    void deepNestingFailsAtOnce() throws Exception {
        Answer answer =
                tenant.api()
                        .post(
                                records,
                                "{\"value\":{\"type\":\"JSON\",\"data\":" + "[".repeat(100_000));
        assertEquals(400, answer.status());
        assertTrue(answer.body().contains("nested"), answer.body());
        assertEquals(
                400, tenant.api().post(tenant.cluster() + "/topics", "[".repeat(100_000)).status());
    }

    @Test
    void absurdNumberInsideAValueIsKeptAsItIs() throws Exception {
        Answer answer =
                tenant.api().post(records, "{\"value\":{\"type\":\"JSON\",\"data\":1e999999}}");
        assertEquals(200, answer.status(), answer.body());
        long offset = answer.json().get("offset").asLong();
        assertTrue(
                tenant.api()
                        .get(tenant.partition("t") + "/records?offset=" + offset)
                        .body()
                        .contains("1e999999"));
    }

    @Test
    void oversizedRecordIsRefusedAndItsNeighboursAreKept() throws Exception {
        String large = "{\"value\":{\"type\":\"STRING\",\"data\":\"" + "x".repeat(30_000) + "\"}}";
        Answer answer = tenant.api().post(records, GOOD + large + GOOD);
        assertEquals(
                List.of(200, 413, 200),
                answer.jsons().stream().map(r -> r.get("error_code").asInt()).toList());
        assertEquals(413, tenant.api().post(records, large).status());
    }

    @Test
    void everythingBeforeMalformedJsonIsKeptAndReported() throws Exception {
        Answer answer = tenant.api().post(records, GOOD + GOOD + "{\"value\": oops}" + GOOD);
        List<JsonNode> reports = answer.jsons();
        assertEquals(
                List.of(200, 200, 400),
                reports.stream().map(r -> r.get("error_code").asInt()).toList());
        long last = reports.get(1).get("offset").asLong();
        assertEquals(
                last + 1,
                tenant.api()
                        .get(tenant.partition("t") + "/offset")
                        .json()
                        .get("latest_offset")
                        .asLong());
    }

    @Test
    void ndjsonLineWithoutItsKeyIsRefusedAlone() throws Exception {
        Answer answer =
                tenant.api()
                        .post(
                                records + "?key=/id",
                                "{\"id\":\"a\"}\n{\"x\":1}\nnot json\n{\"id\":7}",
                                "Content-Type",
                                "application/x-ndjson");
        assertEquals(
                List.of(200, 400, 400, 200),
                answer.jsons().stream().map(r -> r.get("error_code").asInt()).toList());
    }

    @Test
    void batchRulesHold() throws Exception {
        String batch = records + ":batch";
        assertEquals(422, tenant.api().post(batch, "{\"entries\":[]}").status());
        Answer twice = tenant.api().post(batch, "{\"entries\":[{\"id\":\"1\"},{\"id\":\"1\"}]}");
        assertEquals(42208, twice.json().get("error_code").asInt());
        Answer mixed =
                tenant.api()
                        .post(
                                batch,
                                "{\"entries\":[{\"id\":\"1\",\"value\":{\"type\":\"STRING\",\"data\":\"x\"}},"
                                    + "{\"id\":\"2\",\"partition_id\":9}]}");
        assertEquals(207, mixed.status());
        assertEquals("1", mixed.json().at("/successes/0/id").asText());
        assertEquals("2", mixed.json().at("/failures/0/id").asText());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "offset=-1",
                "offset=99999999999999999999",
                "offset=soon",
                "max_bytes=0",
                "max_bytes=999999999999",
                "wait_ms=3600000",
                "offset=1&timestamp=2",
                "ofset=1",
                "value_format=avro"
            })
    void absurdFetchIsRefused(String query) throws Exception {
        assertEquals(
                400, tenant.api().get(tenant.partition("t") + "/records?" + query).status(), query);
    }

    @Test
    void unknownFieldsAndWrongTypesOfAdminBodiesAreNamed() throws Exception {
        for (String body :
                List.of(
                        "{\"name\":\"x\",\"role\":\"OPERATOR\"}",
                        "{\"name\":{}}",
                        "{\"name\":5}",
                        "{",
                        "[]",
                        "{\"name\":\"a\"}{\"name\":\"b\"}",
                        "{\"name\":\"a\",\"name\":\"b\"}")) {
            Answer answer = api.post("/v1/tenants", body);
            assertEquals(400, answer.status(), body + " " + answer.body());
        }
        assertTrue(
                api.post("/v1/tenants", "{\"name\":\"x\",\"role\":\"OPERATOR\"}")
                        .body()
                        .contains("role"));
        for (String name : List.of("../x", "a/b", "..", "__x", "a b", "x".repeat(250))) {
            assertEquals(400, tenant.createTopic(name, 1, Map.of()).status(), name);
        }
        assertEquals(400, tenant.createTopic("ok", 0, Map.of()).status());
        assertEquals(400, tenant.createTopic("ok", 1, Map.of("no.such", "1")).status());
    }

    private static String token(String header, String claims, String signature) {
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        return base64.encodeToString(header.getBytes(StandardCharsets.UTF_8))
                + "."
                + base64.encodeToString(claims.getBytes(StandardCharsets.UTF_8))
                + "."
                + signature;
    }

    @Test
    void credentialsThatAreNoneAreRefusedAlike() throws Exception {
        String real = tenant.api().post("/v1/token", "").json().get("access_token").asText();
        String kid = api.get("/.well-known/jwks.json").json().at("/keys/0/kid").asText();
        String claims =
                "{\"iss\":\"tributary\",\"aud\":\"tributary\",\"sub\":\""
                        + tenant.keyId()
                        + "\",\"exp\":9999999999,\"iat\":1,\"jti\":\"x\"}";
        String[] parts = real.split("\\.", -1);
        String body = api.withAuthorization("Basic nonsense").get("/v1/tenants/self").body();
        for (String authorization :
                List.of(
                        "Bearer " + token("{\"alg\":\"none\",\"kid\":\"" + kid + "\"}", claims, ""),
                        "Bearer "
                                + token(
                                        "{\"alg\":\"HS256\",\"kid\":\"" + kid + "\"}",
                                        claims,
                                        "AAAA"),
                        "Bearer " + parts[0] + "." + parts[1] + ".AAAA",
                        "Bearer "
                                + parts[0]
                                + "."
                                + token("", claims, "").split("\\.", -1)[1]
                                + "."
                                + parts[2],
                        "Bearer " + "x".repeat(5_000),
                        "Bearer a.b.c.d.e",
                        "Basic "
                                + Base64.getEncoder()
                                        .encodeToString(
                                                "no-colon".getBytes(StandardCharsets.UTF_8)),
                        "Basic "
                                + Base64.getEncoder()
                                        .encodeToString(
                                                (tenant.keyId() + ":wrong")
                                                        .getBytes(StandardCharsets.UTF_8)),
                        "Digest x")) {
            Answer answer = api.withAuthorization(authorization).get("/v1/tenants/self");
            assertEquals(401, answer.status(), authorization);
            assertEquals(body, answer.body());
        }
        assertEquals(200, api.withAuthorization("Bearer " + real).get("/v1/tenants/self").status());
    }

    /** Sends bytes as they are; returns what came back until the connection ended or was quiet. */
    private static String raw(String request) throws IOException {
        URI address = URI.create(service.address());
        try (SSLSocket socket =
                (SSLSocket)
                        Api.trusting(service.ca())
                                .getSocketFactory()
                                .createSocket(address.getHost(), address.getPort())) {
            socket.setSoTimeout(3_000);
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            StringBuilder answer = new StringBuilder();
            byte[] buffer = new byte[4_096];
            try {
                for (int n = socket.getInputStream().read(buffer);
                        n > 0;
                        n = socket.getInputStream().read(buffer)) {
                    answer.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
                }
            } catch (IOException e) {
                return answer.toString();
            }
            return answer.toString();
        }
    }

    private static long answers(String text) {
        return text.split("HTTP/1\\.1 ", -1).length - 1L;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/../q/metrics",
                "//v1/tenants",
                "/v1/tenants/self;x=1",
                "/%76%31/tenants",
                "/v1/./tenants",
                "/q/%6detrics",
                "/v1\\tenants"
            })
    void pathTricksAreRefused(String path) throws Exception {
        String answer = raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 4"), answer);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5\r\nTransfer-Encoding: chunked",
                "Content-Length: 5\r\nContent-Length: 6",
                "Content-Length: -1",
                "Content-Length: +5",
                "Transfer-Encoding: chunked, identity",
                "Transfer-Encoding : chunked"
            })
    void smuggledRequestIsNeverAnswered(String framing) throws Exception {
        String answer =
                raw(
                        "POST /v1/tenants HTTP/1.1\r\nHost: localhost\r\n"
                                + "Content-Type: application/json\r\n"
                                + framing
                                + "\r\n\r\n0\r\n\r\nGET /q/health HTTP/1.1\r\nHost: x\r\n\r\n");
        assertTrue(answers(answer) <= 1, answer);
        assertTrue(!answer.startsWith("HTTP/1.1 2"), answer);
    }

    @Test
    void endlessBodyIsTakenWithoutHoldingItAndWithoutCredentialsNotAtAll() throws Exception {
        StringBuilder request =
                new StringBuilder("POST " + records + " HTTP/1.1\r\nHost: localhost\r\n");
        request.append("Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n");
        request.append("Authorization: ").append(tenant.api().authorization()).append("\r\n\r\n");
        String chunk = "{\"value\":{\"type\":\"STRING\",\"data\":\"" + "x".repeat(90_000);
        request.append(Integer.toHexString(chunk.length())).append("\r\n").append(chunk);
        request.append("\r\n1000000\r\n").append("x".repeat(100_000));
        String answer = raw(request.toString());
        assertTrue(answer.contains("413"), answer);
        String nobody =
                raw(
                        "POST "
                                + records
                                + " HTTP/1.1\r\n"
                                + "Host: localhost\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n"
                                + "1000000\r\n"
                                + "x".repeat(100_000));
        assertTrue(nobody.startsWith("HTTP/1.1 401"), nobody);
    }

    @Test
    void answerReachesWhoIsStillSending() throws Exception {
        for (int i = 0; i < 20; i++) {
            String answer =
                    raw(
                            "POST "
                                    + records
                                    + " HTTP/1.1\r\n"
                                    + "Host: localhost\r\n"
                                    + "Content-Length: 5000000\r\n\r\n"
                                    + "x".repeat(1_000_000));
            assertTrue(answer.startsWith("HTTP/1.1 401"), answer);
            assertEquals(1, answers(answer));
        }
    }

    @Test
    void tooManyHeadersAndTooLongLinesAreRefused() throws Exception {
        StringBuilder headers = new StringBuilder("GET /q/health HTTP/1.1\r\nHost: x\r\n");
        for (int i = 0; i < 10_000; i++) {
            headers.append("X-H").append(i).append(": v\r\n");
        }
        String many = raw(headers + "\r\n");
        assertTrue(many.isEmpty() || many.contains(" 431 "), many);
        String tooLong = raw("GET /" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
        assertTrue(tooLong.contains(" 414 "), tooLong);
    }
}
