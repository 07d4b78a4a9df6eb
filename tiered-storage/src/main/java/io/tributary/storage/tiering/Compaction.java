package io.tributary.storage.tiering;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.compaction.BatchCleaner;
import io.tributary.storage.compaction.KeyMap;
import io.tributary.storage.log.Command;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.ObjectWriter;
import io.tributary.storage.state.Compactions;
import io.tributary.storage.state.Compactions.Candidate;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the newest record of every key in stored segments: first reads what is new and notes its
 * keys, then puts smaller objects in the place of those from the partitions' starts on, one at a
 * time, so that flushing never waits for more than that. Small partitions share the work and its
 * objects. What a crash interrupts begins anew, and finds what was done. One shard of a node works
 * at a time, on a thread of its own. Used by one thread at a time; blocks.
 */
final class Compaction {
    private static final Logger LOG = LoggerFactory.getLogger(Compaction.class);

    /** Partitions looked at in one go, so that other work has its turn. */
    private static final int AT_ONCE = 1_000;

    /** One job takes no more partitions beyond this. */
    private static final long JOB_BYTES = 64 << 20;

    /** When a partition is looked at again whose compaction did not come to its end. */
    private static final Duration AGAIN = Duration.ofSeconds(30);

    /** When one is that waits for its turn. */
    private static final Duration TURN = Duration.ofSeconds(1);

    /** Made objects are merged as those are that were merged once. */
    private static final int LEVEL = 1;

    private final ShardContext shard;
    private final Uploads uploads;
    private final SegmentCopy copy;
    private final Compactions compactions;
    private Optional<CompactionJob> job = Optional.empty();

    Compaction(ShardContext shard, Uploads uploads, SegmentCopy copy) {
        this.shard = shard;
        this.uploads = uploads;
        this.copy = copy;
        compactions = new Compactions(shard.own().state());
    }

    /** Objects that hold what is being compacted. */
    Set<ObjectId> inputs() {
        return job.map(CompactionJob::inputs).orElse(Set.of());
    }

    /** Forgets the compaction under way; what it made stays. */
    void abandon() {
        if (job.isPresent()) {
            job = Optional.empty();
            shard.node().compaction().giveBack();
        }
    }

    /** Does a bounded part of what there is to do. */
    void step() throws IOException {
        if (job.isEmpty()) {
            plan();
        }
        if (job.isPresent()) {
            CompactionJob now = job.get();
            OwnThread.run(shard, () -> step(now));
            if (now.over()) {
                finish(now);
            }
        }
    }

    /** Takes partitions that are due, as long as there is room for their keys. */
    private void plan() throws IOException {
        long now = shard.nowMillis();
        List<CompactionJob.Target> targets = new ArrayList<>();
        long bytes = 0;
        List<PartitionId> due = compactions.due(now, now + AGAIN.toMillis(), AT_ONCE);
        for (PartitionId partition : due) {
            if (bytes >= JOB_BYTES) {
                compactions.lookAt(partition, now);
                continue;
            }
            Optional<CompactionJob.Target> target = target(partition, now);
            if (target.isPresent()) {
                targets.add(target.get());
                bytes += target.get().candidate().bytes();
            }
        }
        if (targets.isEmpty()) {
            return;
        }
        Optional<KeyMap> map = shard.node().compaction().take();
        if (map.isPresent()) {
            job = Optional.of(new CompactionJob(copy, map.get(), targets));
        } else {
            for (CompactionJob.Target target : targets) {
                compactions.lookAt(target.candidate().partition(), now + TURN.toMillis());
            }
        }
    }

    private Optional<CompactionJob.Target> target(PartitionId partition, long now)
            throws IOException {
        Optional<PartitionSettings> settings = shard.node().topics().of(partition.topic());
        if (settings.flatMap(PartitionSettings::compaction).isEmpty()) {
            compactions.forget(partition);
            return Optional.empty();
        }
        Optional<Candidate> candidate =
                compactions.look(partition, settings.get().compaction().get(), now);
        boolean unreadable =
                candidate.stream()
                        .flatMap(found -> found.segments().stream())
                        .anyMatch(segment -> copy.unreadableFor(segment.object(), AGAIN));
        return unreadable
                ? Optional.empty()
                : candidate.map(found -> new CompactionJob.Target(found, settings.get()));
    }

    private void step(CompactionJob now) throws IOException {
        try (BatchCleaner cleaner = new BatchCleaner(shard.node().settings().tier().zstdLevel())) {
            if (now.noted()) {
                makeOne(now, cleaner);
                return;
            }
            now.note(cleaner);
            if (now.noted()) {
                List<Command> already = now.plan();
                if (!already.isEmpty()) {
                    uploads.log(already);
                }
            }
        }
    }

    private void makeOne(CompactionJob now, BatchCleaner cleaner) throws IOException {
        List<CompactionJob.Piece> pieces = new ArrayList<>();
        for (CompactionJob.Piece piece : now.next()) {
            shard.own().levels().left(piece.run()).map(piece::with).ifPresent(pieces::add);
        }
        if (pieces.isEmpty()) {
            return;
        }
        ObjectWriter.Written written =
                uploads.uploadOnce(
                        LEVEL,
                        now.inputs().stream().allMatch(shard.node().local()::contains),
                        writer -> now.write(pieces, cleaner, writer, shard.nowMillis()));
        shard.own().counts().compacted(written.sizeBytes());
        LOG.info(
                "segments compacted shard={} object={} segments={} bytes={} left={}",
                shard.shard(),
                written.id().name(),
                written.segments().size(),
                written.sizeBytes(),
                now.left());
    }

    private void finish(CompactionJob now) {
        LOG.info(
                "compaction ended shard={} partitions={} keys={} recordsRemoved={} bytesRead={}",
                shard.shard(),
                now.partitions().size(),
                now.keys(),
                now.removedRecords(),
                now.readBytes());
        TieringCounts counts = shard.own().counts();
        counts.compacted(now.partitions().size());
        counts.superseded(now.removedRecords());
        counts.compactionRead(now.readBytes());
        // What was too much for one job goes on; when to look at the others is found out.
        now.asked().forEach(partition -> compactions.lookAt(partition, shard.nowMillis()));
        abandon();
    }
}
