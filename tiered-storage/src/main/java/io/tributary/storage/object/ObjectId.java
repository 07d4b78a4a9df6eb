package io.tributary.storage.object;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.id.ShardId;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
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

    private static final Pattern KEY =
            Pattern.compile(
                    PREFIX
                            + "(\\d{1,9})/([0-9a-f]{16})-"
                            + "([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})");

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
