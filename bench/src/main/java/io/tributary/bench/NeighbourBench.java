package io.tributary.bench;

import io.tributary.testkit.Api;
import io.tributary.testkit.Api.Tenant;
import io.tributary.testkit.KafkaConfigs;
import io.tributary.testkit.Service;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.DoubleStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * One tenant's produce, alone and beside another that sends as much as it can with Kafka's
 * producers: held to its quota, and not held at all.
 */
final class NeighbourBench {
    private static final int QUIET_CONNECTIONS = 2;
    private static final int NOISY_PRODUCERS = 8;
    private static final int NOISY_RECORD_BYTES = 10 << 10;
    private static final long NOISY_QUOTA_BYTES = 4 << 20;

    private final double seconds;
    private final int rounds;
    private final PrintStream out;

    NeighbourBench(double seconds, int rounds, PrintStream out) {
        this.seconds = seconds;
        this.rounds = rounds;
        this.out = out;
    }

    /** Who else is there. */
    private enum Neighbour {
        NONE("alone"),
        HELD("beside a neighbour at its quota"),
        FREE("beside one without quota");

        private final String label;

        Neighbour(String label) {
            this.label = label;
        }
    }

    /** What the quiet tenant saw, and how much the other sent. */
    private record Seen(Run.Result quiet, double noisyBytesPerSecond) {}

    void run() throws IOException {
        Path folder = Files.createTempDirectory("tributary-bench");
        int port = KafkaConfigs.freePort();
        try (Service service = Service.start(folder.resolve("data"), "--kafka-port=" + port);
                Api api = Api.of(service)) {
            Tenant quiet = api.signUp("quiet");
            Tenant noisy = api.signUp("noisy");
            for (Tenant tenant : List.of(quiet, noisy)) {
                tenant.createTopic("t", 4, Map.of("retention.bytes", "268435456"));
            }
            Api operator = api.as(service.operatorKey());
            Run run =
                    new Run(
                            Api.trusting(service.ca()),
                            URI.create(service.address()),
                            service.pid());
            byte[] request = request(quiet);
            run.load(request, QUIET_CONNECTIONS, seconds);
            Map<Neighbour, List<Seen>> seen = new EnumMap<>(Neighbour.class);
            for (Neighbour neighbour : Neighbour.values()) {
                seen.put(neighbour, new ArrayList<>());
                System.err.println("warming up " + neighbour.label);
                quota(operator, noisy, neighbour);
                measure(run, request, noisy, port, neighbour);
            }
            for (int round = 0; round < rounds; round++) {
                for (Neighbour neighbour : Neighbour.values()) {
                    quota(operator, noisy, neighbour);
                    seen.get(neighbour).add(measure(run, request, noisy, port, neighbour));
                }
                System.err.printf("round %d of %d%n", round + 1, rounds);
            }
            print(seen);
            service.stop();
        } finally {
            try (var files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static byte[] request(Tenant tenant) {
        String body =
                "{\"value\":{\"type\":\"STRING\",\"data\":\"" + "status=ok;".repeat(100) + "\"}}";
        return ("POST "
                        + tenant.topic("t")
                        + "/records HTTP/1.1\r\nHost: localhost\r\nAuthorization: "
                        + tenant.api().authorization()
                        + "\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length()
                        + "\r\n\r\n"
                        + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static void quota(Api operator, Tenant tenant, Neighbour neighbour) throws IOException {
        String value =
                neighbour == Neighbour.FREE ? "\"unlimited\"" : Long.toString(NOISY_QUOTA_BYTES);
        Api.Answer answer =
                operator.call(
                        "PUT",
                        "/v1/tenants/" + tenant.tenantId() + "/quotas",
                        Optional.of("{\"quotas\":{\"produce_bytes_per_second\":" + value + "}}"),
                        "Content-Type",
                        "application/json");
        if (answer.status() != 200) {
            throw new IOException(answer.body());
        }
    }

    private Seen measure(Run run, byte[] request, Tenant noisy, int port, Neighbour neighbour)
            throws IOException {
        if (neighbour == Neighbour.NONE) {
            return new Seen(run.load(request, QUIET_CONNECTIONS, seconds), 0);
        }
        AtomicBoolean enough = new AtomicBoolean();
        AtomicLong acknowledged = new AtomicLong();
        List<Thread> producers = new ArrayList<>();
        for (int i = 0; i < NOISY_PRODUCERS; i++) {
            producers.add(
                    Thread.ofPlatform().start(() -> produce(noisy, port, enough, acknowledged)));
        }
        try {
            // What was saved goes first.
            run.load(request, QUIET_CONNECTIONS, 3);
            long before = acknowledged.get();
            long begin = System.nanoTime();
            Run.Result result = run.load(request, QUIET_CONNECTIONS, seconds);
            double took = (System.nanoTime() - begin) / 1e9;
            return new Seen(result, (acknowledged.get() - before) / took);
        } finally {
            enough.set(true);
            for (Thread producer : producers) {
                join(producer);
            }
        }
    }

    private static void join(Thread thread) throws IOException {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static void produce(
            Tenant tenant, int port, AtomicBoolean enough, AtomicLong acknowledged) {
        Map<String, Object> config =
                KafkaConfigs.plain(
                        port,
                        tenant.api(),
                        Map.of(
                                "batch.size",
                                256 << 10,
                                "linger.ms",
                                5,
                                "buffer.memory",
                                4L << 20,
                                "max.block.ms",
                                60_000L));
        byte[] value = new byte[NOISY_RECORD_BYTES];
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
        while (!enough.get()) {
            var _ =
                    producer.send(
                            new ProducerRecord<>("t", value),
                            (metadata, problem) -> {
                                if (problem == null) {
                                    acknowledged.addAndGet(NOISY_RECORD_BYTES);
                                }
                            });
        }
        // What waits is of no use any more.
        producer.close(Duration.ZERO);
    }

    private void print(Map<Neighbour, List<Seen>> seen) {
        out.printf(
                Locale.ROOT,
                "quiet: %d connections, one record of 1 KB a request; noisy: %d Kafka producers,"
                        + " quota %d MiB/s; %d rounds of %.0f s, medians%n%n",
                QUIET_CONNECTIONS,
                NOISY_PRODUCERS,
                NOISY_QUOTA_BYTES >> 20,
                rounds,
                seconds);
        out.println("| quiet tenant | requests/s | p50 ms | p99 ms | p99 of alone | noisy MiB/s |");
        out.println("|---|---|---|---|---|---|");
        double alone = 0;
        for (Neighbour neighbour : Neighbour.values()) {
            List<Seen> all = seen.get(neighbour);
            double p99 = median(all.stream().mapToDouble(s -> s.quiet().p99Micros() / 1e3));
            alone = neighbour == Neighbour.NONE ? p99 : alone;
            out.printf(
                    Locale.ROOT,
                    "| %s | %,.0f | %.2f | %.2f | %.2f | %.1f |%n",
                    neighbour.label,
                    median(all.stream().mapToDouble(s -> s.quiet().perSecond())),
                    median(all.stream().mapToDouble(s -> s.quiet().p50Micros() / 1e3)),
                    p99,
                    p99 / alone,
                    median(all.stream().mapToDouble(s -> s.noisyBytesPerSecond() / (1 << 20))));
        }
    }

    private static double median(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
