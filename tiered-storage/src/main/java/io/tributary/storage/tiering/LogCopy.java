package io.tributary.storage.tiering;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.PartitionSettings.Compaction;
import io.tributary.storage.compaction.BatchCleaner;
import io.tributary.storage.compaction.KeyMap;
import io.tributary.storage.log.Command;
import io.tributary.storage.recompression.SegmentEncoder;
import io.tributary.storage.state.BatchRef;
import io.tributary.storage.state.LoggedBatches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * Copies batches from the log into the segments of an object; of topics that are compacted without
 * what newer records of the same object supersede. Used by one thread at a time; blocks.
 */
final class LogCopy {
    /** For the keys of one object: more than these are left to compaction. */
    private static final long KEY_BYTES = 4 << 20;

    private final ShardContext shard;
    private final LoggedBatches logged;

    LogCopy(ShardContext shard) {
        this.shard = shard;
        logged = new LoggedBatches(shard.own().log());
    }

    /**
     * Writes the segments.
     *
     * @param settings null for a topic that is gone
     * @return what the log has to say of what was left out
     */
    List<Command> write(
            List<Packing.Piece> pieces,
            Function<PartitionId, PartitionSettings> settings,
            SegmentEncoder writer)
            throws IOException {
        try (BatchCleaner cleaner = new BatchCleaner(shard.node().settings().tier().zstdLevel())) {
            Map<PartitionId, BatchCleaner.Rules> rules = rules(pieces, settings, cleaner);
            List<Command> said = new ArrayList<>();
            for (Packing.Piece piece : pieces) {
                BatchCleaner.Rules some = rules.get(piece.partition());
                if (some == null) {
                    whole(piece, writer);
                } else {
                    newest(piece, some, cleaner, writer).ifPresent(said::add);
                }
            }
            return said;
        }
    }

    /** What may go, of partitions with anything that may. */
    private Map<PartitionId, BatchCleaner.Rules> rules(
            List<Packing.Piece> pieces,
            Function<PartitionId, PartitionSettings> settings,
            BatchCleaner cleaner)
            throws IOException {
        Map<PartitionId, BatchCleaner.Rules> rules = new HashMap<>();
        KeyMap keys = new KeyMap(KEY_BYTES);
        for (int from = 0; from < pieces.size(); ) {
            PartitionId partition = pieces.get(from).partition();
            int to = from;
            List<BatchRef> batches = new ArrayList<>();
            while (to < pieces.size() && pieces.get(to).partition().equals(partition)) {
                batches.addAll(pieces.get(to++).batches());
            }
            PartitionSettings found = settings.apply(partition);
            if (found != null && found.compaction().isPresent()) {
                keys.begin(partition);
                BatchCleaner.Noted noted = new BatchCleaner.Noted();
                long upTo = note(batches, found.compaction().get(), keys, cleaner, noted);
                if (noted.superseded()) {
                    rules.put(partition, new BatchCleaner.Rules(keys, upTo, Optional.empty()));
                }
            }
            from = to;
        }
        return rules;
    }

    /** Notes keys to the first batch that is to be left alone, whose offset it returns. */
    private long note(
            List<BatchRef> batches,
            Compaction settings,
            KeyMap keys,
            BatchCleaner cleaner,
            BatchCleaner.Noted noted)
            throws IOException {
        long minLag = settings.minLag().toMillis();
        long[] upTo = {batches.getFirst().baseOffset()};
        logged.read(
                batches,
                (ref, batch) -> {
                    if (minLag > 0 && ref.maxTimestamp() > shard.nowMillis() - minLag) {
                        return false;
                    }
                    OptionalLong full = cleaner.note(batch, upTo[0], keys, noted);
                    upTo[0] = full.orElse(ref.endOffset());
                    return full.isEmpty();
                });
        return upTo[0];
    }

    private void whole(Packing.Piece piece, SegmentEncoder writer) throws IOException {
        writer.beginSegment(piece.partition(), piece.batches().getFirst().baseOffset());
        logged.read(
                piece.batches(),
                (ref, batch) -> {
                    writer.append(batch);
                    return true;
                });
        writer.endSegment();
    }

    private Optional<Command> newest(
            Packing.Piece piece,
            BatchCleaner.Rules rules,
            BatchCleaner cleaner,
            SegmentEncoder writer)
            throws IOException {
        rules.map().begin(piece.partition());
        long start = piece.batches().getFirst().baseOffset();
        long end = piece.batches().getLast().endOffset();
        BatchCleaner.Tally tally = new BatchCleaner.Tally();
        writer.beginSegment(piece.partition(), start);
        logged.read(
                piece.batches(),
                (ref, batch) -> {
                    Optional<ByteBuffer> left =
                            cleaner.clean(batch, rules, ref.endOffset() == end, tally);
                    if (left.isPresent()) {
                        writer.append(left.get());
                    }
                    return true;
                });
        writer.endSegment();
        shard.own().counts().superseded(tally.records());
        return tally.records() == 0
                ? Optional.empty()
                : Optional.of(
                        new Command.Compacted(
                                piece.partition(), start, end, tally.bytes(), 0, Long.MAX_VALUE));
    }
}
