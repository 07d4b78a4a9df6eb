package io.tributary.metadata.topic;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What values a config takes. */
public sealed interface ConfigType {
    /** What a value is, as Kafka's tools tell people. */
    enum Kind {
        BOOLEAN,
        STRING,
        INT,
        LONG,
        DOUBLE,
        LIST
    }

    /** What its values are. */
    default Kind kind() {
        return switch (this) {
            case WholeNumber number -> number.max > Integer.MAX_VALUE ? Kind.LONG : Kind.INT;
            case Ratio _ -> Kind.DOUBLE;
            case Flag _ -> Kind.BOOLEAN;
            case Word _ -> Kind.STRING;
            case Text _, CleanupPolicy _ -> Kind.LIST;
        };
    }

    /** What is wrong with the value; empty when nothing is. */
    Optional<String> fault(String value);

    /** A whole number between two bounds, both inclusive. */
    record WholeNumber(long min, long max) implements ConfigType {
        @Override
        public Optional<String> fault(String value) {
            try {
                long number = Long.parseLong(value);
                return number >= min && number <= max ? Optional.empty() : expected();
            } catch (NumberFormatException e) {
                return expected();
            }
        }

        private Optional<String> expected() {
            return Optional.of(
                    "expected a whole number of at least "
                            + min
                            + (max == Long.MAX_VALUE ? "" : " and at most " + max));
        }
    }

    /** A number between 0 and 1. */
    record Ratio() implements ConfigType {
        @Override
        public Optional<String> fault(String value) {
            try {
                double number = Double.parseDouble(value);
                return number >= 0 && number <= 1
                        ? Optional.empty()
                        : Optional.of("expected a number between 0 and 1");
            } catch (NumberFormatException e) {
                return Optional.of("expected a number between 0 and 1");
            }
        }
    }

    /** true or false. */
    record Flag() implements ConfigType {
        @Override
        public Optional<String> fault(String value) {
            return value.equals("true") || value.equals("false")
                    ? Optional.empty()
                    : Optional.of("expected true or false");
        }
    }

    /** One of some words. */
    record Word(List<String> words) implements ConfigType {
        public static Word of(String... words) {
            return new Word(Arrays.asList(words));
        }

        @Override
        public Optional<String> fault(String value) {
            return words.contains(value)
                    ? Optional.empty()
                    : Optional.of("expected one of " + String.join(", ", words));
        }
    }

    /** Any text of bounded length. */
    record Text(int maxLength) implements ConfigType {
        @Override
        public Optional<String> fault(String value) {
            return value.length() <= maxLength
                    ? Optional.empty()
                    : Optional.of("expected at most " + maxLength + " characters");
        }
    }

    /** {@code delete}, {@code compact} or both. */
    record CleanupPolicy() implements ConfigType {
        @Override
        public Optional<String> fault(String value) {
            for (String policy : value.split(",", -1)) {
                if (!policy.strip().equals("delete") && !policy.strip().equals("compact")) {
                    return Optional.of("expected delete, compact or compact,delete");
                }
            }
            return Optional.empty();
        }
    }
}
