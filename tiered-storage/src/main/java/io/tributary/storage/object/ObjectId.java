package io.tributary.storage.object;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.id.ShardId;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An object for its whole life. The shard and the epoch of its writer are part of it, so two owners
 * never write the same key.
 */
public record ObjectId(ShardId shard, long epoch, UUID unique) {
    public static final int BYTES = 4 + 8 + 16;

    /** Where objects lie within the store. */
    public static final String PREFIX = "objects/";

    /** The highest level an object can have. */
    public static final int MAX_LEVEL = 15;

    /** A UUID of version 8: milliseconds, version, level, 8 random bits; variant, 62 of them. */
    private static final int VERSION = 8;

    private static final long VARIANT = 0x8000000000000000L;
    private static final int MILLIS_SHIFT = 16;
    private static final int VERSION_SHIFT = 12;
    private static final int LEVEL_SHIFT = 8;

    private static final Pattern KEY =
            Pattern.compile(
                    PREFIX
                            + "(\\d{1,9})/([0-9a-f]{16})-"
                            + "([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})");

    /**
     * A new object's identity, which says when it was made and how often its records were merged.
     *
     * @param level 0 for what comes from the log, to {@link #MAX_LEVEL}
     */
    public static ObjectId make(
            ShardId shard, long epoch, int level, long nowMillis, RandomGenerator random) {
        long high =
                nowMillis << MILLIS_SHIFT
                        | (long) VERSION << VERSION_SHIFT
                        | (long) level << LEVEL_SHIFT
                        | random.nextInt(1 << LEVEL_SHIFT);
        return new ObjectId(shard, epoch, new UUID(high, random.nextLong() >>> 2 | VARIANT));
    }

    /** How often the object's records were merged. */
    public int level() {
        return (int) (unique.getMostSignificantBits() >>> LEVEL_SHIFT) & MAX_LEVEL;
    }

    /** When the object was made, milliseconds since 1970 by its writer's clock. */
    public long madeAtMillis() {
        return unique.getMostSignificantBits() >>> MILLIS_SHIFT;
    }

    /** The object's key in the store. */
    public String key() {
        return PREFIX + shard + "/" + name();
    }

    /** The last part of the key, unique by itself within the shard. */
    public String name() {
        return String.format(Locale.ROOT, "%016x-%s", epoch, unique);
    }

    /** Reads a key; empty when it is not an object's. */
    public static Optional<ObjectId> parse(String key) {
        Matcher matcher = KEY.matcher(key);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        return Optional.of(
                new ObjectId(
                        new ShardId(Integer.parseInt(matcher.group(1))),
                        HexFormat.fromHexDigitsToLong(matcher.group(2)),
                        UUID.fromString(matcher.group(3))));
    }

    public void write(BinaryWriter out) {
        out.i32(shard.index()).i64(epoch).uuid(unique);
    }

    public static ObjectId read(BinaryReader in) {
        return new ObjectId(new ShardId(in.i32()), in.i64(), in.uuid());
    }

    @Override
    public String toString() {
        return key();
    }
}
