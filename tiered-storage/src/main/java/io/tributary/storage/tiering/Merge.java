package io.tributary.storage.tiering;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.ObjectWriter;
import io.tributary.storage.state.Levels.Held;
import io.tributary.storage.state.Levels.Run;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes few large objects of many small ones, one object at a time, so that flushing never waits
 * for more than that. What a crash interrupts goes on from what the log says. Used by one thread at
 * a time; blocks.
 */
final class Merge {
    private static final Logger LOG = LoggerFactory.getLogger(Merge.class);

    /** How often to look for something to merge. */
    private static final Duration LOOK = Duration.ofSeconds(5);

    /** When an object that could not be read is tried again. */
    private static final Duration AGAIN = Duration.ofHours(1);

    private final ShardContext shard;
    private final Uploads uploads;
    private final SegmentCopy copy;
    private Optional<Job> job = Optional.empty();
    private long idleUntilMillis;

    Merge(ShardContext shard, Uploads uploads, SegmentCopy copy) {
        this.shard = shard;
        this.uploads = uploads;
        this.copy = copy;
    }

    /**
     * A merge under way.
     *
     * @param level of the objects it makes
     * @param local whether all it reads has a copy on the local disk
     */
    private record Job(
            Set<ObjectId> inputs, int level, boolean local, Deque<List<MergePlan.Piece>> left) {}

    /** Objects that are being merged. */
    Set<ObjectId> inputs() {
        return job.map(Job::inputs).orElse(Set.of());
    }

    /** Forgets the merge under way; what it made stays. */
    void abandon() {
        job = Optional.empty();
    }

    /** Makes at most one object. */
    void step() throws IOException {
        if (job.isEmpty()) {
            if (shard.node().settings().tier().mergeObjects() == 0
                    || shard.nowMillis() < idleUntilMillis) {
                return;
            }
            job = plan();
        }
        if (job.isEmpty()) {
            idleUntilMillis = shard.nowMillis() + LOOK.toMillis();
        } else {
            makeOne(job.get());
        }
    }

    private Optional<Job> plan() throws IOException {
        List<Held> objects =
                shard.own().levels().objects().stream()
                        .filter(held -> !copy.unreadableFor(held.object(), AGAIN))
                        .toList();
        List<Held> due = MergePlan.due(objects, shard.node().settings().tier(), shard.nowMillis());
        if (due.isEmpty()) {
            return Optional.empty();
        }
        Set<ObjectId> inputs = new LinkedHashSet<>();
        due.forEach(held -> inputs.add(held.object()));
        List<Run> runs = shard.own().levels().runs(inputs);
        Map<PartitionId, PartitionSettings> settings = new HashMap<>();
        for (Run run : runs) {
            Optional<PartitionSettings> found = shard.node().topics().of(run.partition().topic());
            found.ifPresent(of -> settings.put(run.partition(), of));
        }
        // A topic that is gone is about to be removed: nothing of it is worth copying.
        List<Run> wanted = runs.stream().filter(r -> settings.containsKey(r.partition())).toList();
        if (wanted.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new Job(
                        inputs,
                        MergePlan.nextLevel(due),
                        inputs.stream().allMatch(shard.node().local()::contains),
                        new ArrayDeque<>(Packing.pack(MergePlan.cut(wanted, settings::get)))));
    }

    private void makeOne(Job now) throws IOException {
        List<Run> runs =
                now.left().remove().stream()
                        .flatMap(piece -> shard.own().levels().left(piece.run()).stream())
                        .toList();
        if (!runs.isEmpty()) {
            ObjectWriter.Written written =
                    uploads.uploadOnce(
                            now.level(),
                            now.local(),
                            writer -> {
                                for (Run run : runs) {
                                    copy.asOne(run, writer);
                                }
                                return List.of();
                            });
            shard.own().counts().merged(written.sizeBytes());
            LOG.info(
                    "objects merged shard={} inputs={} level={} object={} segments={} bytes={}"
                            + " left={}",
                    shard.shard(),
                    now.inputs().size(),
                    now.level(),
                    written.id().name(),
                    written.segments().size(),
                    written.sizeBytes(),
                    now.left().size());
        }
        if (now.left().isEmpty()) {
            job = Optional.empty();
        }
    }
}
