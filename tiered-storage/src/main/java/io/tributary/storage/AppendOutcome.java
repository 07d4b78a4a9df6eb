package io.tributary.storage;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

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
     * Where a part's records lie, counted from 0 as the part's ordinals count them.
     *
     * @param runs in the order of the records; what is in none of them is not stored
     * @param same how many of the part's records are those of the earlier tries, as far as there
     *     were any: less than all where content differs, and then nothing behind was appended
     */
    record PartOffsets(List<PartRun> runs, int same) {
        /** The run that has the n-th record; empty when it is not stored. */
        public Optional<PartRun> find(int n) {
            int low = 0;
            int high = runs.size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (runs.get(middle).first() + runs.get(middle).count() <= n) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low < runs.size() && runs.get(low).first() <= n
                    ? Optional.of(runs.get(low))
                    : Optional.empty();
        }

        /** The offset of the n-th record, which is stored. */
        public long offsetOf(int n) {
            return find(n).orElseThrow().offsetOf(n);
        }
    }

    /**
     * {@code count} records from the {@code first}-th on, at consecutive offsets.
     *
     * @param appendedAtMillis the timestamp given to records with none, or to all with
     *     LogAppendTime; of a request that lies in very many runs, when the first of some was
     */
    record PartRun(int first, long baseOffset, int count, long appendedAtMillis) {
        public long offsetOf(int n) {
            return baseOffset + n - first;
        }
    }

    /** Nothing was appended. */
    record Refused(Reason reason, Duration retryAfter) implements AppendOutcome, BatchOutcome {}

    /** The shard broke off: whether the records are there is unknown until a retry. */
    record Unknown(String what) implements AppendOutcome, BatchOutcome {}

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
        TOO_MANY_RETRY_KEYS,
        /** What the retry tag's key stored lies in as many runs of offsets as it may. */
        RETRY_KEY_FULL
    }
}
