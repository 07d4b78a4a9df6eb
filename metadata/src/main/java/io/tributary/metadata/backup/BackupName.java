package io.tributary.metadata.backup;

import java.util.Comparator;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What tells one backup of the metadata from all others; its key in an object store sorts like the
 * backups' age.
 *
 * @param generation of the lineage that wrote it
 * @param sequence rises with every backup of a generation
 * @param life of the lineage that wrote it
 */
public record BackupName(long generation, long sequence, UUID life)
        implements Comparable<BackupName> {
    /** Where backups lie within an object store. */
    public static final String PREFIX = "metadata/";

    private static final Comparator<BackupName> ORDER =
            Comparator.comparingLong(BackupName::generation)
                    .thenComparingLong(BackupName::sequence)
                    .thenComparing(BackupName::key);

    private static final Pattern KEY =
            Pattern.compile(
                    PREFIX
                            + "([0-7][0-9a-f]{15})-([0-7][0-9a-f]{15})-"
                            + "([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})");

    public String key() {
        return String.format(Locale.ROOT, "%s%016x-%016x-%s", PREFIX, generation, sequence, life);
    }

    /** Reads a key; empty when it is not a backup's. */
    public static Optional<BackupName> parse(String key) {
        Matcher matcher = KEY.matcher(key);
        return matcher.matches()
                ? Optional.of(
                        new BackupName(
                                HexFormat.fromHexDigitsToLong(matcher.group(1)),
                                HexFormat.fromHexDigitsToLong(matcher.group(2)),
                                UUID.fromString(matcher.group(3))))
                : Optional.empty();
    }

    @Override
    public int compareTo(BackupName other) {
        return ORDER.compare(this, other);
    }
}
