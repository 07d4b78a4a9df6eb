package io.tributary.bench.kafka;

import io.tributary.testkit.ApacheKafka;
import io.tributary.testkit.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The processes that load a contender; each begins anew, so that none finds itself warm. */
final class Clients {
    private static final List<String> JVM = List.of("-Xms512m", "-Xmx512m", "-XX:+UseParallelGC");
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final Pattern STEADY =
            Pattern.compile(
                    "^(\\d+) .*records sent, ([\\d.]+) records/sec.* ([\\d.]+) ms 50th,"
                            + " ([\\d.]+) ms 95th, ([\\d.]+) ms 99th");

    private final String address;

    Clients(String address) {
        this.address = address;
    }

    /**
     * What Kafka's producer-perf saw after its warm-up.
     *
     * @param sent with the warm-up
     */
    record Produced(long sent, double recordsPerSecond, double p50Millis, double p99Millis) {}

    /** Kafka's producer-perf, as fast as it goes. */
    Produced produce(String topic, Path payloads, long records, List<String> properties)
            throws IOException {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "--bootstrap-server=" + address,
                                "--topic=" + topic,
                                "--throughput=-1",
                                "--num-records=" + records,
                                "--warmup-records=" + records / 4,
                                "--payload-file=" + payloads,
                                "--command-property"));
        arguments.addAll(properties);
        try (Program client =
                ApacheKafka.program(
                        JVM, "", "org.apache.kafka.tools.ProducerPerformance", arguments)) {
            List<String> lines = client.result(LONGEST);
            Matcher steady = STEADY.matcher(lines.getLast());
            if (!steady.find()) {
                throw new IOException("no figures: " + client);
            }
            return new Produced(
                    records,
                    Double.parseDouble(steady.group(2)),
                    Double.parseDouble(steady.group(3)),
                    Double.parseDouble(steady.group(5)));
        }
    }

    /** Runs {@link LoadClient}; its figures. */
    double[] run(String what, Object... arguments) throws IOException {
        try (Program client = start(what, arguments)) {
            String last = client.result(LONGEST).getLast();
            return Arrays.stream(last.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
        }
    }

    /** Starts {@link LoadClient}. */
    Program start(String what, Object... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(what, address));
        Arrays.stream(arguments).map(Object::toString).forEach(all::add);
        return ApacheKafka.program(
                JVM,
                Path.of(System.getProperty("tributary.home"), "bench/target/classes").toString(),
                LoadClient.class.getName(),
                all);
    }
}
