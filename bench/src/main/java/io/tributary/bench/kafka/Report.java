package io.tributary.bench.kafka;

import io.tributary.bench.kafka.Contender.Kind;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Every figure of every round; tells medians with their spread, and ratios of medians. */
final class Report {
    private record Row(String what, String measure) {}

    private final Map<Row, Map<Kind, List<Double>>> rows = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();

    void add(String what, String measure, Kind kind, double value) {
        rows.computeIfAbsent(new Row(what, measure), row -> new EnumMap<>(Kind.class))
                .computeIfAbsent(kind, k -> new ArrayList<>())
                .add(value);
    }

    void note(String text) {
        notes.add(text);
    }

    /** Writes Markdown and JSON into a folder and the Markdown to a stream. */
    void write(Path folder, PrintStream out) throws IOException {
        String markdown = markdown();
        out.println(markdown);
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("kafka.md"), markdown);
        Files.writeString(folder.resolve("kafka.json"), json());
        out.println("Also in " + folder.resolve("kafka.md") + " and kafka.json.");
    }

    private String markdown() {
        StringBuilder text = new StringBuilder();
        notes.forEach(note -> text.append(note).append("\n\n"));
        text.append("| what | measure |");
        for (Kind kind : Kind.values()) {
            text.append(' ').append(kind.title()).append(" |");
        }
        text.append(" of Kafka | of Kafka, synced | as sent, of Kafka |\n");
        text.append("|").append("---|".repeat(Kind.values().length + 5)).append('\n');
        rows.forEach(
                (row, values) -> {
                    text.append("| ").append(row.what()).append(" | ").append(row.measure());
                    for (Kind kind : Kind.values()) {
                        text.append(" | ").append(spread(values.getOrDefault(kind, List.of())));
                    }
                    text.append(" | ").append(ratio(values, Kind.TRIBUTARY, Kind.KAFKA));
                    text.append(" | ").append(ratio(values, Kind.TRIBUTARY, Kind.KAFKA_SYNCED));
                    text.append(" | ")
                            .append(ratio(values, Kind.TRIBUTARY_AS_SENT, Kind.KAFKA))
                            .append(" |\n");
                });
        return text.toString();
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static String spread(List<Double> values) {
        if (values.isEmpty()) {
            return "";
        }
        List<Double> sorted = values.stream().sorted().toList();
        String median = number(median(values));
        return values.size() == 1
                ? median
                : median
                        + " ("
                        + number(sorted.getFirst())
                        + " to "
                        + number(sorted.getLast())
                        + ")";
    }

    private static String number(double value) {
        return String.format(
                Locale.ROOT, value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }

    private static String ratio(Map<Kind, List<Double>> values, Kind of, Kind to) {
        return values.containsKey(of) && values.containsKey(to)
                ? number(median(values.get(of)) / median(values.get(to)))
                : "";
    }

    private String json() {
        List<String> lines = new ArrayList<>();
        rows.forEach(
                (row, values) ->
                        values.forEach(
                                (kind, figures) ->
                                        lines.add(
                                                String.format(
                                                        Locale.ROOT,
                                                        "  {\"what\":\"%s\",\"measure\":\"%s\",\"of\":\"%s\",\"rounds\":%s}",
                                                        row.what(),
                                                        row.measure(),
                                                        kind.title(),
                                                        figures))));
        return "[\n" + String.join(",\n", lines) + "\n]\n";
    }
}
