package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.testkit.Api.Tenant;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A body beyond its bound is answered like any other fault, whatever the client speaks. */
class BodyLimitTest {
    /** Headers: with either the client says how much comes, or not. */
    private static final List<String> LENGTHS =
            List.of("X-Length: said", "Transfer-Encoding: chunked");

    @TempDir static Path folder;
    private static Service service;
    private static Tenant tenant;

    @BeforeAll
    static void start() throws Exception {
        service = Service.start(folder.resolve("data"));
        try (Api api = Api.of(service)) {
            tenant = api.signUp("acme");
            tenant.createTopic("t", 1, Map.of());
        }
        Files.writeString(
                folder.resolve("large"), "{\"topic_name\":\"" + "x".repeat(30 << 20) + "\"}");
    }

    @AfterAll
    static void stop() throws Exception {
        service.close();
    }

    @ParameterizedTest
    @CsvSource({
        "--http1.1, TOPICS, 1048576",
        "--http2, TOPICS, 1048576",
        "--http1.1, /v1/api-keys, 1048576",
        "--http2, /v1/api-keys, 1048576",
        "--http2, TOPICS/t/configs:alter, 1048576",
        "--http1.1, TOPICS/t/records:batch, 8388608",
        "--http2, TOPICS/t/records:batch, 8388608"
    })
    void largeBodyIsToldItsBoundWithAndWithoutItsLength(String version, String path, int bound)
            throws Exception {
        for (String length : LENGTHS) {
            String[] output = post(version, path, length, "large");
            assertEquals(
                    "413 " + (version.equals("--http2") ? "2" : "1.1") + " application/json",
                    output[1]);
            JsonNode body = new ObjectMapper().readTree(output[0]);
            assertEquals(413, body.get("error_code").asInt());
            assertTrue(body.get("message").asText().contains(" " + bound + " bytes"), output[0]);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--http1.1", "--http2"})
    void smallBodyIsTakenWithAndWithoutItsLength(String version) throws Exception {
        Files.writeString(folder.resolve("small"), "{}");
        for (String length : LENGTHS) {
            String[] output = post(version, "/v1/api-keys", length, "small");
            assertTrue(output[1].startsWith("201 "), output[0] + output[1]);
        }
    }

    /** The answer's body, and its status, version and type. */
    private static String[] post(String version, String path, String length, String file)
            throws Exception {
        Process curl =
                new ProcessBuilder(
                                "curl",
                                version,
                                "--silent",
                                "--show-error",
                                "--max-time",
                                "20",
                                "--cacert",
                                service.ca().toString(),
                                "--header",
                                "Content-Type: application/json",
                                "--header",
                                "Authorization: " + tenant.api().authorization(),
                                "--header",
                                length,
                                "--write-out",
                                "\n%{http_code} %{http_version} %{content_type}",
                                "--data-binary",
                                "@" + folder.resolve(file),
                                service.address()
                                        + path.replace("TOPICS", tenant.cluster() + "/topics"))
                        .redirectErrorStream(true)
                        .start();
        String[] output =
                new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                        .split("\n", 2);
        assertTrue(curl.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, curl.exitValue(), output[0]);
        return output;
    }
}
