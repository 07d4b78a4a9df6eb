package io.tributary.storage.state;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.TierSettings;
import io.tributary.storage.object.ObjectId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** Answers which objects there are to merge, and of what. Thread-safe; no call blocks on I/O. */
public final class Levels {
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
     */
    public record Run(PartitionId partition, long logStart, List<StoredSegment> segments) {}

    /** The segments these objects hold, in the order of partitions and offsets. */
    public List<Run> runs(Set<ObjectId> objects) {
        state.lock.lock();
        try {
            SortedSet<PartitionId> touched = new TreeSet<>();
            for (ObjectId object : objects) {
                state.objects.segments(object).forEach(s -> touched.add(s.info().partition()));
            }
            List<Run> runs = new ArrayList<>();
            for (PartitionId id : touched) {
                PartitionState partition = state.partitions.get(id);
                if (partition != null) {
                    runs(id, partition, objects, runs);
                }
            }
            return runs;
        } finally {
            state.lock.unlock();
        }
    }

    private static void runs(
            PartitionId id, PartitionState partition, Set<ObjectId> objects, List<Run> found) {
        List<StoredSegment> run = new ArrayList<>();
        for (StoredSegment segment : partition.segments()) {
            if (objects.contains(segment.object())) {
                run.add(segment);
            } else if (!run.isEmpty()) {
                found.add(new Run(id, partition.logStart(), run));
                run = new ArrayList<>();
            }
        }
        if (!run.isEmpty()) {
            found.add(new Run(id, partition.logStart(), run));
        }
    }

    /**
     * What is left of a run: without what fell below the log start meanwhile; empty when that is
     * all, or something else than these segments is read there by now.
     */
    public Optional<Run> left(Run run) {
        state.lock.lock();
        try {
            PartitionState partition = state.partitions.get(run.partition());
            if (partition == null) {
                return Optional.empty();
            }
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
                    ? Optional.of(new Run(run.partition(), partition.logStart(), left))
                    : Optional.empty();
        } finally {
            state.lock.unlock();
        }
    }
}
