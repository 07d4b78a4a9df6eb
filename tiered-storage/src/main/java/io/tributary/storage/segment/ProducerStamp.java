package io.tributary.storage.segment;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What the header of a batch from an idempotent producer says of its order: the first record has
 * the base sequence, each further one the next; after 2^31-1 comes 0.
 */
public record ProducerStamp(long producerId, short epoch, int baseSequence, int lastOffsetDelta) {
    private static final int EPOCH_AT = BatchFields.PRODUCER_ID_AT + 8;
    private static final int BASE_SEQUENCE_AT = EPOCH_AT + 2;
    private static final long NO_PRODUCER = -1;

    /** Of the batch at the buffer's position; empty where its producer is not idempotent. */
    public static Optional<ProducerStamp> of(ByteBuffer batch) {
        int at = batch.position();
        long producerId = batch.getLong(at + BatchFields.PRODUCER_ID_AT);
        return producerId == NO_PRODUCER
                ? Optional.empty()
                : Optional.of(
                        new ProducerStamp(
                                producerId,
                                batch.getShort(at + EPOCH_AT),
                                batch.getInt(at + BASE_SEQUENCE_AT),
                                BatchFields.lastOffsetDelta(batch)));
    }

    /** Whether a producer may say so. */
    public boolean valid() {
        return producerId >= 0 && epoch >= 0 && baseSequence >= 0;
    }
}
