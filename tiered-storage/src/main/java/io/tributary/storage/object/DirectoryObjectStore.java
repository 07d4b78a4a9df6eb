package io.tributary.storage.object;

import io.tributary.storage.object.ObjectStoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * The object tier in a folder: an object is a file. For a service on one machine, and where a
 * network file system is the store.
 */
public final class DirectoryObjectStore implements ObjectStore {
    /** Objects on their way; no key can begin with a dot. */
    private static final String UPLOADS = ".uploads";

    private final Path root;
    private final Path uploads;
    private final AtomicLong uploadCount = new AtomicLong();

    private DirectoryObjectStore(Path root, Path uploads) {
        this.root = root;
        this.uploads = uploads;
    }

    /** Opens a folder that another process may be writing to, for reading only. */
    public static DirectoryObjectStore reading(Path root) {
        Path folder = root.toAbsolutePath().normalize();
        return new DirectoryObjectStore(folder, folder.resolve(UPLOADS));
    }

    /** Opens or makes the folder; what a crash left half-written is removed. */
    public DirectoryObjectStore(Path root) throws IOException {
        this(root.toAbsolutePath().normalize(), root.toAbsolutePath().normalize().resolve(UPLOADS));
        Files.createDirectories(uploads);
        try (Stream<Path> left = Files.list(uploads)) {
            for (Path file : left.toList()) {
                Files.delete(file);
            }
        }
    }

    @Override
    public void put(String key, Path file) throws IOException {
        put(
                key,
                upload -> {
                    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
                        long at = 0;
                        long size = in.size();
                        while (at < size) {
                            at += in.transferTo(at, size - at, upload);
                        }
                    }
                });
    }

    @Override
    public void put(String key, ByteBuffer bytes) throws IOException {
        put(
                key,
                upload -> {
                    ByteBuffer left = bytes.duplicate();
                    while (left.hasRemaining()) {
                        upload.write(left);
                    }
                });
    }

    private interface Content {
        void writeTo(FileChannel upload) throws IOException;
    }

    private void put(String key, Content content) throws IOException {
        Path target = path(key);
        Path upload = uploads.resolve(Long.toString(uploadCount.incrementAndGet()));
        try {
            try (FileChannel out =
                    FileChannel.open(
                            upload, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                content.writeTo(out);
                out.force(true);
            }
            link(key, upload, target);
        } catch (ObjectStoreException e) {
            throw e;
        } catch (IOException e) {
            throw new ObjectStoreException(
                    Kind.UNAVAILABLE, "cannot store " + target + ": " + e, e);
        } finally {
            Files.deleteIfExists(upload);
        }
    }

    /** A hard link never overwrites; the same content under the key is a put done before. */
    private void link(String key, Path upload, Path target) throws IOException {
        Path parent = target.getParent();
        while (true) {
            Files.createDirectories(parent);
            try {
                Files.createLink(target, upload);
                break;
            } catch (FileAlreadyExistsException e) {
                if (Files.mismatch(upload, target) != -1) {
                    throw new ObjectStoreException(Kind.EXISTS, "object " + key + " exists", e);
                }
                break;
            } catch (NoSuchFileException e) {
                if (!Files.exists(upload)) {
                    throw e;
                }
                // A delete removed the empty folder in between: make it again.
            }
        }
        for (Path dir = parent; dir.startsWith(root); dir = dir.getParent()) {
            sync(dir);
        }
    }

    @Override
    public ByteBuffer get(String key, long offset, int length) throws IOException {
        return get(key, offset, List.of(length)).getFirst();
    }

    @Override
    public List<ByteBuffer> get(String key, long offset, List<Integer> lengths) throws IOException {
        List<ByteBuffer> parts = new ArrayList<>(lengths.size());
        try (FileChannel in = FileChannel.open(path(key), StandardOpenOption.READ)) {
            long at = offset;
            for (int length : lengths) {
                parts.add(read(in, key, at, length));
                at += length;
            }
        } catch (NoSuchFileException e) {
            requireFolder();
            throw new ObjectStoreException(Kind.MISSING, "there is no object " + key, e);
        }
        return parts;
    }

    private static ByteBuffer read(FileChannel in, String key, long offset, int length)
            throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (in.read(bytes, offset + bytes.position()) < 0) {
                throw new ObjectStoreException(
                        Kind.CORRUPT,
                        "object "
                                + key
                                + " ends before byte "
                                + (offset + length)
                                + ", where more was stored");
            }
        }
        return bytes.flip();
    }

    @Override
    public List<ObjectInfo> list(String prefix, Optional<String> after, int limit)
            throws IOException {
        requireFolder();
        Comparator<ObjectInfo> byKey = Comparator.comparing(ObjectInfo::key);
        PriorityQueue<ObjectInfo> first = new PriorityQueue<>(byKey.reversed());
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path dir, BasicFileAttributes attributes) {
                        if (dir.equals(root)) {
                            return FileVisitResult.CONTINUE;
                        }
                        String name = key(dir) + "/";
                        boolean mayMatch = name.startsWith(prefix) || prefix.startsWith(name);
                        return dir.equals(uploads) || !mayMatch
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        String key = key(file);
                        if (key.startsWith(prefix)
                                && (after.isEmpty() || key.compareTo(after.get()) > 0)) {
                            first.add(
                                    new ObjectInfo(
                                            key,
                                            attributes.size(),
                                            attributes.lastModifiedTime().toInstant()));
                            if (first.size() > limit) {
                                first.remove();
                            }
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException problem)
                            throws IOException {
                        if (problem instanceof NoSuchFileException) {
                            return FileVisitResult.CONTINUE;
                        }
                        throw problem;
                    }
                });
        return first.stream().sorted(byKey).toList();
    }

    @Override
    public void delete(Collection<String> keys) throws IOException {
        requireFolder();
        for (String key : keys) {
            Path file = path(key);
            if (Files.deleteIfExists(file)) {
                sync(file.getParent());
                removeEmpty(file.getParent());
            }
        }
    }

    private void removeEmpty(Path dir) throws IOException {
        Path empty = dir;
        while (!empty.equals(root)) {
            try {
                Files.delete(empty);
            } catch (java.nio.file.DirectoryNotEmptyException | NoSuchFileException e) {
                return;
            }
            empty = empty.getParent();
        }
    }

    /** A folder that was moved or is not mounted holds no proof that an object is gone. */
    private void requireFolder() throws ObjectStoreException {
        if (!Files.isDirectory(root)) {
            throw new ObjectStoreException(
                    Kind.UNAVAILABLE, "the object store's folder " + root + " is not there");
        }
    }

    @Override
    public void check() throws IOException {
        requireFolder();
        if (!Files.isWritable(root)) {
            throw new ObjectStoreException(
                    Kind.DENIED, "the object store's folder " + root + " is not writable");
        }
    }

    @Override
    public void close() {}

    private Path path(String key) {
        return root.resolve(ObjectKeys.check(key));
    }

    private String key(Path file) {
        return root.relativize(file).toString().replace('\\', '/');
    }

    private static void sync(Path dir) throws IOException {
        try (FileChannel channel = FileChannel.open(dir, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (NoSuchFileException e) {
            // Removed with its last object meanwhile: nothing to make durable.
        }
    }
}
