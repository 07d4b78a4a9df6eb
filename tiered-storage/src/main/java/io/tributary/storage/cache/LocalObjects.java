package io.tributary.storage.cache;

import io.tributary.storage.object.ObjectId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Copies of uploaded objects on the local disk, up to a budget, the least recently read out. Only a
 * cache: losing any of it loses nothing. Thread-safe; reads block on the disk.
 */
public final class LocalObjects {
    private final Path directory;
    private final long budgetBytes;

    /** Sizes in the order of use. */
    private final Map<ObjectId, Long> sizes = new LinkedHashMap<>(16, 0.75f, true);

    private long totalBytes;

    /** Takes over what an earlier run left in the folder; anything that is no copy is removed. */
    public LocalObjects(Path directory, long budgetBytes) throws IOException {
        this.directory = directory;
        this.budgetBytes = budgetBytes;
        Files.createDirectories(directory);
        List<Path> files;
        try (Stream<Path> tree = Files.walk(directory)) {
            files =
                    tree.filter(Files::isRegularFile)
                            .sorted(Comparator.comparingLong(LocalObjects::modified))
                            .toList();
        }
        for (Path file : files) {
            Optional<ObjectId> id = id(file);
            if (id.isPresent()) {
                long size = Files.size(file);
                sizes.put(id.get(), size);
                totalBytes += size;
            } else {
                Files.delete(file);
            }
        }
        evict();
    }

    /** A file of the folder's own file system that {@link #adopt} can take. */
    public Path newFile(ObjectId id) throws IOException {
        Path file = directory.resolve(id.shard() + "/" + id.name() + ".new");
        Files.createDirectories(file.getParent());
        return file;
    }

    /** Takes the file over as the object's copy. */
    public void adopt(ObjectId id, Path file) throws IOException {
        long size = Files.size(file);
        synchronized (sizes) {
            Files.move(file, path(id), StandardCopyOption.ATOMIC_MOVE);
            Long before = sizes.put(id, size);
            totalBytes += size - (before == null ? 0 : before);
            evict();
        }
    }

    /**
     * Reads exactly these bytes; empty when there is no copy, or it is too short and so removed.
     */
    public Optional<ByteBuffer> read(ObjectId id, long position, int length) throws IOException {
        synchronized (sizes) {
            if (sizes.get(id) == null) {
                return Optional.empty();
            }
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        try (FileChannel file = FileChannel.open(path(id), StandardOpenOption.READ)) {
            while (bytes.hasRemaining()) {
                if (file.read(bytes, position + bytes.position()) < 0) {
                    drop(id);
                    return Optional.empty();
                }
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        return Optional.of(bytes.flip());
    }

    public boolean contains(ObjectId id) {
        synchronized (sizes) {
            return sizes.containsKey(id);
        }
    }

    public long sizeBytes() {
        synchronized (sizes) {
            return totalBytes;
        }
    }

    /** Removes one copy, if there is one. */
    public void drop(ObjectId id) throws IOException {
        synchronized (sizes) {
            Long size = sizes.remove(id);
            if (size != null) {
                totalBytes -= size;
                Files.deleteIfExists(path(id));
            }
        }
    }

    /** Removes every copy; returns the bytes given back. */
    public long dropAll() throws IOException {
        synchronized (sizes) {
            long bytes = totalBytes;
            for (ObjectId id : List.copyOf(sizes.keySet())) {
                drop(id);
            }
            return bytes;
        }
    }

    private void evict() throws IOException {
        var oldest = List.copyOf(sizes.keySet()).iterator();
        while (totalBytes > budgetBytes && oldest.hasNext()) {
            drop(oldest.next());
        }
    }

    private Path path(ObjectId id) {
        return directory.resolve(id.shard() + "/" + id.name());
    }

    private Optional<ObjectId> id(Path file) {
        return ObjectId.parse(
                ObjectId.PREFIX + directory.relativize(file).toString().replace('\\', '/'));
    }

    private static long modified(Path file) {
        try {
            return Files.getLastModifiedTime(file).toMillis();
        } catch (IOException e) {
            return 0;
        }
    }
}
