package io.tributary.storage.restore;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.Receipt.Why;
import io.tributary.storage.log.Command;
import io.tributary.storage.log.LogEntry;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.log.ShardManifest;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.restore.Coverage.Piece;
import io.tributary.storage.restore.StoredShard.StoredObject;
import io.tributary.storage.segment.SegmentInfo;
import io.tributary.storage.state.Salvage;
import io.tributary.storage.state.ShardState;
import io.tributary.storage.state.StoredSegment;
import io.tributary.storage.state.Timetable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Puts a shard together again from what its object store has and which ledgers survived. First it
 * is read and planned, which changes nothing; then, if wanted, completed. One thread uses it;
 * blocks.
 */
public final class ShardRestore {
    /** Before the first ledger of the new log, which is empty. */
    private static final LogPosition LOG_START = new LogPosition(-1, 0);

    private static final Duration ANY_AGE = Duration.ofDays(36_500);

    private final StoredShard stored;
    private final SurvivingLog log;
    private final ShardState state;
    private final Salvage salvage;
    private final Replay replay;
    private final SortedMap<PartitionId, RestoredPartition> partitions = new TreeMap<>();

    /** Reads the shard's surviving entries; the stored shard is this object's from now on. */
    public ShardRestore(StoredShard stored, SurvivingLog log) throws IOException {
        this.stored = stored;
        this.log = log;
        state =
                stored.snapshot()
                        .map(StoredShard.Loaded::state)
                        .orElseGet(() -> new ShardState(ANY_AGE, ANY_AGE));
        salvage = new Salvage(state);
        replay = new Replay(state, salvage);
        LogPosition from =
                stored.snapshot()
                        .map(StoredShard.Loaded::replayFrom)
                        .orElse(new LogPosition(Long.MIN_VALUE, 0));
        log.read(stored.shard(), from, replay::entry);
    }

    /** Topics that are known to be removed, though the metadata may not know it yet. */
    public Set<TopicId> removedTopics() {
        return salvage.removedTopics();
    }

    /** The highest epoch the shard is known to have had. */
    public long highestEpoch() {
        return Math.max(stored.highestEpoch(), replay.highestEpoch());
    }

    /**
     * Decides what comes back.
     *
     * @param alive every partition the shard should have; others do not come back
     * @param offsetGap how far beyond its known end each partition continues
     */
    public List<PartitionReport> plan(Collection<PartitionId> alive, long offsetGap) {
        partitions.clear();
        Map<PartitionId, List<Piece>> later = RestoredPartition.later(stored);
        for (PartitionId id : alive) {
            partitions.put(
                    id,
                    RestoredPartition.of(
                            stored,
                            salvage.partition(id),
                            replay.logStart(id),
                            later.getOrDefault(id, List.of()),
                            log::has));
        }
        return partitions.values().stream().map(p -> p.report(offsetGap)).toList();
    }

    /**
     * How the shard begins again.
     *
     * @param epoch higher than any it had
     * @param settings by topic, for retention
     */
    public record Terms(
            long epoch,
            long offsetGap,
            long nowMillis,
            String owner,
            Function<TopicId, Optional<PartitionSettings>> settings) {}

    /**
     * Carries the plan out: stores what comes from ledgers as objects, then a snapshot of the
     * whole. Nothing in the store is changed or removed; what fails leaves orphans at worst.
     *
     * @return the shard's manifest, with which it opens
     */
    public ShardManifest complete(Additions additions, Terms terms) throws IOException {
        removeOthers(terms);
        salvage.objectsLost(missing());
        salvage.logLost();
        partitions.forEach((id, partition) -> salvage.skipTo(id, partition.knownEnd()));
        Set<Piece> chosen = new HashSet<>();
        partitions.values().forEach(partition -> chosen.addAll(partition.pieces()));
        for (StoredObject object : stored.later()) {
            adopt(object, chosen, terms);
        }
        for (Command.SegmentsStored stored : additions.objects(partitions.values(), log)) {
            apply(terms, stored);
        }
        partitions.forEach((id, partition) -> settle(id, partition, terms));
        state.allDurable();
        expire(terms);
        apply(terms, new Command.EpochStarted(terms.epoch()));
        return new ShardManifest(
                terms.epoch(),
                terms.owner(),
                List.of(),
                Optional.of(additions.snapshot(state.snapshot(LOG_START).encode(), LOG_START)));
    }

    private void apply(Terms terms, Command command) {
        state.replay(LOG_START, new LogEntry(terms.nowMillis(), List.of(command)));
    }

    private void removeOthers(Terms terms) {
        Set<TopicId> alive = new HashSet<>();
        partitions.keySet().forEach(id -> alive.add(id.topic()));
        Set<TopicId> others = new TreeSet<>();
        salvage.partitions().forEach(known -> others.add(known.partition().topic()));
        for (StoredObject object : stored.later()) {
            object.segments().forEach(segment -> others.add(segment.partition().topic()));
        }
        others.removeAll(alive);
        others.forEach(topic -> apply(terms, new Command.TopicRemoved(topic, Why.TOPIC_DELETED)));
    }

    /** Objects whose segments the snapshot has and that are not there as it has them. */
    private Set<ObjectId> missing() {
        Set<ObjectId> missing = new HashSet<>();
        for (Salvage.Contents known : salvage.partitions()) {
            for (StoredSegment segment : known.segments()) {
                Long size = stored.sizes().get(segment.object());
                if (size == null || size != segment.objectBytes()) {
                    missing.add(segment.object());
                }
            }
        }
        return missing;
    }

    /** Takes over what was chosen of an object; records of removed topics make it give way soon. */
    private void adopt(StoredObject object, Set<Piece> chosen, Terms terms) {
        List<SegmentInfo> segments = new ArrayList<>();
        boolean read = false;
        for (SegmentInfo segment : object.segments()) {
            boolean taken =
                    chosen.contains(new Piece.Later(object.id(), object.sizeBytes(), segment));
            read |= taken;
            if (taken || !partitions.containsKey(segment.partition())) {
                segments.add(segment);
            }
        }
        if (read) {
            apply(terms, new Command.SegmentsStored(object.id(), object.sizeBytes(), segments));
        }
    }

    private void settle(PartitionId id, RestoredPartition partition, Terms terms) {
        long next = partition.knownEnd() + terms.offsetGap();
        salvage.retriesLost(id, partition.firstLost());
        salvage.skipTo(id, next);
        salvage.compactAnew(id);
        salvage.startAt(id, partition.pieces().isEmpty() ? next : partition.logStart());
    }

    /** What retention would remove at once is never served. */
    private void expire(Terms terms) {
        Timetable timetable = new Timetable(state);
        for (PartitionId id : partitions.keySet()) {
            Optional<PartitionSettings> settings = terms.settings().apply(id.topic());
            OptionalLong start =
                    settings.isPresent()
                            ? timetable.look(id, settings.get(), terms.nowMillis())
                            : OptionalLong.empty();
            if (start.isPresent()) {
                apply(terms, new Command.LogStartMoved(id, start.getAsLong(), Why.RETENTION));
            }
        }
    }
}
