package io.tributary.ingest.fetch;

import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.vertx.core.MultiMap;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What a reader asked for.
 *
 * @param maxBytes stop before the answer's records take more, but give at least one
 * @param patience how long to wait for a first record
 */
record FetchQuery(From from, int maxBytes, Duration patience, Shown key, Shown value) {
    static final int DEFAULT_MAX_BYTES = 1 << 20;
    static final int LARGEST_MAX_BYTES = 16 << 20;
    static final long LONGEST_WAIT_MILLIS = 60_000;

    /** Where to begin. */
    sealed interface From {
        record Offset(long offset) implements From {}

        record Earliest() implements From {}

        record Latest() implements From {}

        /** At the first record of this time or later; at the end where there is none. */
        record Timestamp(long millis) implements From {}
    }

    /** How keys or values are written. */
    enum Shown {
        /** As JSON where the bytes are, else as text where they are UTF-8, else in base64. */
        AUTO,
        BINARY,
        STRING,
        JSON
    }

    /** Reads the parameters; every unknown or absurd one is refused by name. */
    static FetchQuery read(MultiMap parameters) {
        From from = null;
        int maxBytes = DEFAULT_MAX_BYTES;
        Duration patience = Duration.ZERO;
        Shown key = Shown.AUTO;
        Shown value = Shown.AUTO;
        for (Map.Entry<String, String> parameter : parameters) {
            String name = parameter.getKey();
            String text = parameter.getValue();
            switch (name) {
                case "offset" -> from = once(from, offset(text));
                case "timestamp" -> from = once(from, new From.Timestamp(timestamp(text)));
                case "max_bytes" -> maxBytes = (int) number(name, text, 1, LARGEST_MAX_BYTES);
                case "wait_ms" ->
                        patience = Duration.ofMillis(number(name, text, 0, LONGEST_WAIT_MILLIS));
                case "key_format" -> key = shown(name, text);
                case "value_format" -> value = shown(name, text);
                default -> throw refused("Unknown parameter: " + name);
            }
        }
        return new FetchQuery(
                from == null ? new From.Earliest() : from, maxBytes, patience, key, value);
    }

    private static From once(From before, From now) {
        if (before != null) {
            throw refused("Give one of offset and timestamp, once.");
        }
        return now;
    }

    private static From offset(String text) {
        return switch (text) {
            case "earliest" -> new From.Earliest();
            case "latest" -> new From.Latest();
            default -> new From.Offset(number("offset", text, 0, Long.MAX_VALUE));
        };
    }

    private static long timestamp(String text) {
        try {
            return text.chars().allMatch(Character::isDigit)
                    ? Long.parseLong(text)
                    : Instant.parse(text).toEpochMilli();
        } catch (NumberFormatException | DateTimeException | ArithmeticException e) {
            throw refused("timestamp must be milliseconds since 1970 or RFC 3339.");
        }
    }

    private static long number(String name, String text, long min, long max) {
        try {
            long number = Long.parseLong(text);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw refused(expected(name, min, max));
        }
        throw refused(expected(name, min, max));
    }

    private static String expected(String name, long min, long max) {
        return name
                + " must be a whole number from "
                + min
                + " to "
                + max
                + (name.equals("offset") ? ", earliest or latest." : ".");
    }

    private static Shown shown(String name, String text) {
        for (Shown shown : Shown.values()) {
            if (shown.name().toLowerCase(Locale.ROOT).equals(text)) {
                return shown;
            }
        }
        throw refused(name + " must be auto, binary, string or json.");
    }

    private static ProblemException refused(String message) {
        return Problem.of(400, message).asException();
    }

    /** The same from another offset. */
    FetchQuery at(OptionalLong offset) {
        return offset.isEmpty()
                ? this
                : new FetchQuery(
                        new From.Offset(offset.getAsLong()), maxBytes, patience, key, value);
    }
}
