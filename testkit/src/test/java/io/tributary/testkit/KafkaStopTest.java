package io.tributary.testkit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api.Tenant;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a Kafka client is told when the service stops, or when it does not listen. */
class KafkaStopTest {
    private static final int CLIENTS = 4;
    private static final int REQUESTS = 2_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir Path folder;

    /** A client that has sent much and reads the answers it gets to the end. */
    private static final class Client {
        private final RawKafka connection;
        private final AtomicInteger answers = new AtomicInteger();
        private final Thread reading;

        Client(int port, String key) throws IOException {
            connection = new RawKafka(port);
            assertEquals(Errors.NONE, connection.plain(key).error());
            reading = Thread.ofPlatform().start(this::read);
            for (int i = 0; i < REQUESTS; i++) {
                connection.send(
                        KafkaRequestTest.produce(
                                (short) 12, KafkaRequestTest.ALL, "t", Uuid.ZERO_UUID));
            }
        }

        private void read() {
            try {
                while (true) {
                    connection.frame();
                    answers.incrementAndGet();
                }
            } catch (EOFException | SocketException e) {
                // The end of the connection.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    void whatIsStoredWhenTheServiceStopsIsAnswered() throws Exception {
        int port = KafkaConfigs.freePort();
        Path data = folder.resolve("data");
        Tenant tenant;
        int answers = 0;
        try (Service service = Service.start(data, "--kafka-port=" + port);
                Api api = Api.of(service)) {
            tenant = api.signUp("acme");
            tenant.createTopic("t", 1, Map.of());
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(new Client(port, KafkaConfigs.key(tenant.api())));
            }
            await().atMost(PATIENCE)
                    .until(() -> clients.stream().allMatch(one -> one.answers.get() > 20));
            assertEquals(0, service.stop());
            for (Client client : clients) {
                assertTrue(client.reading.join(PATIENCE), "the connection ends");
                answers += client.answers.get();
                client.connection.close();
            }
            assertTrue(answers < CLIENTS * REQUESTS, "the stop came too late to show anything");
        }
        try (Service service = Service.start(data);
                Api api = Api.of(service)) {
            Api again = api.withAuthorization(tenant.api().authorization());
            assertEquals(
                    answers,
                    again.get(tenant.partition("t") + "/records?offset=earliest")
                            .json()
                            .get("high_watermark")
                            .asInt());
        }
    }

    @Test
    void clientThatLeavesItsAnswersUnreadHoldsUpNobodyAndLittleMemory() throws Exception {
        int port = KafkaConfigs.freePort();
        try (Service service = Service.start(folder.resolve("data"), "--kafka-port=" + port);
                Api api = Api.of(service)) {
            Tenant tenant = api.signUp("acme");
            tenant.createTopic("t", 1, Map.of("compression.type", "uncompressed"));
            String record =
                    "{\"value\":{\"type\":\"STRING\",\"data\":\"" + "x".repeat(500_000) + "\"}}\n";
            for (int i = 0; i < 16; i++) {
                assertEquals(
                        200, tenant.api().post(tenant.topic("t") + "/records", record).status());
            }
            try (RawKafka deaf = new RawKafka(port);
                    RawKafka other = new RawKafka(port)) {
                deaf.plain(KafkaConfigs.key(tenant.api()));
                other.plain(KafkaConfigs.key(tenant.api()));
                // 300 answers of 8 MiB, three times what the heap holds.
                for (int i = 0; i < 300; i++) {
                    deaf.send(fetch());
                }
                AtomicLong fetched = new AtomicLong();
                await().atMost(PATIENCE)
                        .during(Duration.ofSeconds(1))
                        .until(
                                () -> {
                                    KafkaRequestTest.topicId(other);
                                    long now = fetched(service);
                                    return now > 0 && fetched.getAndSet(now) == now;
                                });
                assertTrue(
                        fetched.get() < 64 << 20,
                        "bytes read for who does not listen: " + fetched.get());
                assertTrue(service.isAlive());
            }
        }
    }

    private static long fetched(Service service) throws IOException {
        try (Api api = Api.of(service)) {
            return api.as(service.operatorKey())
                    .get("/q/metrics")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("tributary_fetched_bytes_total"))
                    .mapToLong(
                            line ->
                                    (long)
                                            Double.parseDouble(
                                                    line.substring(line.indexOf(' ') + 1)))
                    .sum();
        }
    }

    private static FetchRequest fetch() {
        return new FetchRequest(
                new FetchRequestData()
                        .setMaxBytes(8 << 20)
                        .setTopics(
                                List.of(
                                        new FetchTopic()
                                                .setTopic("t")
                                                .setPartitions(
                                                        List.of(
                                                                new FetchPartition()
                                                                        .setPartitionMaxBytes(
                                                                                8 << 20))))),
                (short) 12);
    }
}
