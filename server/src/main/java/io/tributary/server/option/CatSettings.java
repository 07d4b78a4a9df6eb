package io.tributary.server.option;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * Which records are read from an object store, and how they are written.
 *
 * @param topic a name or an id
 * @param tenant a name or an id; may be left out where only one has the topic
 * @param partition all of them where it is empty
 * @param from inclusive
 * @param to exclusive
 */
public record CatSettings(
        NodeSettings.Objects objects,
        String topic,
        Optional<String> tenant,
        OptionalInt partition,
        Optional<Place> from,
        Optional<Place> to,
        Format format,
        boolean skipDamaged) {
    private static final Arguments.Command COMMAND = new Arguments.Command("cat", 2);

    /** How records are written. */
    public enum Format {
        /** A JSON array. */
        JSON,
        /** One JSON object a line. */
        NDJSON,
        /** Each value's bytes and a line break. */
        RAW
    }

    private static final Option<Optional<String>> TENANT =
            new Option<>(
                    "tenant",
                    "",
                    "name or id of the tenant, where more than one has such a topic",
                    Values.optional(text -> text));
    private static final Option<Optional<Integer>> PARTITION =
            new Option<>(
                    "partition",
                    "",
                    "one partition; all by default, one after the other",
                    Values.optional(Values.number(0, Integer.MAX_VALUE)));
    private static final Option<Optional<Place>> FROM =
            new Option<>(
                    "from",
                    "",
                    "first offset, or a time: from its first record that is not older",
                    Values.optional(Values::place));
    private static final Option<Optional<Place>> TO =
            new Option<>(
                    "to",
                    "",
                    "offset after the last, or a time: up to the first record that is not older",
                    Values.optional(Values::place));
    private static final Option<Format> FORMAT =
            new Option<>(
                    "format",
                    "ndjson",
                    "json, ndjson, or raw: the values alone",
                    Values.word(Format.class));
    private static final Option<Boolean> SKIP_DAMAGED =
            new Option<>("skip-damaged", "false", "report what is damaged and go on", Values::flag);
    private static final List<Option<?>> STORE =
            List.of(Options.S3_ENDPOINT, Options.S3_REGION, Options.S3_PATH_STYLE);
    private static final List<Option<?>> ALL = all();

    private static List<Option<?>> all() {
        List<Option<?>> all =
                new ArrayList<>(List.of(TENANT, PARTITION, FROM, TO, FORMAT, SKIP_DAMAGED));
        all.addAll(STORE);
        return all;
    }

    /**
     * The settings these arguments make.
     *
     * @throws OptionException an option is unknown, a word is missing, or a value cannot be
     */
    public static CatSettings read(
            List<String> arguments,
            Function<String, Optional<String>> properties,
            Function<String, Optional<String>> environment) {
        Arguments given = Arguments.read(COMMAND, ALL, arguments, properties, environment);
        if (given.words().size() < 2) {
            throw new OptionException(
                    "An object store and a topic are needed:"
                            + " ./tributary cat s3://bucket/prefix TOPIC.");
        }
        Optional<Integer> partition = given.get(PARTITION);
        return new CatSettings(
                Options.objects(given, Optional.of(store(given.words().getFirst()))),
                given.words().get(1),
                given.get(TENANT),
                partition.isPresent() ? OptionalInt.of(partition.get()) : OptionalInt.empty(),
                given.get(FROM),
                given.get(TO),
                given.get(FORMAT),
                given.get(SKIP_DAMAGED));
    }

    private static URI store(String text) {
        try {
            return Values.objectStore(text)
                    .orElseThrow(() -> new IllegalArgumentException("s3://bucket/prefix"));
        } catch (IllegalArgumentException e) {
            throw new OptionException(
                    "'" + text + "' is no object store, expected " + e.getMessage() + ".");
        }
    }

    /** All options with their defaults, for people. */
    public static String help() {
        return Arguments.help(
                List.of(
                        "Writes a topic's records, read from the object store without a server:",
                        "  ./tributary cat s3://bucket/prefix TOPIC [OPTIONS]",
                        ""),
                ALL);
    }
}
