package io.tributary.storage;

import java.time.Duration;
import java.util.List;

/** How an {@link AppendRequest} ended. */
public sealed interface AppendOutcome {
    /**
     * The records are durable.
     *
     * @param parts one for each part of the request, in its order
     * @param replayed at least one record was there already from an earlier try of the same request
     */
    record Appended(List<PartOffsets> parts, boolean replayed) implements AppendOutcome {}

    /**
     * Where a part's records lie: consecutive runs, together as many as its records, in their
     * order.
     *
     * @param appendTimeMillis the timestamp given to records with none, or to all with
     *     LogAppendTime
     */
    record PartOffsets(List<OffsetRun> runs, long appendTimeMillis) {
        /** The offset of the part's n-th record, from 0. */
        public long offsetOf(int n) {
            long left = n;
            for (OffsetRun run : runs) {
                if (left < run.count()) {
                    return run.baseOffset() + left;
                }
                left -= run.count();
            }
            throw new IndexOutOfBoundsException("record " + n);
        }
    }

    /** {@code count} consecutive offsets from {@code baseOffset}. */
    record OffsetRun(long baseOffset, int count) {}

    /** Nothing was appended. */
    record Refused(Reason reason, Duration retryAfter) implements AppendOutcome {}

    /** The shard broke off: whether the records are there is unknown until a retry. */
    record Unknown(String what) implements AppendOutcome {}

    /** Why nothing was appended, and so what the caller may do. */
    enum Reason {
        /** The topic was deleted meanwhile. */
        PARTITION_GONE,
        /** Too much is waiting to be written: slow down and try again. */
        OVERLOADED,
        /** Too much waits for the object store, which is away or slow: try again later. */
        BACKLOG_FULL,
        /** The node's disk has no room left: try again later, when there is some. */
        STORAGE_FULL,
        /** No owner serves the shard right now: try again. */
        SHARD_UNAVAILABLE,
        /** The retry tag's key was used for another request. */
        RETRY_KEY_REUSED,
        /** An earlier part of the same stream is missing: begin again with the same key. */
        RETRY_OUT_OF_ORDER,
        /** The tenant has as many live retry keys as it may. */
        TOO_MANY_RETRY_KEYS
    }
}
