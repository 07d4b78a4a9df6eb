package io.tributary.server.option;

import io.tributary.kernel.bytes.ByteSize;
import java.net.URI;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How values of options are written. */
final class Values {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

    private Values() {}

    static Function<String, Integer> number(int min, int max) {
        return text -> {
            try {
                int number = Integer.parseInt(text);
                if (number >= min && number <= max) {
                    return number;
                }
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(expected(min, max), e);
            }
            throw new IllegalArgumentException(expected(min, max));
        };
    }

    /** A number that stands for something of its own, or one of a range. */
    static Function<String, Integer> either(int special, Function<String, Integer> range) {
        return text -> {
            if (text.equals(Integer.toString(special))) {
                return special;
            }
            try {
                return range.apply(text);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(special + " or " + e.getMessage(), e);
            }
        };
    }

    static Double price(String text) {
        if (!text.matches("\\d{1,6}(\\.\\d{1,9})?")) {
            throw new IllegalArgumentException("a price such as 0.005");
        }
        return Double.valueOf(text);
    }

    static Function<String, Long> wholeNumber(long min, long max) {
        return text -> {
            if (text.matches("\\d{1,18}")) {
                long number = Long.parseLong(text);
                if (number >= min && number <= max) {
                    return number;
                }
            }
            throw new IllegalArgumentException(expected(min, max));
        };
    }

    /** An offset, or a moment as RFC 3339. */
    static Place place(String text) {
        try {
            return text.matches("\\d{1,18}")
                    ? new Place.Offset(Long.parseLong(text))
                    : new Place.Time(Instant.parse(text).toEpochMilli());
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "an offset, or a time such as 2026-01-31T00:00:00Z", e);
        }
    }

    private static String expected(long min, long max) {
        return "a whole number from " + min + " to " + max;
    }

    static Function<String, ByteSize> size(String min) {
        ByteSize least = ByteSize.parse(min);
        return text -> {
            String expected = "a size of at least " + min + ", such as 64MiB or 10GiB";
            try {
                ByteSize size = ByteSize.parse(text);
                if (size.compareTo(least) >= 0) {
                    return size;
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(expected, e);
            }
            throw new IllegalArgumentException(expected);
        };
    }

    static Function<String, Duration> duration(Duration min) {
        return text -> {
            Matcher matcher = DURATION.matcher(text);
            if (matcher.matches()) {
                long amount = Long.parseLong(matcher.group(1));
                Duration duration =
                        switch (matcher.group(2)) {
                            case "ms" -> Duration.ofMillis(amount);
                            case "s" -> Duration.ofSeconds(amount);
                            case "m" -> Duration.ofMinutes(amount);
                            case "h" -> Duration.ofHours(amount);
                            default -> Duration.ofDays(amount);
                        };
                if (duration.compareTo(min) >= 0) {
                    return duration;
                }
            }
            throw new IllegalArgumentException(
                    "a duration of at least " + min.toMillis() + "ms, such as 30s, 5m, 1h or 7d");
        };
    }

    static Boolean flag(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("true or false");
        };
    }

    static String host(String text) {
        if (!text.matches("[A-Za-z0-9.:_-]{1,253}")) {
            throw new IllegalArgumentException("a host name or an address");
        }
        return text;
    }

    static Path path(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("a path");
        }
        return Path.of(text).toAbsolutePath().normalize();
    }

    static <E extends Enum<E>> Function<String, E> word(Class<E> type) {
        return text -> {
            for (E constant : type.getEnumConstants()) {
                if (constant.name().toLowerCase(Locale.ROOT).equals(text)) {
                    return constant;
                }
            }
            throw new IllegalArgumentException(
                    "one of "
                            + String.join(
                                    ", ",
                                    java.util.Arrays.stream(type.getEnumConstants())
                                            .map(c -> c.name().toLowerCase(Locale.ROOT))
                                            .toList()));
        };
    }

    static URI endpoint(String text) {
        URI uri = uri(text);
        if (uri.getHost() == null
                || !(uri.getScheme().equals("http") || uri.getScheme().equals("https"))) {
            throw new IllegalArgumentException("a URL such as https://minio.example:9000");
        }
        return uri;
    }

    /** Where objects go: empty for a folder below the data, a file or an s3 URI. */
    static Optional<URI> objectStore(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        URI uri = uri(text);
        boolean s3 = "s3".equals(uri.getScheme()) && uri.getAuthority() != null;
        boolean folder = "file".equals(uri.getScheme()) && uri.getPath() != null;
        if (!s3 && !folder) {
            throw new IllegalArgumentException("s3://bucket/prefix or file:///folder");
        }
        return Optional.of(uri);
    }

    private static URI uri(String text) {
        try {
            URI uri = URI.create(text);
            if (uri.getScheme() != null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("a URI with a scheme", e);
        }
        throw new IllegalArgumentException("a URI with a scheme");
    }

    static <T> Function<String, Optional<T>> optional(Function<String, T> parse) {
        return text -> text.isEmpty() ? Optional.empty() : Optional.of(parse.apply(text));
    }
}
