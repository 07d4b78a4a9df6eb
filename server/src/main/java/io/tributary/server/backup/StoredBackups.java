package io.tributary.server.backup;

import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.metadata.backup.BackupName;
import io.tributary.metadata.backup.BackupReader;
import io.tributary.metadata.backup.BackupReader.Backup;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.object.ObjectStore.ObjectInfo;
import io.tributary.storage.object.ObjectStoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The metadata's backups in an object store. Thread-safe; blocks. */
public final class StoredBackups {
    private static final int PAGE = 1_000;

    private final ObjectStore store;

    public StoredBackups(ObjectStore store) {
        this.store = store;
    }

    /** A backup that lies in the store. */
    public record Listed(BackupName name, long sizeBytes, Instant storedAt) {}

    /** Fails unless the store can be used, and is ours where that is known. */
    void check() throws IOException {
        store.check();
    }

    /** All backups, the newest last. */
    public List<Listed> list() throws IOException {
        List<Listed> found = new ArrayList<>();
        Optional<String> after = Optional.empty();
        while (true) {
            List<ObjectInfo> page = store.list(BackupName.PREFIX, after, PAGE);
            for (ObjectInfo object : page) {
                BackupName.parse(object.key())
                        .ifPresent(
                                name ->
                                        found.add(
                                                new Listed(
                                                        name,
                                                        object.sizeBytes(),
                                                        object.storedAt())));
            }
            if (page.size() < PAGE) {
                return found;
            }
            after = Optional.of(page.getLast().key());
        }
    }

    /**
     * What was found when the newest readable backup was looked for.
     *
     * @param damaged newer ones that cannot be read, for people
     */
    public record Found(Optional<Backup> newest, List<String> damaged) {}

    /** The newest backup that can be read. */
    public Found newest() throws IOException {
        List<String> damaged = new ArrayList<>();
        for (Listed listed : list().reversed()) {
            try (InputStream in = new StoredInput(store, listed.name().key(), listed.sizeBytes())) {
                return new Found(Optional.of(BackupReader.read(in)), damaged);
            } catch (MalformedBytesException e) {
                damaged.add(listed.name().key() + ": " + e.getMessage());
            } catch (ObjectStoreException e) {
                if (e.kind() != ObjectStoreException.Kind.MISSING
                        && e.kind() != ObjectStoreException.Kind.CORRUPT) {
                    throw e;
                }
                damaged.add(e.getMessage());
            }
        }
        return new Found(Optional.empty(), damaged);
    }

    /** Stores a file as a backup. */
    void put(BackupName name, Path file) throws IOException {
        store.put(name.key(), file);
    }

    void delete(Collection<BackupName> names) throws IOException {
        store.delete(names.stream().map(BackupName::key).toList());
    }

    /** An object from its begin to its end, a piece at a time. */
    private static final class StoredInput extends InputStream {
        private static final int PIECE_BYTES = 4 << 20;

        private final ObjectStore store;
        private final String key;
        private final long size;
        private long at;
        private ByteBuffer piece = ByteBuffer.allocate(0);

        private StoredInput(ObjectStore store, String key, long size) {
            this.store = store;
            this.key = key;
            this.size = size;
        }

        private boolean more() throws IOException {
            if (!piece.hasRemaining() && at < size) {
                piece = store.get(key, at, (int) Math.min(PIECE_BYTES, size - at));
                at += piece.remaining();
            }
            return piece.hasRemaining();
        }

        @Override
        public int read() throws IOException {
            return more() ? piece.get() & 0xff : -1;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (!more()) {
                return -1;
            }
            int count = Math.min(length, piece.remaining());
            piece.get(into, offset, count);
            return count;
        }
    }
}
