package io.tributary.bench;

import java.io.IOException;
import java.util.List;

/** Where measurements begin: {@code http [--seconds N] [--rounds N] [--connections N]}. */
public final class Bench {
    private Bench() {}

    /** Runs one benchmark and prints a table. */
    public static void main(String... args) throws IOException {
        List<String> arguments = List.of(args);
        if (arguments.isEmpty() || !arguments.getFirst().equals("http")) {
            System.err.println(
                    "usage: ./tributary bench http [--seconds N] [--rounds N] [--connections N]");
            System.exit(2);
        }
        new HttpBench(
                        number(arguments, "--connections", 32),
                        number(arguments, "--seconds", 5),
                        number(arguments, "--rounds", 5),
                        System.out)
                .run();
    }

    private static int number(List<String> arguments, String name, int byDefault) {
        int at = arguments.indexOf(name);
        return at < 0 ? byDefault : Integer.parseInt(arguments.get(at + 1));
    }
}
