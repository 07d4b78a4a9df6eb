package io.tributary.log;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The readable part of a ledger. Thread-safe; reading stays possible until {@link #close}. */
public interface LedgerReader extends AutoCloseable {
    long ledgerId();

    /** Entries 0 (inclusive) to this (exclusive) are durable and can be read. Never decreases. */
    long endEntry();

    /**
     * Reads one whole entry; blocks on the disk or the network.
     *
     * @return a buffer of the entry's bytes that belongs to the caller
     * @throws IndexOutOfBoundsException the entry is not below {@link #endEntry}
     * @throws io.tributary.kernel.fault.CorruptDataException its checksum does not match
     */
    ByteBuffer read(long entry) throws IOException;

    /**
     * Reads some bytes of an entry and checks nothing: that is the caller's, by what they are.
     *
     * @return a buffer of so many bytes that belongs to the caller
     */
    ByteBuffer read(long entry, int from, int length) throws IOException;

    /** Bytes the ledger takes up where it is stored, of one replica. */
    long sizeBytes();

    @Override
    void close() throws IOException;
}
