package io.tributary.storage;

/** How {@link Shard#deleteRecords} ended. */
public sealed interface DeleteOutcome {
    /**
     * Nothing below the low watermark can be read any more, and that is durable; the bytes follow
     * in the background.
     */
    record Deleted(long lowWatermark) implements DeleteOutcome {}

    /** The partition has no such offset to delete up to; nothing changed. */
    record OutOfRange(Shard.Offsets available) implements DeleteOutcome {}

    /** The topic's {@code cleanup.policy} has no {@code delete}; nothing changed. */
    record AgainstPolicy() implements DeleteOutcome {}

    /** There is no such topic, or no more. */
    record PartitionGone() implements DeleteOutcome {}
}
