package io.tributary.storage.tiering;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.compaction.BatchCleaner;
import io.tributary.storage.compaction.BatchCleaner.Rules;
import io.tributary.storage.compaction.BatchCleaner.Tally;
import io.tributary.storage.compaction.BatchCleaner.Tombstones;
import io.tributary.storage.compaction.KeyMap;
import io.tributary.storage.log.Command;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.recompression.SegmentEncoder;
import io.tributary.storage.segment.BatchHeader;
import io.tributary.storage.state.Compactions.Candidate;
import io.tributary.storage.state.Levels.Run;
import io.tributary.storage.state.StoredSegment;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A compaction of some partitions: what was read of it, and what is still to be written. One thread
 * uses it at a time; blocks.
 */
final class CompactionJob {
    /** Keys are noted of no more batches at once beyond this. */
    private static final long NOTE_BYTES = 64 << 20;

    private final SegmentCopy copy;
    private final KeyMap keys;
    private final List<Target> targets;

    /** Those whose keys are noted, as far as there was room. */
    private final List<Target> noted = new ArrayList<>();

    private final Set<ObjectId> inputs = new HashSet<>();
    private final Deque<List<Piece>> left = new ArrayDeque<>();
    private boolean full;
    private long removedRecords;
    private long readBytes;

    CompactionJob(SegmentCopy copy, KeyMap keys, List<Target> targets) {
        this.copy = copy;
        this.keys = keys;
        this.targets = targets;
        for (Target target : targets) {
            target.candidate.segments().forEach(segment -> inputs.add(segment.object()));
        }
    }

    /** A partition that is to be compacted. */
    static final class Target {
        private final Candidate candidate;
        private final PartitionSettings settings;
        private final BatchCleaner.Noted seen = new BatchCleaner.Noted();

        /** Keys are noted up to here, exclusive. */
        private long upTo;

        private long horizonMillis = Long.MAX_VALUE;

        Target(Candidate candidate, PartitionSettings settings) {
            this.candidate = candidate;
            this.settings = settings;
            upTo = begin();
        }

        Candidate candidate() {
            return candidate;
        }

        private long begin() {
            return Math.max(candidate.cleanTo(), candidate.logStart());
        }

        private long end() {
            return Math.max(begin(), candidate.segments().getLast().info().endOffset());
        }

        /** Whether there is nothing before what is new, and every key of that is there once. */
        private boolean clean() {
            return begin() <= candidate.segments().getFirst().info().startOffset()
                    && upTo >= end()
                    && seen.nothingToRemove();
        }
    }

    /**
     * A segment to be.
     *
     * @param last of its partition
     */
    record Piece(Target target, Run run, boolean last) implements Packing.Sized {
        @Override
        public PartitionId partition() {
            return run.partition();
        }

        @Override
        public long bytes() {
            return run.segments().stream().mapToLong(s -> s.info().lengthBytes()).sum();
        }

        Piece with(Run now) {
            return new Piece(target, now, last);
        }
    }

    /** Objects that hold what is being compacted. */
    Set<ObjectId> inputs() {
        return inputs;
    }

    /** Whether no more keys are to be noted. */
    boolean noted() {
        return full || noted.size() == targets.size();
    }

    /** How many objects are still to be made. */
    int left() {
        return left.size();
    }

    boolean over() {
        return noted() && left.isEmpty();
    }

    /** Partitions that were to be compacted. */
    List<PartitionId> asked() {
        return targets.stream().map(target -> target.candidate.partition()).toList();
    }

    /** Partitions that are compacted, as far as there was room for their keys. */
    List<PartitionId> partitions() {
        return noted.stream().map(target -> target.candidate.partition()).toList();
    }

    int keys() {
        return keys.size();
    }

    long removedRecords() {
        return removedRecords;
    }

    long readBytes() {
        return readBytes;
    }

    /** Notes some of the keys. */
    void note(BatchCleaner cleaner) throws IOException {
        long until = readBytes + NOTE_BYTES;
        while (!noted() && readBytes < until) {
            Target target = targets.get(noted.size());
            keys.begin(target.candidate.partition());
            for (StoredSegment segment : target.candidate.segments()) {
                if (segment.info().endOffset() > target.upTo && !full && readBytes < until) {
                    note(target, segment, cleaner);
                }
            }
            if (full ? target.upTo > target.begin() : target.upTo >= target.end()) {
                noted.add(target);
            }
        }
    }

    private void note(Target target, StoredSegment segment, BatchCleaner cleaner)
            throws IOException {
        copy.copy(
                segment,
                target.upTo,
                batch -> {
                    readBytes += batch.remaining();
                    OptionalLong beyond = cleaner.note(batch, target.upTo, keys, target.seen);
                    target.upTo =
                            beyond.orElseGet(
                                    () ->
                                            Math.max(
                                                    target.upTo,
                                                    BatchHeader.parse(batch).lastOffset() + 1));
                    full = beyond.isPresent();
                    return !full;
                });
        if (!full) {
            target.upTo = Math.max(target.upTo, segment.info().endOffset());
        }
    }

    /**
     * Decides what is to be written, once all keys are noted.
     *
     * @return what is known of partitions without writing anything
     */
    List<Command> plan() {
        List<Command> already = new ArrayList<>();
        List<Piece> pieces = new ArrayList<>();
        for (Target target : noted) {
            if (target.clean()) {
                already.add(compacted(target, target.begin(), target.begin(), 0, true));
            } else {
                pieces.addAll(cut(target));
            }
        }
        pieces.sort(java.util.Comparator.comparing(Piece::partition));
        left.addAll(Packing.pack(pieces));
        return already;
    }

    /** Neighbouring segments as they fit together, as Kafka groups them. */
    private static List<Piece> cut(Target target) {
        Candidate candidate = target.candidate;
        MergePlan.Limits limits = MergePlan.Limits.compacting(target.settings);
        List<StoredSegment> segments =
                candidate.segments().stream()
                        .filter(segment -> segment.info().startOffset() < target.upTo)
                        .toList();
        List<Piece> pieces = new ArrayList<>();
        int from = 0;
        for (int to = 1; to <= segments.size(); to++) {
            boolean last = to == segments.size();
            if (last || !limits.allow(segments.subList(from, to + 1))) {
                Run run =
                        new Run(
                                candidate.partition(),
                                candidate.logStart(),
                                candidate.cleanTo(),
                                segments.subList(from, to));
                pieces.add(new Piece(target, run, last));
                from = to;
            }
        }
        return pieces;
    }

    /** The next object's segments. */
    List<Piece> next() {
        return left.remove();
    }

    /** Writes segments; returns what the log has to say of what was left out. */
    List<Command> write(
            List<Piece> pieces, BatchCleaner cleaner, SegmentEncoder writer, long nowMillis)
            throws IOException {
        List<Command> said = new ArrayList<>();
        for (Piece piece : pieces) {
            Tally tally = write(piece, cleaner, writer, nowMillis);
            removedRecords += tally.records();
            Target target = piece.target;
            target.horizonMillis = Math.min(target.horizonMillis, tally.horizonMillis());
            long start = start(piece);
            long end = tally.records() == 0 ? start : end(piece);
            if (piece.last || end > start) {
                said.add(compacted(target, start, end, tally.bytes(), piece.last));
            }
        }
        return said;
    }

    private static Command compacted(
            Target target, long start, long end, long bytes, boolean last) {
        return new Command.Compacted(
                target.candidate.partition(),
                start,
                end,
                bytes,
                last ? target.upTo : 0,
                target.horizonMillis);
    }

    private Tally write(Piece piece, BatchCleaner cleaner, SegmentEncoder writer, long nowMillis)
            throws IOException {
        Target target = piece.target;
        keys.begin(piece.partition());
        Rules rules =
                new Rules(
                        keys,
                        target.upTo,
                        java.util.Optional.of(
                                new Tombstones(
                                        nowMillis,
                                        target.settings
                                                .compaction()
                                                .orElseThrow()
                                                .tombstoneRetention()
                                                .toMillis())));
        Tally tally = new Tally();
        writer.beginSegment(piece.partition(), start(piece));
        for (StoredSegment segment : piece.run.segments()) {
            copy.copy(
                    segment,
                    piece.run.logStart(),
                    batch -> {
                        readBytes += batch.remaining();
                        boolean reaches = BatchHeader.parse(batch).lastOffset() + 1 >= end(piece);
                        var stays = cleaner.clean(batch, rules, reaches, tally);
                        if (stays.isPresent()) {
                            writer.append(stays.get());
                        }
                        return true;
                    });
        }
        writer.endSegment();
        return tally;
    }

    private static long start(Piece piece) {
        return Math.max(piece.run.logStart(), piece.run.segments().getFirst().info().startOffset());
    }

    private static long end(Piece piece) {
        return piece.run.segments().getLast().info().endOffset();
    }
}
