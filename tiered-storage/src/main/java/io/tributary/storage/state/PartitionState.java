package io.tributary.storage.state;

import io.tributary.storage.Shard.Offsets;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.BatchHeader;
import io.tributary.storage.segment.ProducerStamp;
import io.tributary.storage.segment.SegmentInfo;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One partition's records and where they lie: segments in objects first, then batches in the log.
 * Guarded by the lock of its {@link ShardState}.
 */
final class PartitionState {
    private static final ByteBuffer NO_PRODUCERS = ByteBuffer.allocate(0);

    private long logStart;

    /** What readers are told of the log start: a move may still be lost with its entry. */
    private long durableLogStart;

    private long nextOffset;
    private long highWatermark;

    /**
     * When the oldest batch of the log was decided, or what lay before it was stored, if that was
     * later; meaningful while there is one.
     */
    private long loggedSinceMillis;

    /** How far compaction came, and what it left. */
    private Cleaned cleaned;

    /** Without overlap. */
    private SegmentRows segments;

    /** In the order of their offsets, dense, after the last segment. */
    private final List<BatchRef> logged = new ArrayList<>();

    /** Empty where no idempotent producer is known, as in most. */
    private Optional<Producers> producers;

    /**
     * How far a partition is compacted.
     *
     * @param to below this offset every key has one record; 0 where nothing is compacted
     * @param horizonMillis when the first tombstone below it may go; {@link Long#MAX_VALUE} for
     *     never
     */
    record Cleaned(long to, long horizonMillis) {
        static final int BYTES = 8 + 8;
        static final Cleaned NOTHING = new Cleaned(0, Long.MAX_VALUE);
    }

    /** A partition as a snapshot has it: what it holds is durable. */
    PartitionState(
            long logStart,
            long nextOffset,
            long loggedSinceMillis,
            Cleaned cleaned,
            SegmentRows segments,
            Optional<Producers> producers) {
        this.logStart = logStart;
        this.nextOffset = nextOffset;
        this.loggedSinceMillis = loggedSinceMillis;
        this.cleaned = cleaned;
        this.segments = segments;
        this.producers = producers;
        durableLogStart = logStart;
        highWatermark = nextOffset;
    }

    /** A partition nobody wrote to. */
    static PartitionState empty(ObjectUses objects) {
        return new PartitionState(
                0, 0, 0, Cleaned.NOTHING, SegmentRows.none(objects), Optional.empty());
    }

    /** The same, without a view of others' memory. */
    PartitionState withRowsOfItsOwn() {
        segments = segments.copy();
        producers = producers.map(known -> new Producers(known.toBytes()));
        return this;
    }

    long logStart() {
        return logStart;
    }

    long nextOffset() {
        return nextOffset;
    }

    long loggedSinceMillis() {
        return loggedSinceMillis;
    }

    Cleaned cleaned() {
        return cleaned;
    }

    void cleaned(Cleaned now) {
        cleaned = now;
    }

    Offsets offsets() {
        return new Offsets(Math.min(durableLogStart, highWatermark), highWatermark);
    }

    SegmentRows segments() {
        return segments;
    }

    List<BatchRef> logged() {
        return logged;
    }

    boolean isEmpty() {
        return segments.isEmpty() && logged.isEmpty();
    }

    /** Whether nothing of it lies in the log or is on its way there. */
    boolean isQuiet() {
        return logged.isEmpty() && highWatermark == nextOffset && durableLogStart == logStart;
    }

    void append(BatchRef batch, long decidedAtMillis) {
        if (logged.isEmpty()) {
            loggedSinceMillis = decidedAtMillis;
        }
        logged.add(batch);
        nextOffset = batch.endOffset();
    }

    Optional<Producer> producer(long id, long silentSinceMillis) {
        return producers.flatMap(known -> known.find(id, silentSinceMillis));
    }

    List<Producer> producers(long silentSinceMillis) {
        return producers.map(known -> known.list(silentSinceMillis)).orElse(List.of());
    }

    /** See {@link Producers#appended}. */
    void produced(ProducerStamp stamp, BatchHeader header, long atMillis, long silentSinceMillis) {
        if (producers.isEmpty()) {
            producers = Optional.of(new Producers(NO_PRODUCERS));
        }
        producers.get().appended(stamp, header, atMillis, silentSinceMillis);
    }

    void forgetSilentProducers(long sinceMillis) {
        producers.ifPresent(known -> known.forgetSilent(sinceMillis));
        producers = producers.filter(known -> !known.isEmpty());
    }

    /** See {@link Producers#cut}. */
    void cutProducers(long offset) {
        producers.ifPresent(known -> known.cut(offset));
        producers = producers.filter(known -> !known.isEmpty());
    }

    /** As a snapshot has them; never changed afterwards. */
    ByteBuffer producerBytes() {
        return producers.map(Producers::toBytes).orElse(NO_PRODUCERS);
    }

    void startDurableAt(long offset) {
        durableLogStart = Math.max(durableLogStart, Math.min(offset, logStart));
    }

    void durableTo(long offset) {
        highWatermark = Math.max(highWatermark, offset);
    }

    /**
     * Puts a segment in the place of what lay between its offsets.
     *
     * @param replaced gets the segments that give way
     * @return bytes of the log that nobody needs any more
     */
    long store(StoredSegment segment, long decidedAtMillis, Consumer<StoredSegment> replaced) {
        SegmentInfo info = segment.info();
        int from = segmentIndex(info.startOffset());
        int to = from;
        while (to < segments.size() && segments.startOffset(to) < info.endOffset()) {
            replaced.accept(segments.get(to++));
        }
        segments = segments.with(segment, from, to);
        long dropped = dropLogged(info.endOffset());
        if (dropped > 0) {
            // What is left came after what was moved, mostly while that was on its way.
            loggedSinceMillis = decidedAtMillis;
        }
        return dropped;
    }

    /**
     * Forgets what ends at or below the offset.
     *
     * @param dropped gets the segments that fall away
     * @return bytes of the log that nobody needs any more
     */
    long moveLogStart(long offset, Consumer<StoredSegment> dropped) {
        logStart = Math.max(logStart, Math.min(offset, nextOffset));
        int gone = 0;
        while (gone < segments.size() && segments.endOffset(gone) <= logStart) {
            dropped.accept(segments.get(gone++));
        }
        segments = segments.withoutFirst(gone);
        return dropLogged(logStart);
    }

    /** The segments that hold anything between two offsets. */
    List<StoredSegment> between(long startOffset, long endOffset) {
        int from = segmentIndex(startOffset);
        int to = from;
        while (to < segments.size() && segments.startOffset(to) < endOffset) {
            to++;
        }
        return List.copyOf(segments.subList(from, to));
    }

    /** The segment that begins below the log start and ends beyond it, if there is one. */
    Optional<StoredSegment> startsWithin() {
        return segments.isEmpty() || segments.startOffset(0) >= logStart
                ? Optional.empty()
                : Optional.of(segments.getFirst());
    }

    /**
     * Records continue at the offset, or where they would have, if that is further: then it is not
     * known what producers appended in between.
     */
    void skipTo(long offset) {
        if (offset > nextOffset) {
            producers = Optional.empty();
        }
        nextOffset = Math.max(nextOffset, offset);
    }

    void forgetLogged() {
        logged.clear();
    }

    void forget(Set<ObjectId> objects) {
        segments = segments.without(objects);
    }

    /** The segment that holds the offset, or the first after it; the count where there is none. */
    int segmentIndex(long offset) {
        int low = 0;
        int high = segments.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (segments.endOffset(middle) <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The logged batch that holds the offset, or the first after it; the count without one. */
    int loggedIndex(long offset) {
        int low = 0;
        int high = logged.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (logged.get(middle).endOffset() <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private long dropLogged(long endOffset) {
        int gone = 0;
        long bytes = 0;
        while (gone < logged.size() && logged.get(gone).endOffset() <= endOffset) {
            bytes += logged.get(gone).length();
            gone++;
        }
        logged.subList(0, gone).clear();
        return bytes;
    }

    /** The oldest ledger entry the partition still reads from the log. */
    Optional<LogPosition> oldestLogged() {
        return logged.isEmpty() ? Optional.empty() : Optional.of(logged.getFirst().at());
    }
}
