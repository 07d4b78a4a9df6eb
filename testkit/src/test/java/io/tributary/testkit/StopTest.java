package io.tributary.testkit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StopTest {
    /** Less than any wait of a client or of the server for one that does not end. */
    private static final Duration PROMPT = Duration.ofSeconds(9);

    private static final String LAST_CHUNK = "\r\n0\r\n\r\n";

    @TempDir Path folder;

    /** A connection whose answer is collected as it comes. */
    private static final class Exchange implements AutoCloseable {
        private final Socket socket;
        private final OutputStream out;
        private final AtomicReference<String> received = new AtomicReference<>("");
        private final CompletableFuture<String> whole = new CompletableFuture<>();

        Exchange(Service service, String request) throws IOException {
            URI address = URI.create(service.address());
            socket =
                    Api.trusting(service.ca())
                            .getSocketFactory()
                            .createSocket(address.getHost(), address.getPort());
            out = socket.getOutputStream();
            send(request);
            Thread.ofVirtual().start(this::collect);
        }

        void send(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        }

        void sendChunk(String text) throws IOException {
            send(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
        }

        private void collect() {
            try (InputStream in = socket.getInputStream()) {
                byte[] some = new byte[4096];
                for (int n = in.read(some); n >= 0; n = in.read(some)) {
                    received.set(received.get() + new String(some, 0, n, StandardCharsets.UTF_8));
                }
                whole.complete(received.get());
            } catch (IOException e) {
                whole.completeExceptionally(e);
            }
        }

        String received() {
            return received.get();
        }

        String whole() throws InterruptedException, ExecutionException, TimeoutException {
            return whole.get(10, TimeUnit.SECONDS);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static String head(Tenant tenant, String method, String path, String... headers) {
        StringBuilder head =
                new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost");
        head.append("\r\nAuthorization: ").append(tenant.api().authorization());
        for (String header : headers) {
            head.append("\r\n").append(header);
        }
        return head.append("\r\n\r\n").toString();
    }

    private static String record(String value) {
        return "{\"value\":{\"type\":\"STRING\",\"data\":\"" + value + "\"}}";
    }

    private static int occurrences(String text, String part) {
        return text.split(java.util.regex.Pattern.quote(part), -1).length - 1;
    }

    @Test
    void streamsAndLongPollsEndInOrderAndAtOnce() throws Exception {
        Path data = folder.resolve("data");
        Tenant tenant;
        try (Service service = Service.start(data);
                Api api = Api.of(service)) {
            tenant = api.signUp("acme");
            tenant.createTopic("t", 1, Map.of("retention.ms", "-1"));
            String records = tenant.partition("t") + "/records";
            try (Exchange produce =
                            new Exchange(
                                    service,
                                    head(
                                            tenant,
                                            "POST",
                                            tenant.topic("t") + "/records",
                                            "Content-Type: application/json",
                                            "Transfer-Encoding: chunked"));
                    Exchange events =
                            new Exchange(
                                    service,
                                    head(tenant, "GET", records, "Accept: text/event-stream"))) {
                produce.sendChunk(record("one") + record("two"));
                await().until(() -> occurrences(produce.received(), "\"offset\"") == 2);
                await().until(() -> occurrences(events.received(), "\nid: ") == 2);
                CompletableFuture<Answer> poll =
                        CompletableFuture.supplyAsync(() -> poll(tenant, records));
                // Half a record more: never acknowledged, never kept.
                produce.sendChunk("{\"value\":");

                assertEquals(0, assertTimeout(PROMPT, service::stop));

                String reports = produce.whole();
                assertEquals(2, occurrences(reports, "\"offset\""), reports);
                assertTrue(reports.contains("\"error_code\":503"), reports);
                assertTrue(reports.endsWith(LAST_CHUNK), reports);
                String stream = events.whole();
                assertTrue(stream.contains(": the service stops\n\n"), stream);
                assertTrue(stream.endsWith(LAST_CHUNK), stream);
                Answer answer = poll.get(10, TimeUnit.SECONDS);
                assertEquals(200, answer.status(), answer.body());
                assertEquals(2, answer.json().get("next_offset").asLong());
            }
            assertFalse(service.log().contains("Exception"), service.log());
        }
        try (Service service = Service.start(data);
                Api api = Api.of(service)) {
            Tenant again =
                    new Tenant(
                            tenant.tenantId(),
                            tenant.clusterId(),
                            tenant.keyId(),
                            api.withAuthorization(tenant.api().authorization()));
            assertEquals(2, again.readAll("t", 0, "string").size());
        }
    }

    private static Answer poll(Tenant tenant, String records) {
        try {
            return tenant.api().get(records + "?offset=2&wait_ms=30000");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void stopWithoutItsObjectStoreIsPromptAndLosesNothing() throws Exception {
        Path data = folder.resolve("data");
        try (S3 s3 = new S3(java.nio.file.Files.createDirectory(folder.resolve("bucket")))) {
            Tenant tenant;
            try (Service service = Service.start(data, s3.environment(), s3.options());
                    Api api = Api.of(service)) {
                tenant = api.signUp("acme");
                tenant.createTopic("t", 1, Map.of("retention.ms", "-1"));
                s3.stop();
                assertEquals(
                        200,
                        tenant.api().post(tenant.topic("t") + "/records", record("kept")).status());
                api.as(service.operatorKey()).call("GET", "/q/metrics", java.util.Optional.empty());
                assertEquals(0, assertTimeout(Duration.ofSeconds(28), service::stop));
                assertFalse(service.log().contains("\tat "), service.log());
            }
            s3.start();
            try (Service service = Service.start(data, s3.environment(), s3.options());
                    Api api = Api.of(service)) {
                Tenant again =
                        new Tenant(
                                tenant.tenantId(),
                                tenant.clusterId(),
                                tenant.keyId(),
                                api.withAuthorization(tenant.api().authorization()));
                assertEquals(1, again.readAll("t", 0, "string").size());
            }
        }
    }
}
