package io.tributary.server.option;

import io.tributary.kernel.bytes.ByteSize;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.quota.Quotas;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Plans as people write them: one a line, its name and then {@code quota=value}, separated by
 * spaces. Values are whole numbers, for bytes also sizes such as 8MiB, or {@code unlimited}. Empty
 * lines, and what begins with #, say nothing.
 */
final class PlanFile {
    private static final String NAME = "[a-z0-9][a-z0-9_-]{0,62}";

    private PlanFile() {}

    /** A plan's name, checked. */
    static String name(String text) {
        if (!text.matches(NAME)) {
            throw new IllegalArgumentException(
                    "a plan's name: 1 to 63 of a-z, 0-9, - and _, beginning with a letter or"
                            + " digit");
        }
        return text;
    }

    /**
     * Reads plans.
     *
     * @throws IllegalArgumentException what is wrong, and in which line
     */
    static Map<String, Quotas> read(String text) {
        Map<String, Quotas> plans = new TreeMap<>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                String[] words = line.split("\\s+", -1);
                if (!words[0].matches(NAME)) {
                    throw new IllegalArgumentException(
                            "'"
                                    + words[0]
                                    + "' is no name for a plan: 1 to 63 of a-z, 0-9, - and _");
                }
                if (plans.put(words[0], quotas(words)) != null) {
                    throw new IllegalArgumentException("plan " + words[0] + " is there twice");
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("line " + (i + 1) + ": " + e.getMessage(), e);
            }
        }
        return plans;
    }

    private static Quotas quotas(String[] words) {
        Map<Quota, Long> values = new EnumMap<>(Quota.class);
        for (String word : Arrays.asList(words).subList(1, words.length)) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("'" + word + "' is not quota=value");
            }
            String name = word.substring(0, equals);
            Quota quota = Quota.labelled(name).orElseThrow(() -> unknown(name));
            if (values.put(quota, value(quota, word.substring(equals + 1))) != null) {
                throw new IllegalArgumentException(name + " is given twice");
            }
        }
        return new Quotas(values);
    }

    private static long value(Quota quota, String text) {
        if (text.equals(Quotas.UNLIMITED_TEXT)) {
            return Quotas.UNLIMITED;
        }
        try {
            if (quota.isOfBytes()) {
                return ByteSize.parse(text).bytes();
            }
            if (text.matches("\\d{1,18}")) {
                return Long.parseLong(text);
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(quota.label() + " is " + e.getMessage(), e);
        }
        throw new IllegalArgumentException(
                quota.label() + " is neither a whole number nor unlimited: " + text);
    }

    private static IllegalArgumentException unknown(String name) {
        return new IllegalArgumentException(
                "there is no quota "
                        + name
                        + "; there are "
                        + Arrays.stream(Quota.values())
                                .map(Quota::label)
                                .collect(Collectors.joining(", ")));
    }
}
