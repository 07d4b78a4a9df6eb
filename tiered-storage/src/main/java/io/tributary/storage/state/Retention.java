package io.tributary.storage.state;

import io.tributary.storage.PartitionSettings;
import java.util.function.ToLongFunction;

/** Walks a partition from its start to the first record that retention keeps. */
final class Retention {
    private final long nowMillis;
    private final long retentionMillis;
    private final long durable;
    private long excessBytes;
    private long start;
    private long nextExpiryMillis = Long.MAX_VALUE;

    Retention(PartitionState partition, PartitionSettings settings, long nowMillis) {
        this.nowMillis = nowMillis;
        retentionMillis = settings.retention().map(d -> d.toMillis()).orElse(Long.MAX_VALUE);
        durable = partition.offsets().highWatermark();
        start = partition.logStart();
        excessBytes =
                settings.retentionBytes().isPresent()
                        ? bytes(partition) - settings.retentionBytes().getAsLong()
                        : 0;
        if (walk(
                partition.segments(),
                s -> s.info().maxTimestamp(),
                s -> s.info().lengthBytes(),
                s -> s.info().endOffset())) {
            walk(partition.logged(), BatchRef::maxTimestamp, BatchRef::length, BatchRef::endOffset);
        }
    }

    /** The first offset that is kept. */
    long start() {
        return start;
    }

    /** When the oldest kept piece expires by time. */
    long nextExpiryMillis() {
        return nextExpiryMillis;
    }

    private <T> boolean walk(
            Iterable<T> pieces,
            ToLongFunction<T> maxTimestamp,
            ToLongFunction<T> bytes,
            ToLongFunction<T> endOffset) {
        for (T piece : pieces) {
            long age = nowMillis - maxTimestamp.applyAsLong(piece);
            boolean tooOld = age > retentionMillis;
            boolean tooMuch = excessBytes > 0 && excessBytes >= bytes.applyAsLong(piece);
            if (endOffset.applyAsLong(piece) > durable || !(tooOld || tooMuch)) {
                if (retentionMillis != Long.MAX_VALUE) {
                    nextExpiryMillis = later(maxTimestamp.applyAsLong(piece), retentionMillis);
                }
                return false;
            }
            excessBytes -= bytes.applyAsLong(piece);
            start = endOffset.applyAsLong(piece);
        }
        return true;
    }

    private static long later(long timestamp, long millis) {
        return timestamp > Long.MAX_VALUE - 1 - millis ? Long.MAX_VALUE : timestamp + millis + 1;
    }

    private static long bytes(PartitionState partition) {
        long bytes = 0;
        for (StoredSegment segment : partition.segments()) {
            bytes += segment.info().lengthBytes();
        }
        for (BatchRef batch : partition.logged()) {
            bytes += batch.length();
        }
        return bytes;
    }
}
