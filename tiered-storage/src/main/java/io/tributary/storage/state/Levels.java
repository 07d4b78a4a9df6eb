package io.tributary.storage.state;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.TierSettings;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.state.ObjectUses.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** Answers which objects there are to merge, and of what. Thread-safe; no call blocks on I/O. */
public final class Levels {
    /** Partitions looked at under the lock at a time. */
    private static final int LOOKED_AT_ONCE = 1_000;

    private final ShardState state;

    public Levels(ShardState state) {
        this.state = state;
    }

    /**
     * An object that is read.
     *
     * @param liveBytes of its segments that are read
     * @param first the first partition it has segments of, or had
     * @param last the last one, inclusive
     */
    public record Held(ObjectId object, long liveBytes, PartitionId first, PartitionId last) {}

    /** All objects that are read, in no order. */
    public List<Held> objects() {
        state.lock.lock();
        try {
            List<Held> found = new ArrayList<>();
            state.objects
                    .used()
                    .forEach(
                            (id, use) ->
                                    use.span()
                                            .ifPresent(
                                                    span ->
                                                            found.add(
                                                                    new Held(
                                                                            id,
                                                                            use.liveBytes(),
                                                                            span.first(),
                                                                            span.last()))));
            return found;
        } finally {
            state.lock.unlock();
        }
    }

    /** How many objects are read, by level. */
    public List<Integer> objectsByLevel() {
        int[] counts = new int[TierSettings.MAX_LEVEL + 1];
        state.lock.lock();
        try {
            state.objects
                    .used()
                    .keySet()
                    .forEach(id -> counts[Math.min(id.level(), TierSettings.MAX_LEVEL)]++);
            return Arrays.stream(counts).boxed().toList();
        } finally {
            state.lock.unlock();
        }
    }

    /**
     * Segments of a partition with none between them.
     *
     * @param logStart records below it are gone
     * @param cleanTo how far the partition is compacted
     */
    public record Run(
            PartitionId partition, long logStart, long cleanTo, List<StoredSegment> segments) {}

    /**
     * The segments these objects hold, in the order of partitions and offsets. Found by looking at
     * the partitions they span, some at a time: what changes meanwhile may be missing.
     */
    public List<Run> runs(Set<ObjectId> objects) {
        Optional<Span> span = span(objects);
        if (span.isEmpty()) {
            return List.of();
        }
        SortedMap<PartitionId, List<Run>> found = new TreeMap<>();
        BiConsumer<PartitionId, PartitionState> look =
                (id, partition) -> {
                    if (partition.segments().anyIn(objects)) {
                        found.put(id, runs(id, partition, objects));
                    }
                };
        Optional<PartitionId> from = Optional.of(span.get().first());
        while (from.isPresent()) {
            state.lock.lock();
            try {
                from =
                        state.partitions.showFrozen(
                                from.get(), span.get().last(), LOOKED_AT_ONCE, look);
                if (from.isEmpty()) {
                    state.partitions.showThawed(look);
                }
            } finally {
                state.lock.unlock();
            }
        }
        return found.values().stream().flatMap(List::stream).toList();
    }

    private Optional<Span> span(Set<ObjectId> objects) {
        state.lock.lock();
        try {
            return objects.stream()
                    .flatMap(
                            object ->
                                    Optional.ofNullable(state.objects.used().get(object)).stream())
                    .flatMap(use -> use.span().stream())
                    .reduce((a, b) -> a.with(b.first()).with(b.last()));
        } finally {
            state.lock.unlock();
        }
    }

    private static List<Run> runs(PartitionId id, PartitionState partition, Set<ObjectId> objects) {
        List<Run> found = new ArrayList<>();
        List<StoredSegment> run = new ArrayList<>();
        for (StoredSegment segment : partition.segments()) {
            if (objects.contains(segment.object())) {
                run.add(segment);
            } else if (!run.isEmpty()) {
                found.add(run(id, partition, run));
                run = new ArrayList<>();
            }
        }
        if (!run.isEmpty()) {
            found.add(run(id, partition, run));
        }
        return found;
    }

    private static Run run(PartitionId id, PartitionState partition, List<StoredSegment> segments) {
        return new Run(id, partition.logStart(), partition.cleaned().to(), segments);
    }

    /**
     * What is left of a run: without what fell below the log start meanwhile; empty when that is
     * all, or something else than these segments is read there by now.
     */
    public Optional<Run> left(Run run) {
        state.lock.lock();
        try {
            Optional<PartitionState> found = state.partitions.find(run.partition());
            if (found.isEmpty()) {
                return Optional.empty();
            }
            PartitionState partition = found.get();
            List<StoredSegment> left =
                    run.segments().stream()
                            .filter(s -> s.info().endOffset() > partition.logStart())
                            .toList();
            if (left.isEmpty()) {
                return Optional.empty();
            }
            int from = partition.segmentIndex(left.getFirst().info().startOffset());
            int to = Math.min(from + left.size(), partition.segments().size());
            return partition.segments().subList(from, to).equals(left)
                    ? Optional.of(run(run.partition(), partition, left))
                    : Optional.empty();
        } finally {
            state.lock.unlock();
        }
    }
}
