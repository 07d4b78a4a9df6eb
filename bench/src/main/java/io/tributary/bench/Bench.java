package io.tributary.bench;

import io.tributary.bench.kafka.KafkaBench;
import io.tributary.bench.storage.StorageBench;
import java.util.List;

/** Where measurements begin. */
public final class Bench {
    private static final String USAGE =
            "usage: ./tributary bench http [--seconds N] [--rounds N] [--connections N]\n"
                + "       ./tributary bench neighbours [--seconds N] [--rounds N]\n"
                + "       ./tributary bench storage [ladder|syncs|cold|tail|thin|sample|topics …]"
                + " [--seconds N] [--rounds N]\n"
                + "       ./tributary bench kafka [produce|catchup|latency|partitions …] [--quick]";

    private Bench() {}

    /** Runs one benchmark and prints tables. */
    public static void main(String... args) throws Exception {
        List<String> arguments = List.of(args);
        int seconds = number(arguments, "--seconds", 4);
        int rounds = number(arguments, "--rounds", 3);
        switch (arguments.isEmpty() ? "" : arguments.getFirst()) {
            case "http" ->
                    new HttpBench(
                                    number(arguments, "--connections", 32),
                                    seconds,
                                    rounds,
                                    System.out)
                            .run();
            case "neighbours" -> new NeighbourBench(seconds, rounds, System.out).run();
            case "storage" -> new StorageBench(seconds, rounds, System.out).run(names(arguments));
            case "kafka" -> {
                if (!KafkaBench.PARTS.containsAll(names(arguments))) {
                    refuse();
                }
                new KafkaBench(arguments.contains("--quick"), System.out).run(names(arguments));
            }
            default -> refuse();
        }
    }

    private static void refuse() {
        System.err.println(USAGE);
        System.exit(2);
    }

    /** The words between the benchmark's name and its first option. */
    private static List<String> names(List<String> arguments) {
        return arguments.stream()
                .skip(1)
                .takeWhile(argument -> !argument.startsWith("--"))
                .toList();
    }

    private static int number(List<String> arguments, String name, int byDefault) {
        int at = arguments.indexOf(name);
        return at < 0 ? byDefault : Integer.parseInt(arguments.get(at + 1));
    }
}
