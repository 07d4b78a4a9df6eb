package io.tributary.storage;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What of a topic's configuration storage acts on.
 *
 * @param maxMessageBytes largest batch in bytes, as Kafka's {@code max.message.bytes}
 * @param compression of batches that the service builds itself
 * @param timestamps whose clock dates a record, and what a record may say
 * @param deleteExpired whether {@code cleanup.policy} has {@code delete}; without it retention does
 *     nothing
 * @param retention how long records are kept; empty for ever
 * @param retentionBytes how many bytes a partition keeps; empty without bound
 * @param localRetention how long tiered records stay in the local cache; empty as long as there is
 *     room
 * @param localRetentionBytes likewise in bytes
 * @param segmentBytes largest segment
 * @param segmentAge longest time records wait for their segment, where shorter than the node's
 *     flush age
 * @param compaction how {@code cleanup.policy} {@code compact} is carried out; empty without it
 */
public record PartitionSettings(
        int maxMessageBytes,
        Codec compression,
        Timestamps timestamps,
        boolean deleteExpired,
        Optional<Duration> retention,
        OptionalLong retentionBytes,
        Optional<Duration> localRetention,
        OptionalLong localRetentionBytes,
        long segmentBytes,
        Duration segmentAge,
        Optional<Compaction> compaction) {

    /**
     * When a partition keeps the newest record of every key only, in Kafka's terms.
     *
     * @param minLag how long a record is left alone
     * @param maxLag how long a record may wait at most; empty without bound
     * @param minDirtyRatio of what may be compacted, the part that must be new for that to begin
     * @param tombstoneRetention how long a tombstone stays that was compacted for the first time
     */
    public record Compaction(
            Duration minLag,
            Optional<Duration> maxLag,
            double minDirtyRatio,
            Duration tombstoneRetention) {}

    /** Of a topic that is not compacted. */
    public PartitionSettings(
            int maxMessageBytes,
            Codec compression,
            Timestamps timestamps,
            boolean deleteExpired,
            Optional<Duration> retention,
            OptionalLong retentionBytes,
            Optional<Duration> localRetention,
            OptionalLong localRetentionBytes,
            long segmentBytes,
            Duration segmentAge) {
        this(
                maxMessageBytes,
                compression,
                timestamps,
                deleteExpired,
                retention,
                retentionBytes,
                localRetention,
                localRetentionBytes,
                segmentBytes,
                segmentAge,
                Optional.empty());
    }

    /** A batch's compression, as in Kafka. */
    public enum Codec {
        NONE,
        GZIP,
        SNAPPY,
        LZ4,
        ZSTD
    }

    /**
     * How records are dated.
     *
     * @param beforeMaxMillis how far a record may lie in the past, as Kafka's {@code
     *     message.timestamp.before.max.ms}
     * @param afterMaxMillis likewise in the future
     */
    public record Timestamps(TimestampType type, long beforeMaxMillis, long afterMaxMillis) {
        /** Without bounds. */
        public static Timestamps of(TimestampType type) {
            return new Timestamps(type, Long.MAX_VALUE, Long.MAX_VALUE);
        }

        public boolean logAppendTime() {
            return type == TimestampType.LOG_APPEND_TIME;
        }
    }

    /** Kafka's {@code message.timestamp.type}. */
    public enum TimestampType {
        CREATE_TIME,
        LOG_APPEND_TIME
    }
}
