package io.tributary.storage.tiering;

import io.tributary.kernel.bytes.Crc32c;
import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.kernel.id.ShardId;
import io.tributary.storage.log.ShardManifest.SnapshotRef;
import io.tributary.storage.object.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where snapshots lie: in the object store, and a copy on the local disk. */
public final class Snapshots {
    /** Where snapshots lie within the store. */
    public static final String PREFIX = "snapshots/";

    private static final Set<StandardOpenOption> AFRESH =
            Set.of(
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE);
    private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

    private Snapshots() {}

    static String key(ShardId shard, String name) {
        return PREFIX + shard + "/" + name;
    }

    static Path localCopy(Path folder, String key) {
        return folder.resolve(key.substring(PREFIX.length()));
    }

    /** Keeps a copy on the local disk where that takes it; it is a cache only. */
    static void keepCopy(Path folder, String key, ByteBuffer snapshot) {
        Path copy = localCopy(folder, key);
        ByteBuffer left = snapshot.duplicate();
        try {
            Files.createDirectories(copy.getParent());
            try (WritableByteChannel file = Files.newByteChannel(copy, AFRESH)) {
                while (left.hasRemaining()) {
                    file.write(left);
                }
            }
        } catch (IOException e) {
            LOG.warn("no local copy of the snapshot is kept file={}", copy, e);
            drop(copy);
        }
    }

    /**
     * Reads a snapshot, from the local copy when it is whole; a damaged copy is thrown away.
     *
     * @throws CorruptDataException what the store has is not what was stored
     */
    public static ByteBuffer read(Path folder, ObjectStore store, SnapshotRef ref)
            throws IOException {
        Path copy = localCopy(folder, ref.key());
        if (Files.exists(copy)) {
            Optional<ByteBuffer> bytes = readCopy(copy, ref);
            if (bytes.isPresent()) {
                return bytes.get();
            }
            LOG.warn("damaged local copy of a snapshot thrown away file={}", copy);
            drop(copy);
        }
        ByteBuffer bytes = store.get(ref.key(), 0, ref.sizeBytes());
        if (!matches(bytes, ref)) {
            throw new CorruptDataException(
                    "snapshot " + ref.key(),
                    0,
                    "the checksum of its " + ref.sizeBytes() + " bytes does not match the manifest",
                    "Restore the object from a replica or a backup of the bucket.");
        }
        return bytes;
    }

    private static Optional<ByteBuffer> readCopy(Path copy, SnapshotRef ref) {
        try {
            if (Files.size(copy) == ref.sizeBytes()) {
                ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(copy));
                return matches(bytes, ref) ? Optional.of(bytes) : Optional.empty();
            }
        } catch (IOException e) {
            LOG.warn("local copy of a snapshot cannot be read file={}", copy, e);
        }
        return Optional.empty();
    }

    /** Removes a local copy where there is one and the disk lets it go. */
    static void drop(Path copy) {
        try {
            Files.deleteIfExists(copy);
        } catch (IOException e) {
            LOG.warn("local copy of a snapshot cannot be removed file={}", copy, e);
        }
    }

    private static boolean matches(ByteBuffer bytes, SnapshotRef ref) {
        return bytes.remaining() == ref.sizeBytes() && Crc32c.of(bytes) == ref.crc32c();
    }
}
