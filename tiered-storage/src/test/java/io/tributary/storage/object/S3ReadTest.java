package io.tributary.storage.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tributary.storage.object.ObjectStoreException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reads from a store whose answers break. */
class S3ReadTest {
    private static final byte[] CONTENT = new byte[100_000];

    static {
        for (int i = 0; i < CONTENT.length; i++) {
            CONTENT[i] = (byte) i;
        }
    }

    private interface Answer {
        void write(HttpExchange exchange) throws IOException, InterruptedException;
    }

    private static final Answer WHOLE = exchange -> answer(exchange, CONTENT.length);
    private static final Answer CUT = exchange -> answer(exchange, CONTENT.length / 2);
    private static final Answer SLOW_DOWN = exchange -> exchange.sendResponseHeaders(503, -1);

    /** What the server answers, one after the other; at the end always the last. */
    private final Deque<Answer> answers = new ConcurrentLinkedDeque<>();

    private final CountDownLatch end = new CountDownLatch(1);
    private HttpServer server;
    private ObjectStore store;

    private static void answer(HttpExchange exchange, int bytes) throws IOException {
        exchange.sendResponseHeaders(206, CONTENT.length);
        exchange.getResponseBody().write(CONTENT, 0, bytes);
        exchange.getResponseBody().flush();
    }

    @BeforeEach
    void start() throws Exception {
        System.setProperty("aws.accessKeyId", "access");
        System.setProperty("aws.secretAccessKey", "secret");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(
                "/",
                exchange -> {
                    Answer next = answers.size() > 1 ? answers.poll() : answers.peek();
                    try {
                        next.write(exchange);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } finally {
                        exchange.close();
                    }
                });
        server.start();
        store =
                new S3ObjectStore(
                        new S3Settings(
                                "bucket",
                                "",
                                Optional.of(
                                        URI.create(
                                                "http://127.0.0.1:"
                                                        + server.getAddress().getPort())),
                                "us-east-1",
                                true),
                        new ObjectStoreUsage(),
                        Duration.ofMillis(500));
    }

    @AfterEach
    void stop() {
        end.countDown();
        store.close();
        server.stop(0);
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    private ByteBuffer read() throws IOException {
        return store.get("key", 0, CONTENT.length);
    }

    private void fails(Kind kind) {
        assertEquals(kind, assertThrows(ObjectStoreException.class, this::read).kind());
    }

    @Test
    void bodyThatEndsEarlyIsAskedForAgain() throws Exception {
        answers.add(CUT);
        answers.add(WHOLE);
        assertEquals(ByteBuffer.wrap(CONTENT), read());
    }

    @Test
    void bodyThatAlwaysEndsEarlyIsAStoreThatIsAway() {
        answers.add(CUT);
        fails(Kind.UNAVAILABLE);
    }

    /** On a virtual thread, as reads of the store are: an interrupt ends what it waits for. */
    @Test
    void bodyThatStallsIsGivenUpAndAskedForAgain() throws Exception {
        answers.add(
                exchange -> {
                    answer(exchange, CONTENT.length / 2);
                    end.await();
                });
        answers.add(WHOLE);
        CompletableFuture<ByteBuffer> bytes = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                bytes.complete(read());
                            } catch (IOException e) {
                                bytes.completeExceptionally(e);
                            }
                        });
        assertEquals(ByteBuffer.wrap(CONTENT), bytes.get(10, TimeUnit.SECONDS));
    }

    @Test
    void storeThatNeverAnswersIsAway() {
        answers.add(exchange -> end.await());
        fails(Kind.UNAVAILABLE);
    }

    @Test
    void slowDownIsTriedAgainAndInTheEndTold() throws Exception {
        answers.add(SLOW_DOWN);
        answers.add(WHOLE);
        assertEquals(ByteBuffer.wrap(CONTENT), read());
        answers.clear();
        answers.add(SLOW_DOWN);
        fails(Kind.UNAVAILABLE);
    }

    @Test
    void objectThatIsShorterOrLongerThanAskedForIsNotServed() {
        answers.add(WHOLE);
        for (int length : new int[] {CONTENT.length + 1, CONTENT.length - 1}) {
            assertEquals(
                    Kind.CORRUPT,
                    assertThrows(ObjectStoreException.class, () -> store.get("key", 0, length))
                            .kind());
        }
    }
}
