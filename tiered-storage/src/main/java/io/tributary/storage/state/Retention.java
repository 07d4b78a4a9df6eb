package io.tributary.storage.state;

import io.tributary.storage.PartitionSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongUnaryOperator;
import java.util.function.ToLongFunction;

/**
 * Walks a partition from its start to the first piece that is kept, by Kafka's rules: a piece goes
 * when its largest timestamp is older than the age, or when what would remain is at least the
 * bytes. Pieces are segments, and then each batch in the log. Both have time to be read, however
 * old their timestamps were when they came: in the log, and, where they had to leave it sooner,
 * beyond.
 */
final class Retention {
    /** As often as Kafka looks at retention, and never longer than the age itself. */
    private static final Duration TIME_TO_READ = Duration.ofMinutes(5);

    private final Bounds bounds;
    private final long nowMillis;
    private final long durable;
    private long excessBytes;
    private long start;
    private long nextExpiryMillis = Long.MAX_VALUE;

    /**
     * Records that left the log, though their timestamps were old already when they came there.
     *
     * @param fromOffset what lies before it is as any other
     * @param sinceMillis when the log had the first of them
     */
    record Late(long fromOffset, long sinceMillis) {
        static boolean is(long maxTimestamp, long sinceMillis) {
            return maxTimestamp < sinceMillis - TIME_TO_READ.toMillis();
        }

        /** They are as any other from then on. */
        long untilMillis() {
            return sinceMillis + TIME_TO_READ.toMillis();
        }
    }

    /** How long and how much is kept; empty without bound. */
    record Bounds(Optional<Duration> age, OptionalLong bytes) {
        static Bounds of(PartitionSettings settings) {
            return settings.deleteExpired()
                    ? new Bounds(settings.retention(), settings.retentionBytes())
                    : new Bounds(Optional.empty(), OptionalLong.empty());
        }

        /** What is kept on the local disk of what the object store has. */
        static Bounds ofLocal(PartitionSettings settings) {
            return new Bounds(settings.localRetention(), settings.localRetentionBytes());
        }

        boolean none() {
            return age.isEmpty() && bytes.isEmpty();
        }
    }

    private Retention(PartitionState partition, Bounds bounds, long nowMillis) {
        this.bounds = bounds;
        this.nowMillis = nowMillis;
        durable = partition.offsets().highWatermark();
        start = partition.logStart();
        excessBytes =
                bounds.bytes().isPresent() ? bytes(partition) - bounds.bytes().getAsLong() : 0;
    }

    /** What a partition keeps at all. */
    static Retention of(
            PartitionState partition, Bounds bounds, Optional<Late> late, long nowMillis) {
        Retention walk = new Retention(partition, bounds, nowMillis);
        if (walk.segments(partition, end -> walk.toBeRead(late, end))) {
            long loggedUntil = partition.loggedSinceMillis() + walk.toReadMillis();
            walk.walk(
                    partition.logged(),
                    BatchRef::maxTimestamp,
                    BatchRef::length,
                    BatchRef::endOffset,
                    end -> loggedUntil);
        }
        return walk;
    }

    /** What a partition keeps on the local disk; what is in the log only stays there. */
    static Retention ofLocal(PartitionState partition, Bounds bounds, long nowMillis) {
        Retention walk = new Retention(partition, bounds, nowMillis);
        walk.segments(partition, end -> Long.MIN_VALUE);
        return walk;
    }

    /** The first offset that is kept. */
    long start() {
        return start;
    }

    /** When the oldest kept piece expires by time; {@link Long#MAX_VALUE} for never. */
    long nextExpiryMillis() {
        return nextExpiryMillis;
    }

    private boolean segments(PartitionState partition, LongUnaryOperator earliestMillis) {
        return walk(
                partition.segments(),
                s -> s.info().maxTimestamp(),
                s -> s.info().lengthBytes(),
                s -> s.info().endOffset(),
                earliestMillis);
    }

    private long toReadMillis() {
        Duration age = bounds.age().orElse(Duration.ZERO);
        return (age.compareTo(TIME_TO_READ) < 0 ? age : TIME_TO_READ).toMillis();
    }

    /** No segment that ends there expires by time before this. */
    private long toBeRead(Optional<Late> late, long endOffset) {
        return late.filter(records -> endOffset > records.fromOffset())
                .map(records -> records.sinceMillis() + toReadMillis())
                .orElse(Long.MIN_VALUE);
    }

    private <T> boolean walk(
            Iterable<T> pieces,
            ToLongFunction<T> maxTimestamp,
            ToLongFunction<T> bytes,
            ToLongFunction<T> endOffset,
            LongUnaryOperator earliestMillis) {
        for (T piece : pieces) {
            long expiry =
                    Math.max(
                            earliestMillis.applyAsLong(endOffset.applyAsLong(piece)),
                            expiryMillis(maxTimestamp.applyAsLong(piece)));
            boolean tooMuch = bounds.bytes().isPresent() && excessBytes >= bytes.applyAsLong(piece);
            if (endOffset.applyAsLong(piece) > durable || !(expiry <= nowMillis || tooMuch)) {
                nextExpiryMillis = expiry;
                return false;
            }
            excessBytes -= bytes.applyAsLong(piece);
            start = endOffset.applyAsLong(piece);
        }
        return true;
    }

    private long expiryMillis(long timestamp) {
        return bounds.age().map(age -> olderAt(timestamp, age)).orElse(Long.MAX_VALUE);
    }

    /** The first moment at which the timestamp is older than the age; saturates. */
    static long olderAt(long timestamp, Duration age) {
        long millis = age.toMillis();
        return timestamp >= Long.MAX_VALUE - 1 - millis ? Long.MAX_VALUE : timestamp + millis + 1;
    }

    private static long bytes(PartitionState partition) {
        long bytes = 0;
        for (int i = 0; i < partition.segments().size(); i++) {
            bytes += partition.segments().lengthBytes(i);
        }
        for (BatchRef batch : partition.logged()) {
            bytes += batch.length();
        }
        return bytes;
    }
}
