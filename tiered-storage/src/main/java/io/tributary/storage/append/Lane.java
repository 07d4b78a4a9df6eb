package io.tributary.storage.append;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.BatchOutcome;
import io.tributary.storage.NewRecord;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.batch.CheckedBatch;
import io.tributary.storage.log.LogEntry;
import io.tributary.storage.segment.BatchFields;
import io.tributary.storage.segment.BatchHeader;
import io.tributary.storage.segment.ProducerStamp;
import io.tributary.storage.state.Producer;
import io.tributary.storage.state.ShardState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What one partition gets with an entry: records, finished batches, in their order. */
final class Lane {
    private sealed interface Piece {
        /** Records that are still to be put into batches. */
        record Records(long baseOffset, List<NewRecord> records, PartitionSettings settings)
                implements Piece {}

        /** A batch as it came. */
        record Finished(long baseOffset, CheckedBatch batch) implements Piece {}
    }

    private final PartitionId partition;
    private final ShardState state;
    private final long nowMillis;
    private final List<Piece> pieces = new ArrayList<>(1);

    /** As they are once the entry is replayed; only those that change. */
    private final Map<Long, Producer> producers = new HashMap<>(1);

    private long endOffset;

    Lane(PartitionId partition, ShardState state, long nowMillis) {
        this.partition = partition;
        this.state = state;
        this.nowMillis = nowMillis;
        endOffset = state.nextOffset(partition);
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    /** The offset behind the last record. */
    long endOffset() {
        return endOffset;
    }

    /** Returns the first record's offset. */
    long add(List<NewRecord> records, PartitionSettings settings) {
        long base = endOffset;
        List<NewRecord> together = new ArrayList<>();
        long togetherFrom = base;
        if (!pieces.isEmpty() && pieces.getLast() instanceof Piece.Records before) {
            pieces.removeLast();
            together = before.records();
            togetherFrom = before.baseOffset();
        }
        together.addAll(records);
        pieces.add(new Piece.Records(togetherFrom, together, settings));
        endOffset += records.size();
        return base;
    }

    /** Adds the batch unless its producer's order says otherwise. */
    BatchOutcome add(CheckedBatch batch) {
        if (batch.producer().isEmpty()) {
            return place(batch);
        }
        ProducerStamp stamp = batch.producer().get();
        Optional<Producer> known =
                Optional.ofNullable(producers.get(stamp.producerId()))
                        .or(() -> state.producer(partition, stamp.producerId(), nowMillis));
        return switch (Producer.verdict(known, stamp)) {
            case Producer.Verdict.Next next -> {
                long maxTimestamp = BatchHeader.maxTimestamp(batch.header());
                producers.put(
                        stamp.producerId(),
                        Producer.after(known, stamp, endOffset, maxTimestamp, nowMillis));
                yield place(batch);
            }
            case Producer.Verdict.Duplicate duplicate ->
                    new BatchOutcome.Stored(
                            duplicate.of().baseOffset(),
                            batch.logAppendTimeMillis().isPresent()
                                    ? OptionalLong.of(duplicate.of().maxTimestamp())
                                    : OptionalLong.empty(),
                            state.logStart(partition),
                            true);
            case Producer.Verdict.Refused refused ->
                    new BatchOutcome.Invalid(refused.flaw(), refused.what());
        };
    }

    private BatchOutcome place(CheckedBatch batch) {
        long base = endOffset;
        pieces.add(new Piece.Finished(base, batch));
        endOffset += batch.count();
        return new BatchOutcome.Stored(
                base, batch.logAppendTimeMillis(), state.logStart(partition), false);
    }

    void encode(BatchBuilder builder, LogEntry.Writer out) {
        for (Piece piece : pieces) {
            switch (piece) {
                case Piece.Records(
                                long base,
                                List<NewRecord> records,
                                PartitionSettings settings) ->
                        builder.build(
                                records,
                                settings,
                                base,
                                nowMillis,
                                batch -> out.batch(partition, batch));
                case Piece.Finished(long base, CheckedBatch batch) -> {
                    BatchFields.place(batch.header(), base, builder.epoch());
                    out.batch(partition, batch.header(), batch.records());
                }
            }
        }
    }
}
