package io.tributary.storage;

import java.util.List;
import java.util.OptionalLong;

/**
 * How one batch of a {@link BatchRequest} ended. {@link AppendOutcome.Refused} and {@link
 * AppendOutcome.Unknown} are about the shard, not about the batch.
 */
public sealed interface BatchOutcome
        permits BatchOutcome.Stored,
                BatchOutcome.Invalid,
                AppendOutcome.Refused,
                AppendOutcome.Unknown {
    /**
     * The batch is durable.
     *
     * @param baseOffset of its first record
     * @param logAppendTimeMillis what dates its records in a topic with LogAppendTime; else empty
     * @param logStart the partition's log start offset
     * @param duplicate it was there already from an earlier try
     */
    record Stored(
            long baseOffset, OptionalLong logAppendTimeMillis, long logStart, boolean duplicate)
            implements BatchOutcome {}

    /**
     * The batch is not appended, and never will be as it is.
     *
     * @param what is wrong, for people
     * @param records those it is due to, in their order, as far as they are named; none where it is
     *     due to the whole batch
     */
    record Invalid(Flaw flaw, String what, List<FlawedRecord> records) implements BatchOutcome {
        /** Due to the whole batch. */
        public Invalid(Flaw flaw, String what) {
            this(flaw, what, List.of());
        }
    }

    /**
     * A record without which its batch might be taken.
     *
     * @param index in the batch
     * @param what is wrong with it, for people
     */
    record FlawedRecord(int index, String what) {}

    /** What is wrong with a batch: each is Kafka's error of the same name. */
    enum Flaw {
        /** It is cut off, or does not match its checksum. */
        CORRUPT_MESSAGE,
        /** Its header or its records are not what a client may send. */
        INVALID_RECORD,
        /** A record's timestamp is beyond the topic's bounds, or of the wrong type. */
        INVALID_TIMESTAMP,
        /** It is larger than the topic takes, or expands to more than may be. */
        MESSAGE_TOO_LARGE,
        /** Nobody knows its codec. */
        UNSUPPORTED_COMPRESSION_TYPE,
        /** It belongs to a transaction, and there is none. */
        INVALID_TXN_STATE,
        /** Its producer's batches before it are missing, or it came too late. */
        OUT_OF_ORDER_SEQUENCE_NUMBER,
        /** Its producer has a newer epoch. */
        INVALID_PRODUCER_EPOCH
    }
}
