package io.tributary.bench.kafka;

import io.tributary.bench.kafka.Contender.Kind;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The service beside Apache Kafka on the same machine, disk and JDK, by Kafka's own clients: rounds
 * take turns, so that a moment when the machine is slow hurts everybody.
 */
public final class KafkaBench {
    /** What can be run by itself. */
    public static final Set<String> PARTS = Set.of("produce", "catchup", "latency", "partitions");

    /** More of the processors for others than this, and a round is done again. */
    private static final double MOST_FOR_OTHERS = 0.15;

    private static final int MOST_TRIES = 2;

    private final Size size;
    private final PrintStream out;
    private final Report report = new Report();
    private double waitSeconds;
    private int disturbed;
    private int measured;

    /**
     * How much is done.
     *
     * @param seconds of a round, about
     * @param partitions how many partitions to have at once, one measurement each
     * @param warmUp records each server takes before anything is measured
     * @param waitSeconds how long it may wait in all for others to leave the machine alone
     */
    record Size(
            int rounds, double seconds, List<Integer> partitions, long warmUp, double waitSeconds) {
        static final Size FULL = new Size(3, 4, List.of(1_000, 10_000), 1_000_000, 240);
        static final Size QUICK = new Size(1, 2.5, List.of(1_000), 100_000, 30);
    }

    public KafkaBench(boolean quick, PrintStream out) {
        size = quick ? Size.QUICK : Size.FULL;
        waitSeconds = size.waitSeconds();
        this.out = out;
    }

    /** Runs the parts of these names, or all, and prints a table. */
    public void run(List<String> names) throws IOException {
        Path folder = Files.createTempDirectory("tributary-bench-kafka");
        try {
            if (Stream.of("produce", "catchup", "latency").anyMatch(name -> wanted(name, names))) {
                side(names, folder);
            }
            if (wanted("partitions", names)) {
                for (int partitions : size.partitions()) {
                    partitions(folder, partitions);
                }
            }
        } finally {
            delete(folder);
        }
        if (measured > 0) {
            report.note(
                    String.format(
                            Locale.ROOT,
                            "%d rounds of about %.1f s each, median (smallest to largest); %d of %d"
                                + " measurements had other processes at more than %.0f %% of the"
                                + " machine, after up to %d tries.",
                            size.rounds(),
                            size.seconds(),
                            disturbed,
                            measured,
                            MOST_FOR_OTHERS * 100,
                            MOST_TRIES));
        }
        report.note("Many partitions are measured once, whatever else the machine does.");
        report.write(Path.of(System.getProperty("tributary.home"), "bench/target"), out);
    }

    private static boolean wanted(String name, List<String> names) {
        return names.isEmpty() || names.contains(name);
    }

    static void progress(String line) {
        System.err.println(line);
    }

    /** All contenders beside each other, one of them under load at a time. */
    private void side(List<String> names, Path folder) throws IOException {
        Map<Kind, Contender> contenders = new EnumMap<>(Kind.class);
        try {
            for (Kind kind : Kind.values()) {
                progress("starting " + kind.title());
                contenders.put(kind, kind.start(folder.resolve(kind.name())));
            }
            Rounds rounds = new Rounds(this, contenders, report, size);
            Throughput throughput = new Throughput(rounds, Payloads.write(folder));
            throughput.warmUp();
            if (wanted("produce", names)) {
                throughput.produce();
            }
            if (wanted("catchup", names)) {
                throughput.catchUp();
            }
            if (wanted("latency", names)) {
                throughput.latency();
            }
            for (Kind kind : List.of(Kind.KAFKA, Kind.TRIBUTARY)) {
                report.add(
                        "after all that",
                        "resident MiB",
                        kind,
                        Machine.residentMebibytes(contenders.get(kind).pid()));
            }
        } finally {
            for (Contender contender : contenders.values()) {
                contender.close();
            }
        }
    }

    /** One contender after the other, each alone. */
    private void partitions(Path folder, int partitions) throws IOException {
        for (Kind kind : List.of(Kind.KAFKA, Kind.TRIBUTARY)) {
            Path own = folder.resolve(kind.name() + partitions);
            new ManyPartitions(report, kind, partitions).run(own);
            delete(own);
            Machine.settle();
        }
    }

    /** A measurement that can be done again. */
    interface Measurement<T> {
        T take() throws IOException;
    }

    /** Measures once, or again where other processes took too much meanwhile. */
    <T> T undisturbed(List<Contender> contenders, Measurement<T> measurement) throws IOException {
        measured++;
        T taken = null;
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            Machine.settle();
            waitSeconds -= Machine.awaitQuiet(contenders, MOST_FOR_OTHERS, waitSeconds);
            Machine.Others others = new Machine.Others(contenders);
            taken = measurement.take();
            double share = others.share();
            if (share <= MOST_FOR_OTHERS) {
                return taken;
            }
            progress("  others had " + Math.round(share * 100) + " % of the machine");
        }
        disturbed++;
        return taken;
    }

    private static void delete(Path folder) throws IOException {
        List<Path> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(all::add);
        }
        for (Path file : all) {
            Files.deleteIfExists(file);
        }
    }
}
