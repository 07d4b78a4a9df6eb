package io.tributary.log;

import io.tributary.kernel.fault.StorageFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The machine's own file system behind {@link LedgerFiles}. */
final class SystemFiles implements LedgerFiles {
    /** A write that failed with less than this left failed for want of room. */
    private static final long NO_ROOM_BYTES = 64 << 10;

    @Override
    public LedgerChannel create(Path file) throws IOException {
        return channel(
                file,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
    }

    @Override
    public LedgerChannel open(Path file) throws IOException {
        return channel(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private static LedgerChannel channel(Path file, OpenOption... options) throws IOException {
        try {
            return new SystemChannel(file, FileChannel.open(file, options));
        } catch (IOException e) {
            throw told(e, file);
        }
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw told(e, directory);
        }
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    /**
     * The failure as a {@link StorageFullException} where it is one. The system says so only in
     * words, perhaps in the user's language: what is left decides where they are not known.
     */
    private static IOException told(IOException problem, Path file) {
        String words = String.valueOf(problem.getMessage());
        if (words.contains("No space left")
                || words.contains("quota exceeded")
                || usableBytes(file) < NO_ROOM_BYTES) {
            return new StorageFullException("no room for " + file + ": " + words, problem);
        }
        return problem;
    }

    private static long usableBytes(Path file) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }

    private record SystemChannel(Path file, FileChannel channel) implements LedgerChannel {
        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            long at = position;
            try {
                while (bytes.hasRemaining()) {
                    at += channel.write(bytes, at);
                }
            } catch (IOException e) {
                throw told(e, file);
            }
        }

        @Override
        public void read(ByteBuffer bytes, long position) throws IOException {
            int begin = bytes.position();
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, position + bytes.position() - begin) < 0) {
                    return;
                }
            }
        }

        @Override
        public void force() throws IOException {
            try {
                channel.force(false);
            } catch (IOException e) {
                throw told(e, file);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
