package io.tributary.log;

import io.tributary.kernel.fault.StorageFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

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

    /** Removes a file; a missing one is no error. */
    void delete(Path file) throws IOException;

    /** The machine's own file system. A want of room is a {@link StorageFullException}. */
    static LedgerFiles system() {
        return new SystemFiles();
    }
}
