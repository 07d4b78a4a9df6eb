package io.tributary.testkit;

import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocket;

/** A request whose body comes in pieces, and its answer as it arrives. */
final class Pieces implements AutoCloseable {
    private static final Pattern REPORT = Pattern.compile("\"error_code\":(\\d+)");

    private final SSLSocket socket;
    private final OutputStream out;
    private final CompletableFuture<Void> ended;
    private final ByteArrayOutputStream answer = new ByteArrayOutputStream();

    Pieces(Service service, Api as, String path, String framing) throws IOException {
        URI address = URI.create(service.address());
        socket =
                (SSLSocket)
                        Api.trusting(service.ca())
                                .getSocketFactory()
                                .createSocket(address.getHost(), address.getPort());
        out = socket.getOutputStream();
        write(
                "POST "
                        + path
                        + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Authorization: "
                        + as.authorization()
                        + "\r\n"
                        + framing
                        + "\r\n\r\n");
        ended = CompletableFuture.runAsync(this::read);
    }

    private void read() {
        byte[] buffer = new byte[4_096];
        try {
            for (int n = socket.getInputStream().read(buffer);
                    n > 0;
                    n = socket.getInputStream().read(buffer)) {
                answer.write(buffer, 0, n);
            }
        } catch (IOException e) {
            answer.writeBytes(e.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    void chunk(String text) throws IOException {
        write(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
    }

    /** The error codes of the reports so far. */
    List<Integer> reports() {
        return REPORT.matcher(answer())
                .results()
                .map(found -> Integer.valueOf(found.group(1)))
                .toList();
    }

    void awaitReports(int count) {
        await().atMost(10, TimeUnit.SECONDS).until(() -> reports().size() >= count);
    }

    /** Whether the answer has ended. */
    boolean ended() {
        return ended.isDone();
    }

    void awaitAnswer(String end) {
        await().atMost(10, TimeUnit.SECONDS).until(() -> answer().endsWith(end));
    }

    String answer() {
        return answer.toString(StandardCharsets.UTF_8);
    }

    /** Waits for the end of the answer; fails where that takes more than a second. */
    void awaitEnd() throws Exception {
        ended.get(1_500, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
