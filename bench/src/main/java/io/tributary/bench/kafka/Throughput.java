package io.tributary.bench.kafka;

import io.tributary.bench.kafka.Clients.Produced;
import io.tributary.bench.kafka.Contender.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** How much goes in and out, what that costs, and how long a record takes. */
final class Throughput {
    private static final int PARTITIONS = 4;
    private static final long PROBE = 30_000;
    private static final long MOST = 1_500_000;

    /** The warm-up is a quarter of what is sent. */
    private static final double WITH_WARM_UP = 4.0 / 3;

    /** What a catching-up consumer finds, for each second of a round: about a GiB. */
    private static final int CATCH_UP_PER_SECOND = 250_000;

    private static final int PACE = 500;
    private static final List<Kind> BOTH = List.of(Kind.KAFKA, Kind.TRIBUTARY);
    private static final List<Kind> THREE = List.of(Kind.KAFKA, Kind.KAFKA_SYNCED, Kind.TRIBUTARY);

    private final Rounds rounds;
    private final Path payloads;

    Throughput(Rounds rounds, Path payloads) {
        this.rounds = rounds;
        this.payloads = payloads;
    }

    private static double megabytes(double records) {
        return records * Payloads.BYTES / 1e6;
    }

    /** Many small requests, so that what is measured is not the compiler of the JVM. */
    void warmUp() throws IOException {
        for (Map.Entry<Kind, Contender> contender : rounds.contenders().entrySet()) {
            KafkaBench.progress("warming up " + contender.getKey().title());
            Clients clients = new Clients(contender.getValue().address());
            clients.run("create", "warm-", 1, PARTITIONS);
            clients.produce("warm-0", payloads, rounds.size().warmUp(), properties(16, "none"));
        }
    }

    void produce() throws IOException {
        for (int batch : new int[] {16, 256}) {
            for (String codec : List.of("none", "zstd")) {
                produce(batch, codec);
            }
        }
    }

    private static List<String> properties(int batchKibibytes, String codec) {
        return List.of(
                "batch.size=" + (batchKibibytes << 10),
                "compression.type=" + codec,
                "buffer.memory=67108864");
    }

    private void produce(int batch, String codec) throws IOException {
        String what = "produce, batches of " + batch + " KiB, " + codec;
        String topic = "produce-" + batch + "-" + codec + "-";
        List<String> properties = properties(batch, codec);
        // What came compressed stays so in the object store.
        List<Kind> kinds = codec.equals("none") ? List.of(Kind.values()) : THREE;
        Map<Kind, Double> rates = new EnumMap<>(Kind.class);
        for (Kind kind : kinds) {
            Clients clients = new Clients(rounds.contenders().get(kind).address());
            clients.run("create", topic, 1, PARTITIONS);
            rates.put(
                    kind,
                    clients.produce(topic + 0, payloads, PROBE, properties).recordsPerSecond());
        }
        rounds.run(
                what,
                kinds,
                (kind, contender) -> {
                    Clients clients = new Clients(contender.address());
                    long records =
                            (long)
                                    Math.clamp(
                                            rates.get(kind)
                                                    * rounds.size().seconds()
                                                    * WITH_WARM_UP,
                                            PROBE,
                                            MOST);
                    double[] cpu = new double[1];
                    Produced produced =
                            rounds.undisturbed(
                                    () -> {
                                        double before = Machine.cpuSeconds(contender.pid());
                                        Produced seen =
                                                clients.produce(
                                                        topic + 0, payloads, records, properties);
                                        cpu[0] = Machine.cpuSeconds(contender.pid()) - before;
                                        return seen;
                                    });
                    rates.put(kind, produced.recordsPerSecond());
                    Report report = rounds.report();
                    report.add(what, "MB/s", kind, megabytes(produced.recordsPerSecond()));
                    report.add(
                            what,
                            "server CPU s per GB",
                            kind,
                            cpu[0] * 1e3 / megabytes((double) produced.sent()));
                    report.add(what, "p50 ms", kind, produced.p50Millis());
                    report.add(what, "p99 ms", kind, produced.p99Millis());
                });
    }

    void catchUp() throws IOException {
        long records = (long) (CATCH_UP_PER_SECOND * rounds.size().seconds());
        for (String codec : List.of("none", "zstd")) {
            String what = "catch-up, " + codec;
            String topic = "catchup-" + codec + "-";
            for (Kind kind : BOTH) {
                Clients clients = new Clients(rounds.contenders().get(kind).address());
                clients.run("create", topic, 1, PARTITIONS);
                clients.produce(topic + 0, payloads, records, properties(256, codec));
            }
            rounds.run(what, BOTH, (kind, contender) -> consume(what, topic, kind, records));
        }
    }

    private void consume(String what, String topic, Kind kind, long records) throws IOException {
        Contender contender = rounds.contenders().get(kind);
        double[] cpu = new double[1];
        double[] seen =
                rounds.undisturbed(
                        () -> {
                            double before = Machine.cpuSeconds(contender.pid());
                            double[] figures =
                                    new Clients(contender.address())
                                            .run("consume", topic + 0, PARTITIONS, records);
                            cpu[0] = Machine.cpuSeconds(contender.pid()) - before;
                            return figures;
                        });
        rounds.report().add(what, "MB/s", kind, megabytes(seen[1]) / seen[0]);
        rounds.report()
                .add(what, "server CPU s per GB", kind, cpu[0] * 1e3 / megabytes((double) records));
    }

    void latency() throws IOException {
        String what = "send to arrival, " + PACE + " records/s";
        for (Kind kind : THREE) {
            new Clients(rounds.contenders().get(kind).address()).run("create", "latency-", 1, 1);
        }
        rounds.run(
                what,
                THREE,
                (kind, contender) -> {
                    double[] seen =
                            rounds.undisturbed(
                                    () ->
                                            new Clients(contender.address())
                                                    .run(
                                                            "latency",
                                                            "latency-0",
                                                            PACE,
                                                            rounds.size().seconds()));
                    rounds.report().add(what, "p50 ms", kind, seen[0]);
                    rounds.report().add(what, "p99 ms", kind, seen[1]);
                });
    }
}
