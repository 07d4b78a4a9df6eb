package io.tributary.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The file system as {@link FileLedgerStore} uses it; the seam where tests break it. */
interface LedgerFiles {
    /** Makes a file that must not be there. */
    LedgerChannel create(Path file) throws IOException;

    LedgerChannel open(Path file) throws IOException;

    /** Makes creations and removals in the folder durable. */
    void syncDirectory(Path directory) throws IOException;

    /** An open ledger file. */
    interface LedgerChannel extends AutoCloseable {
        /** Writes all the bytes at the position. */
        void write(ByteBuffer bytes, long position) throws IOException;

        /** Reads until the buffer is full or the file ends. */
        void read(ByteBuffer bytes, long position) throws IOException;

        /** What was written is durable when this returns. */
        void force() throws IOException;

        void truncate(long size) throws IOException;

        long size() throws IOException;

        @Override
        void close() throws IOException;
    }

    /** The machine's own file system. */
    static LedgerFiles system() {
        return new LedgerFiles() {
            @Override
            public LedgerChannel create(Path file) throws IOException {
                return new SystemChannel(
                        FileChannel.open(
                                file,
                                StandardOpenOption.CREATE_NEW,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE));
            }

            @Override
            public LedgerChannel open(Path file) throws IOException {
                return new SystemChannel(
                        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
            }

            @Override
            public void syncDirectory(Path directory) throws IOException {
                try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                    channel.force(true);
                }
            }
        };
    }

    /** A {@link FileChannel} behind the seam. */
    record SystemChannel(FileChannel channel) implements LedgerChannel {
        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            long at = position;
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
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
            channel.force(false);
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
