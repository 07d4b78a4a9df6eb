package io.tributary.server.node;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.stream.Stream;

/** The folder of a node, in the hands of one process. */
public final class DataFolder implements AutoCloseable {
    /** The file that says whose the folder is. */
    public static final String LOCK = "lock";

    private final FileChannel channel;

    private DataFolder(FileChannel channel) {
        this.channel = channel;
    }

    /** Takes the folder, making it where it is missing; empty when another process has it. */
    public static Optional<DataFolder> take(Path folder) throws IOException {
        Files.createDirectories(
                folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        FileChannel channel =
                FileChannel.open(
                        folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return Optional.of(new DataFolder(channel));
            }
        } catch (OverlappingFileLockException e) {
            // Held by this very process: just as taken.
            channel.close();
            return Optional.empty();
        }
        channel.close();
        return Optional.empty();
    }

    /** Whether nothing lies in the folder but what {@link #take} puts there. */
    public static boolean isEmpty(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return true;
        }
        try (Stream<Path> content = Files.list(folder)) {
            return content.allMatch(path -> path.getFileName().toString().equals(LOCK));
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
