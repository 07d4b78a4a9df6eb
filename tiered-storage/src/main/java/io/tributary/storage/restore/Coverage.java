package io.tributary.storage.restore;

import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.SegmentInfo;
import io.tributary.storage.state.BatchRef;
import io.tributary.storage.state.StoredSegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Chooses, of all that holds records of one partition, what readers get: pieces that do not overlap
 * and together have the most offsets; of equals, fewest taken from a log, then the fewest. An
 * offset has one record for ever. Compaction may have left it out since, and a tombstone that made
 * it superfluous, too: what lies in newer objects as a whole is never taken from older ones.
 */
final class Coverage {
    private static final Comparator<Piece> BY_END =
            Comparator.comparingLong(Piece::endOffset)
                    .thenComparing(Comparator.comparingLong(Piece::startOffset).reversed())
                    .thenComparing(Comparator.comparingLong(Piece::epoch).reversed());

    /** The newest first. */
    private static final Comparator<Piece> BY_AGE =
            Comparator.comparingLong(Piece::epoch)
                    .thenComparingLong(Piece::madeAtMillis)
                    .reversed();

    private Coverage() {}

    /** Offsets from start, inclusive, to end, exclusive, that are taken whole or not at all. */
    sealed interface Piece {
        long startOffset();

        long endOffset();

        long epoch();

        /** When its object was made, milliseconds; the least there is for what is in a log. */
        default long madeAtMillis() {
            return switch (this) {
                case Known known -> known.segment().object().madeAtMillis();
                case Later later -> later.object().madeAtMillis();
                case Logged logged -> Long.MIN_VALUE;
            };
        }

        /** A segment of an object that the snapshot knows. */
        record Known(StoredSegment segment) implements Piece {
            @Override
            public long startOffset() {
                return segment.info().startOffset();
            }

            @Override
            public long endOffset() {
                return segment.info().endOffset();
            }

            @Override
            public long epoch() {
                return segment.object().epoch();
            }
        }

        /** A segment of an object that the snapshot does not know. */
        record Later(ObjectId object, long objectBytes, SegmentInfo info) implements Piece {
            @Override
            public long startOffset() {
                return info.startOffset();
            }

            @Override
            public long endOffset() {
                return info.endOffset();
            }

            @Override
            public long epoch() {
                return object.epoch();
            }
        }

        /** A batch in a ledger. */
        record Logged(BatchRef batch) implements Piece {
            @Override
            public long startOffset() {
                return batch.baseOffset();
            }

            @Override
            public long endOffset() {
                return batch.endOffset();
            }

            @Override
            public long epoch() {
                return 0;
            }
        }
    }

    /** The chosen ones in the order of their offsets; none lies below the log start. */
    static List<Piece> choose(List<Piece> pieces, long logStart) {
        List<Piece> all = most(pieces, logStart);
        List<Piece> newest = most(newest(pieces, logStart), logStart);
        return offsets(newest, logStart) < offsets(all, logStart) ? all : newest;
    }

    private static long offsets(List<Piece> pieces, long logStart) {
        return pieces.stream()
                .mapToLong(piece -> piece.endOffset() - Math.max(piece.startOffset(), logStart))
                .sum();
    }

    /** Those that have any offset which no newer one has. */
    private static List<Piece> newest(List<Piece> pieces, long logStart) {
        List<Piece> byAge = new ArrayList<>(pieces);
        byAge.sort(BY_AGE);
        List<Piece> kept = new ArrayList<>();
        Offsets newer = new Offsets();
        for (int from = 0; from < byAge.size(); ) {
            int to = from;
            while (to < byAge.size() && BY_AGE.compare(byAge.get(from), byAge.get(to)) == 0) {
                to++;
            }
            List<Piece> ofAge = byAge.subList(from, to);
            for (Piece piece : ofAge) {
                if (!newer.hold(Math.max(piece.startOffset(), logStart), piece.endOffset())) {
                    kept.add(piece);
                }
            }
            ofAge.forEach(piece -> newer.add(piece.startOffset(), piece.endOffset()));
            from = to;
        }
        return kept;
    }

    /** Ranges of offsets, none of which touch. */
    private static final class Offsets {
        /** The end of each by its start. */
        private final NavigableMap<Long, Long> ranges = new TreeMap<>();

        private boolean hold(long start, long end) {
            Map.Entry<Long, Long> before = ranges.floorEntry(start);
            return before != null && before.getValue() >= end;
        }

        private void add(long start, long end) {
            long from = start;
            long to = end;
            Map.Entry<Long, Long> touching = ranges.floorEntry(to);
            while (touching != null && touching.getValue() >= from) {
                from = Math.min(from, touching.getKey());
                to = Math.max(to, touching.getValue());
                ranges.remove(touching.getKey());
                touching = ranges.floorEntry(to);
            }
            ranges.put(from, to);
        }
    }

    private static List<Piece> most(List<Piece> pieces, long logStart) {
        List<Piece> sorted =
                pieces.stream()
                        .filter(piece -> piece.endOffset() > logStart)
                        .sorted(BY_END)
                        .toList();
        int count = sorted.size();
        // Entry i is about the first i pieces.
        long[] covered = new long[count + 1];
        long[] cost = new long[count + 1];
        int[] before = new int[count + 1];
        boolean[] taken = new boolean[count + 1];
        for (int i = 1; i <= count; i++) {
            Piece piece = sorted.get(i - 1);
            before[i] = endingBy(sorted, i - 1, Math.max(piece.startOffset(), logStart));
            long with =
                    covered[before[i]]
                            + piece.endOffset()
                            - Math.max(piece.startOffset(), logStart);
            long withCost = cost[before[i]] + cost(piece);
            taken[i] = with > covered[i - 1] || (with == covered[i - 1] && withCost < cost[i - 1]);
            covered[i] = taken[i] ? with : covered[i - 1];
            cost[i] = taken[i] ? withCost : cost[i - 1];
        }
        List<Piece> chosen = new ArrayList<>();
        for (int i = count; i > 0; i = taken[i] ? before[i] : i - 1) {
            if (taken[i]) {
                chosen.addFirst(sorted.get(i - 1));
            }
        }
        return chosen;
    }

    private static long cost(Piece piece) {
        return switch (piece) {
            case Piece.Known known -> 1;
            case Piece.Later later -> 1;
            case Piece.Logged logged -> 1L << 32;
        };
    }

    /** How many of the first so many pieces end at or below the offset. */
    private static int endingBy(List<Piece> sorted, int first, long offset) {
        int low = 0;
        int high = first;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted.get(middle).endOffset() <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
