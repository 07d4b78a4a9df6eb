package io.tributary.storage.tiering;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.TierSettings;
import io.tributary.storage.state.Levels.Held;
import io.tributary.storage.state.Levels.Run;
import io.tributary.storage.state.StoredSegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * Decides which objects are merged and into which segments.
 *
 * <p>Objects that come from the log have level 0. When enough objects of one level hold segments of
 * the same partitions, or some have waited long, they become objects of the next level, in the
 * order of partitions, so that those objects share few partitions and the next merge is of
 * neighbours only. A record is thus merged at most {@link TierSettings#MAX_LEVEL} times; a
 * partition with enough for an object of its own leaves the scheme with the first.
 */
final class MergePlan {
    /** One merge takes no more objects beyond this. */
    static final long MERGE_BYTES = 1 << 30;

    /** Nor more objects than this at once. */
    static final int MERGE_OBJECTS = 64;

    /** A merged segment holds no more than this part of what retention keeps. */
    private static final int RETENTION_PARTS = 8;

    /** One that is not compacted yet, no more than this part of how long it may wait for that. */
    private static final int LAG_PARTS = 8;

    private static final int FEWEST = 2;

    private static final Comparator<Held> BY_AGE =
            Comparator.comparingLong((Held held) -> held.object().madeAtMillis())
                    .thenComparing(held -> held.object().name());

    private MergePlan() {}

    /** Objects of one level to be merged, oldest first; empty when none are due. */
    static List<Held> due(List<Held> objects, TierSettings settings, long nowMillis) {
        List<List<Held>> levels = new ArrayList<>();
        for (int level = 0; level < TierSettings.MAX_LEVEL; level++) {
            levels.add(new ArrayList<>());
        }
        for (Held held : objects) {
            if (held.object().level() < TierSettings.MAX_LEVEL && !own(held)) {
                levels.get(held.object().level()).add(held);
            }
        }
        double patienceMillis = settings.mergeAge().toMillis();
        for (List<Held> level : levels) {
            level.sort(BY_AGE);
            for (Held seed : level) {
                List<Held> group = level.stream().filter(held -> overlap(seed, held)).toList();
                boolean many = group.size() >= settings.mergeObjects();
                boolean old = nowMillis - seed.object().madeAtMillis() >= patienceMillis;
                if (group.size() >= FEWEST && (many || old)) {
                    return bounded(group);
                }
            }
            patienceMillis *= settings.mergeObjects();
        }
        return List.of();
    }

    /** One partition's, and large enough to stay. */
    private static boolean own(Held held) {
        return held.first().equals(held.last()) && held.liveBytes() >= Packing.OWN_OBJECT_BYTES;
    }

    private static boolean overlap(Held a, Held b) {
        return a.first().compareTo(b.last()) <= 0 && b.first().compareTo(a.last()) <= 0;
    }

    private static List<Held> bounded(List<Held> group) {
        int count = FEWEST;
        long bytes = group.getFirst().liveBytes() + group.get(1).liveBytes();
        while (count < Math.min(group.size(), MERGE_OBJECTS)
                && bytes + group.get(count).liveBytes() <= MERGE_BYTES) {
            bytes += group.get(count++).liveBytes();
        }
        return group.subList(0, count);
    }

    /** A segment to be: neighbouring segments of one partition. */
    record Piece(Run run, long bytes) implements Packing.Sized {
        @Override
        public PartitionId partition() {
            return run.partition();
        }
    }

    /**
     * Cuts runs into segments: none larger than its partition wants, and none so long that
     * retention would have to keep much for its newest record's sake.
     */
    static List<Piece> cut(List<Run> runs, Function<PartitionId, PartitionSettings> settings) {
        List<Piece> pieces = new ArrayList<>();
        for (Run run : runs) {
            Limits limits = Limits.of(settings.apply(run.partition()));
            List<StoredSegment> segments = run.segments();
            int from = 0;
            for (int to = 1; to <= segments.size(); to++) {
                if (to == segments.size()
                        || becomesDirty(run, segments.get(from), segments.get(to))
                        || !limits.allow(segments.subList(from, to + 1))) {
                    List<StoredSegment> some = segments.subList(from, to);
                    pieces.add(
                            new Piece(
                                    new Run(run.partition(), run.logStart(), run.cleanTo(), some),
                                    sum(some)));
                    from = to;
                }
            }
        }
        return pieces;
    }

    /** What is compacted stays apart, or it would count as something new. */
    private static boolean becomesDirty(Run run, StoredSegment first, StoredSegment next) {
        return first.info().endOffset() <= run.cleanTo() && next.info().endOffset() > run.cleanTo();
    }

    private static long sum(List<StoredSegment> segments) {
        return segments.stream().mapToLong(segment -> segment.info().lengthBytes()).sum();
    }

    /**
     * What a merged segment may be.
     *
     * @param millis from the largest timestamp of its first part to that of its last
     */
    record Limits(long bytes, long millis) {
        static Limits of(PartitionSettings settings) {
            long millis =
                    settings.compaction()
                            .flatMap(PartitionSettings.Compaction::maxLag)
                            .map(lag -> lag.toMillis() / LAG_PARTS)
                            .orElse(Long.MAX_VALUE);
            return of(settings, Math.min(millis, settings.segmentAge().toMillis()));
        }

        /** Of what is compacted, however old it is. */
        static Limits compacting(PartitionSettings settings) {
            return of(settings, Long.MAX_VALUE);
        }

        private static Limits of(PartitionSettings settings, long millis) {
            long bytes = Math.min(settings.segmentBytes(), Packing.OBJECT_BYTES);
            if (!settings.deleteExpired()) {
                return new Limits(bytes, millis);
            }
            return new Limits(
                    Math.min(
                            bytes,
                            settings.retentionBytes().orElse(Long.MAX_VALUE) / RETENTION_PARTS),
                    Math.min(
                            millis,
                            settings.retention()
                                    .map(kept -> kept.toMillis() / RETENTION_PARTS)
                                    .orElse(Long.MAX_VALUE)));
        }

        boolean allow(List<StoredSegment> segments) {
            return sum(segments) <= bytes
                    && (millis == Long.MAX_VALUE
                            || segments.getLast().info().maxTimestamp()
                                            - segments.getFirst().info().maxTimestamp()
                                    <= millis);
        }
    }

    /** The level of what objects of one level become. */
    static int nextLevel(List<Held> merged) {
        return merged.getFirst().object().level() + 1;
    }
}
