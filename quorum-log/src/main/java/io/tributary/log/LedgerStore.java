package io.tributary.log;

import java.io.IOException;
import java.util.List;

/**
 * Where a shard's log lies: ledgers, each a bounded append-only run of entries written by one
 * writer and durable before it is acknowledged. Thread-safe. A closed store leaves no thread and no
 * open file.
 */
public interface LedgerStore extends AutoCloseable {
    /**
     * Makes an empty ledger under an id never used before; the ledger itself, and where every
     * ledger that was fenced ends, is durable when this returns. A failure leaves nothing behind.
     *
     * @throws io.tributary.kernel.fault.StorageFullException there is no room for it now
     */
    LedgerWriter create() throws IOException;

    /**
     * Opens a ledger for reading after making sure that nobody can append to it any more: a writer
     * that still has it open gets {@link io.tributary.kernel.fault.FencedException}. What was
     * acknowledged is there; what was not may be there or not, and the answer stays the same from
     * now on: for as long as this store is open, and for good before the next ledger is made.
     * Reading needs no room on the disk.
     *
     * @throws LedgerMissingException there is no such ledger
     * @throws io.tributary.kernel.fault.CorruptDataException an entry that was acknowledged is
     *     damaged
     */
    LedgerReader openAndFence(long ledgerId) throws IOException;

    /** Removes a ledger and gives its room back; a missing one is no error. */
    void delete(long ledgerId) throws IOException;

    /** The ids of all ledgers there are, rising. */
    List<Long> list() throws IOException;

    @Override
    void close() throws IOException;
}
