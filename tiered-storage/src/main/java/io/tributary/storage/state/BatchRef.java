package io.tributary.storage.state;

import io.tributary.storage.log.LogPosition;

/**
 * A record batch in the log.
 *
 * @param endOffset exclusive
 * @param at the log entry
 * @param position of the batch within the entry
 * @param maxTimestamp of its records, milliseconds
 */
public record BatchRef(
        long baseOffset,
        long endOffset,
        LogPosition at,
        int position,
        int length,
        long maxTimestamp) {
    static final int BYTES = 8 + 8 + LogPosition.BYTES + 4 + 4 + 8;
}
