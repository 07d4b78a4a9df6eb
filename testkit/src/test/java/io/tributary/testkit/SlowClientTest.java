package io.tributary.testkit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who drips a header holds no connection; who is slow for a reason keeps his. */
class SlowClientTest {
    private static final Duration DEADLINE = Duration.ofSeconds(15);

    @TempDir Path folder;

    /** A connection that sends a header line now and then and never the last. */
    private static final class Dripping implements AutoCloseable {
        private final Socket socket;

        Dripping(Service service, String before) throws IOException {
            URI address = URI.create(service.address());
            socket =
                    Api.trusting(service.ca())
                            .getSocketFactory()
                            .createSocket(address.getHost(), address.getPort());
            send(before);
            socket.setSoTimeout(50);
        }

        private void send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
        }

        /** Whether the service has closed it; else drips once more. */
        boolean closed() {
            try {
                if (socket.getInputStream().read(new byte[1_024]) < 0) {
                    return true;
                }
            } catch (SocketTimeoutException e) {
                // Nothing was said.
            } catch (IOException e) {
                return true;
            }
            try {
                send("X-Drip: 1\r\n");
                return false;
            } catch (IOException e) {
                return true;
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void headerThatNeverEndsIsCutOffAndSlowBodiesAndReadersAreNot() throws Exception {
        String begin = "GET /q/health/live HTTP/1.1\r\nHost: localhost\r\n";
        try (Service service = Service.start(folder.resolve("data"));
                Api api = Api.of(service)) {
            Tenant tenant = api.signUp("acme");
            tenant.createTopic("t", 1, Map.of());
            try (Pieces upload =
                            new Pieces(
                                    service,
                                    tenant.api(),
                                    tenant.topic("t") + "/records",
                                    "Transfer-Encoding: chunked");
                    Pieces nothing = new Pieces(service, tenant.api(), "/v1/token", "X: y");
                    Dripping first = new Dripping(service, begin);
                    Dripping second = new Dripping(service, begin + "\r\n" + begin)) {
                upload.chunk(ProduceTest.record("before"));
                upload.awaitReports(1);
                long started = System.nanoTime();
                await().pollInterval(Duration.ofSeconds(1))
                        .atMost(DEADLINE.plusSeconds(15))
                        .until(first::closed);
                await().pollInterval(Duration.ofSeconds(1))
                        .atMost(DEADLINE.plusSeconds(15))
                        .until(second::closed);
                assertTrue(
                        System.nanoTime() - started >= DEADLINE.minusSeconds(3).toNanos(),
                        "not at once");
                // Idle after its answer, and in the middle of its body.
                assertTrue(!nothing.ended(), nothing.answer());
                upload.chunk(ProduceTest.record("after"));
                upload.awaitReports(2);
                assertEquals(List.of(200, 200), upload.reports());
            }
        }
    }
}
