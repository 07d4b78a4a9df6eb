package io.tributary.storage.cache;

import java.util.concurrent.atomic.LongAdder;

/** Counts what readers of the object tier got from where. A piece is about a MiB or a segment. */
public final class CacheCounts {
    final LongAdder memoryHits = new LongAdder();
    final LongAdder diskHits = new LongAdder();
    final LongAdder copyReads = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder shared = new LongAdder();
    final LongAdder damaged = new LongAdder();
    final LongAdder gets = new LongAdder();
    final LongAdder getBytes = new LongAdder();
    final LongAdder aheadUsedBytes = new LongAdder();
    final LongAdder aheadWastedBytes = new LongAdder();
    final LongAdder diskFailures = new LongAdder();

    /** Pieces found in memory. */
    public long memoryHits() {
        return memoryHits.sum();
    }

    /** Pieces found on the local disk. */
    public long diskHits() {
        return diskHits.sum();
    }

    /** Reads served by a whole copy of the object on the local disk. */
    public long copyReads() {
        return copyReads.sum();
    }

    /** Pieces that came from the object store. */
    public long misses() {
        return misses.sum();
    }

    /** Pieces that were on their way already when a reader asked for them. */
    public long shared() {
        return shared.sum();
    }

    /** Pieces and copies that did not match their checksum and were fetched again. */
    public long damaged() {
        return damaged.sum();
    }

    /** Requests to the object store for pieces. */
    public long gets() {
        return gets.sum();
    }

    /** Bytes asked for by {@link #gets}. */
    public long getBytes() {
        return getBytes.sum();
    }

    /** Bytes that were fetched ahead of a reader who then came for them. */
    public long aheadUsedBytes() {
        return aheadUsedBytes.sum();
    }

    /** Bytes that were fetched ahead and let go unread. */
    public long aheadWastedBytes() {
        return aheadWastedBytes.sum();
    }

    /** Times the local disk failed a cache, which then stayed off for a while. */
    public long diskFailures() {
        return diskFailures.sum();
    }
}
