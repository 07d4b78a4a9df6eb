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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Copies of uploaded objects on the local disk, up to the caches' budget, the least recently read
 * out. Only a cache: losing any of it loses nothing, and a disk that fails only means that there is
 * no copy. Thread-safe; reads block on the disk.
 */
public final class LocalObjects {
    private final class Copy implements CacheDisk.CacheFile {
        private final ObjectId id;
        private final long sizeBytes;

        private Copy(ObjectId id, long sizeBytes) {
            this.id = id;
            this.sizeBytes = sizeBytes;
        }

        @Override
        public void evict() {
            try {
                remove(this);
            } catch (IOException e) {
                disk.failed(e);
            }
        }
    }

    private final Path directory;
    private final CacheDisk disk;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ObjectId, Copy> copies = new HashMap<>();

    /** Takes over what an earlier run left in the folder; anything that is no copy is removed. */
    LocalObjects(Path directory, CacheDisk disk) throws IOException {
        this.directory = directory;
        this.disk = disk;
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
                keep(new Copy(id.get(), Files.size(file))).forEach(CacheDisk.CacheFile::evict);
            } else {
                Files.delete(file);
            }
        }
    }

    /** A file of the folder's own file system that {@link #adopt} can take. */
    public Path newFile(ObjectId id) throws IOException {
        Path file = directory.resolve(id.shard() + "/" + id.name() + ".new");
        Files.createDirectories(file.getParent());
        return file;
    }

    /** Takes the file over as the object's copy, unless the disk fails. */
    public void adopt(ObjectId id, Path file) {
        List<CacheDisk.CacheFile> evicted;
        lock.lock();
        try {
            Copy copy = new Copy(id, Files.size(file));
            Files.move(file, path(id), StandardCopyOption.ATOMIC_MOVE);
            evicted = keep(copy);
        } catch (IOException e) {
            disk.failed(e);
            return;
        } finally {
            lock.unlock();
        }
        evicted.forEach(CacheDisk.CacheFile::evict);
    }

    private List<CacheDisk.CacheFile> keep(Copy copy) {
        Copy before = copies.put(copy.id, copy);
        if (before != null) {
            disk.remove(before);
        }
        return disk.grow(copy, copy.sizeBytes);
    }

    /**
     * Reads exactly these bytes; empty when there is no copy, or it is too short or unreadable and
     * so removed.
     */
    public Optional<ByteBuffer> read(ObjectId id, long position, int length) throws IOException {
        Copy copy;
        lock.lock();
        try {
            copy = copies.get(id);
        } finally {
            lock.unlock();
        }
        if (copy == null) {
            return Optional.empty();
        }
        disk.touch(copy);
        ByteBuffer bytes = ByteBuffer.allocate(length);
        try (FileChannel file = FileChannel.open(path(id), StandardOpenOption.READ)) {
            while (bytes.hasRemaining()) {
                if (file.read(bytes, position + bytes.position()) < 0) {
                    drop(id);
                    return Optional.empty();
                }
            }
        } catch (NoSuchFileException e) {
            drop(id);
            return Optional.empty();
        } catch (java.nio.channels.ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            disk.failed(e);
            copy.evict();
            return Optional.empty();
        }
        return Optional.of(bytes.flip());
    }

    public boolean contains(ObjectId id) {
        lock.lock();
        try {
            return copies.containsKey(id);
        } finally {
            lock.unlock();
        }
    }

    public long sizeBytes() {
        lock.lock();
        try {
            return copies.values().stream().mapToLong(copy -> copy.sizeBytes).sum();
        } finally {
            lock.unlock();
        }
    }

    /** Removes one copy, if there is one. */
    public void drop(ObjectId id) throws IOException {
        lock.lock();
        try {
            Copy copy = copies.get(id);
            if (copy != null) {
                remove(copy);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Removes every copy; returns the bytes given back. */
    public long dropAll() throws IOException {
        lock.lock();
        try {
            long bytes = 0;
            for (Copy copy : List.copyOf(copies.values())) {
                bytes += copy.sizeBytes;
                remove(copy);
            }
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    private void remove(Copy copy) throws IOException {
        lock.lock();
        try {
            disk.remove(copy);
            if (copies.remove(copy.id, copy)) {
                Files.deleteIfExists(path(copy.id));
            }
        } finally {
            lock.unlock();
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
