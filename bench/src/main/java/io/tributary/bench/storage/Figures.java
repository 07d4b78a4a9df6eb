package io.tributary.bench.storage;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Prints medians with their spread. */
final class Figures {
    private final PrintStream out;

    Figures(PrintStream out) {
        this.out = out;
    }

    void title(String text, String... columns) {
        out.printf("%n%s%n%n| %s |%n", text, String.join(" | ", columns));
        out.println("|" + "---|".repeat(columns.length));
    }

    void row(String... cells) {
        out.println("| " + String.join(" | ", cells) + " |");
    }

    void line(String format, Object... values) {
        out.printf(Locale.ROOT, format + "%n", values);
    }

    static <T> double median(List<T> runs, ToDoubleFunction<T> value) {
        double[] sorted = runs.stream().mapToDouble(value).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    /** Median (smallest to largest). */
    static <T> String spread(List<T> runs, ToDoubleFunction<T> value, String format) {
        double[] sorted = runs.stream().mapToDouble(value).sorted().toArray();
        return String.format(
                Locale.ROOT,
                format + " (" + format + " to " + format + ")",
                sorted[sorted.length / 2],
                sorted[0],
                sorted[sorted.length - 1]);
    }

    /** A percentile of latencies in nanoseconds, as milliseconds. */
    static double millis(long[] nanos, double part) {
        if (nanos.length == 0) {
            return Double.NaN;
        }
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.min(sorted.length - 1, sorted.length * part)] / 1e6;
    }
}
