package io.tributary.log;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * A ledger that its creator appends to. Appends come from one thread at a time; closing ends them,
 * waits for those under way, and leaves the ledger as it is.
 */
public interface LedgerWriter extends LedgerReader {
    /** The largest entry any store takes. */
    int MAX_ENTRY_BYTES = 16 << 20;

    /**
     * Appends one entry and returns at once. The bytes between position and limit must not change
     * until the future is done.
     *
     * <p>The future completes with the entry's number, in order, when the entry is durable on the
     * ack quorum's disks. It fails with {@link io.tributary.kernel.fault.FencedException} when
     * another opened the ledger, and with {@link java.io.IOException} when the store could not keep
     * it: whether the entry will be there after {@link LedgerStore#openAndFence} is then unknown,
     * every later append fails too, and the caller goes on with a new ledger after fencing this
     * one. Completes on a thread of the store, which must not be blocked.
     */
    CompletableFuture<Long> append(ByteBuffer entry);
}
