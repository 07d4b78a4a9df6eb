package io.tributary.ingest.consumer;

import io.tributary.ingest.json.Format;
import java.time.Duration;

/**
 * How an instance consumes, from its creation on.
 *
 * @param format of the keys and values it hands out
 * @param autoCommit whether what a poll returned is committed by the next
 * @param reset where it begins in a partition for which the group has committed nothing
 * @param minBytes a poll waits until it has so many
 * @param patience how long a poll waits that does not say so itself
 * @param readCommitted whether it waits for transactions that are open
 */
public record InstanceConfig(
        Format format,
        boolean autoCommit,
        Reset reset,
        int minBytes,
        Duration patience,
        boolean readCommitted) {
    /** Where to begin without a committed offset. */
    public enum Reset {
        EARLIEST,
        LATEST,
        /** Nowhere: the poll fails. */
        NONE
    }
}
