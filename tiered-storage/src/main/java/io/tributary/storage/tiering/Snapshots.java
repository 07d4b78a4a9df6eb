package io.tributary.storage.tiering;

import io.tributary.kernel.bytes.Crc32c;
import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.kernel.id.ShardId;
import io.tributary.storage.log.ShardManifest.SnapshotRef;
import io.tributary.storage.object.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where snapshots lie: in the object store, and a copy on the local disk. */
public final class Snapshots {
    /** Where snapshots lie within the store. */
    public static final String PREFIX = "snapshots/";

    private Snapshots() {}

    static String key(ShardId shard, String name) {
        return PREFIX + shard + "/" + name;
    }

    static Path localCopy(Path folder, String key) {
        return folder.resolve(key.substring(PREFIX.length()));
    }

    /**
     * Reads a snapshot, from the local copy when it is whole.
     *
     * @throws CorruptDataException what the store has is not what was stored
     */
    public static ByteBuffer read(Path folder, ObjectStore store, SnapshotRef ref)
            throws IOException {
        Path copy = localCopy(folder, ref.key());
        if (Files.exists(copy)) {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(copy));
            if (matches(bytes, ref)) {
                return bytes;
            }
        }
        ByteBuffer bytes = store.get(ref.key(), 0, ref.sizeBytes());
        if (!matches(bytes, ref)) {
            throw new CorruptDataException(
                    "snapshot " + ref.key(),
                    0,
                    "its checksum does not match the manifest",
                    "Restore the object from a replica or a backup of the bucket.");
        }
        return bytes;
    }

    private static boolean matches(ByteBuffer bytes, SnapshotRef ref) {
        return bytes.remaining() == ref.sizeBytes() && Crc32c.of(bytes) == ref.crc32c();
    }
}
