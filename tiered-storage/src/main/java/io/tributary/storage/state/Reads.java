package io.tributary.storage.state;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.OffsetOutOfRangeException;
import io.tributary.storage.Shard.KnownProducer;
import io.tributary.storage.Shard.Offsets;
import io.tributary.storage.Shard.Tiers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/** Answers where a partition's records lie, for readers. Thread-safe; no call blocks on I/O. */
public final class Reads {
    private static final Offsets NOTHING = new Offsets(0, 0);

    /** Segments one look for a time passes over. */
    private static final int MOST_ROWS = 10_000;

    /** Segments or batches it finds; the first nearly always has what is looked for. */
    private static final int MOST_CANDIDATES = 4;

    private final ShardState state;

    public Reads(ShardState state) {
        this.state = state;
    }

    public Offsets offsets(PartitionId id) {
        state.lock.lock();
        try {
            return state.partitions.find(id).map(PartitionState::offsets).orElse(NOTHING);
        } finally {
            state.lock.unlock();
        }
    }

    /** Where to read from the offset on, at least one batch and about {@code maxBytes}. */
    public ReadPlan plan(PartitionId id, long offset, int maxBytes) {
        state.lock.lock();
        try {
            PartitionState partition = state.partitions.find(id).orElse(null);
            Offsets offsets = partition == null ? NOTHING : partition.offsets();
            long start = partition == null ? 0 : partition.logStart();
            if (offset < Math.min(start, offsets.highWatermark())
                    || offset > offsets.highWatermark()) {
                return new ReadPlan.OutOfRange(offsets);
            }
            if (partition == null || offset == offsets.highWatermark()) {
                return new ReadPlan.AtEnd(offsets);
            }
            int segment = partition.segmentIndex(offset);
            if (segment < partition.segments().size()) {
                return new ReadPlan.FromObject(offsets, partition.segments().get(segment));
            }
            List<BatchRef> batches = new ArrayList<>();
            long bytes = 0;
            List<BatchRef> logged = partition.logged();
            for (int i = partition.loggedIndex(offset); i < logged.size(); i++) {
                BatchRef batch = logged.get(i);
                bytes += batch.length();
                if (batch.endOffset() > offsets.highWatermark()
                        || (bytes > maxBytes && !batches.isEmpty())) {
                    break;
                }
                batches.add(batch);
            }
            return new ReadPlan.FromLog(offsets, batches);
        } finally {
            state.lock.unlock();
        }
    }

    /**
     * Bytes of the batches and segments from the one that holds the offset on, counted until there
     * are so many.
     */
    public long bytesFrom(PartitionId id, long offset, long enough)
            throws OffsetOutOfRangeException {
        state.lock.lock();
        try {
            PartitionState partition = state.partitions.find(id).orElse(null);
            Offsets offsets = partition == null ? NOTHING : partition.offsets();
            if (offset < offsets.logStart() || offset > offsets.highWatermark()) {
                throw new OffsetOutOfRangeException(offset, offsets);
            }
            long bytes = 0;
            if (partition == null || offset == offsets.highWatermark()) {
                return bytes;
            }
            SegmentRows segments = partition.segments();
            for (int i = partition.segmentIndex(offset); i < segments.size(); i++) {
                bytes += segments.lengthBytes(i);
                if (bytes >= enough) {
                    return bytes;
                }
            }
            List<BatchRef> logged = partition.logged();
            for (int i = partition.loggedIndex(offset); i < logged.size() && bytes < enough; i++) {
                if (logged.get(i).endOffset() > offsets.highWatermark()) {
                    break;
                }
                bytes += logged.get(i).length();
            }
            return bytes;
        } finally {
            state.lock.unlock();
        }
    }

    /** The idempotent producers that were not silent since then. */
    public List<KnownProducer> producers(PartitionId id, long silentSinceMillis) {
        state.lock.lock();
        try {
            return state.partitions.find(id).stream()
                    .flatMap(partition -> partition.producers(silentSinceMillis).stream())
                    .map(Producer::known)
                    .toList();
        } finally {
            state.lock.unlock();
        }
    }

    /** The partition's segments from the one that holds the offset, or the first after it. */
    public List<StoredSegment> segments(PartitionId id, long offset, int limit) {
        state.lock.lock();
        try {
            PartitionState partition = state.partitions.find(id).orElse(null);
            if (partition == null) {
                return List.of();
            }
            List<StoredSegment> segments = partition.segments();
            int from = partition.segmentIndex(offset);
            return List.copyOf(segments.subList(from, Math.min(segments.size(), from + limit)));
        } finally {
            state.lock.unlock();
        }
    }

    /**
     * Where the first readable records at or after a time may lie: segments first, then batches.
     *
     * @param segments whose largest timestamp reaches the time, in order
     * @param batches likewise
     * @param next from where to go on when they are in none of these; empty at the end
     */
    public record TimePlan(
            Offsets offsets,
            List<StoredSegment> segments,
            List<BatchRef> batches,
            OptionalLong next) {}

    /** Looks for records at or after a time, from an offset on, no further than is soon done. */
    public TimePlan planTime(PartitionId id, long timestampMillis, long fromOffset) {
        state.lock.lock();
        try {
            Optional<PartitionState> found = state.partitions.find(id);
            if (found.isEmpty()) {
                return new TimePlan(NOTHING, List.of(), List.of(), OptionalLong.empty());
            }
            PartitionState partition = found.get();
            SegmentRows rows = partition.segments();
            List<StoredSegment> segments = new ArrayList<>();
            int from = partition.segmentIndex(fromOffset);
            int at = from;
            while (at < rows.size() && at - from < MOST_ROWS && segments.size() < MOST_CANDIDATES) {
                if (rows.maxTimestamp(at) >= timestampMillis) {
                    segments.add(rows.get(at));
                }
                at++;
            }
            if (at > from) {
                return new TimePlan(
                        partition.offsets(),
                        segments,
                        List.of(),
                        OptionalLong.of(rows.endOffset(at - 1)));
            }
            return planTime(partition, timestampMillis, fromOffset);
        } finally {
            state.lock.unlock();
        }
    }

    private static TimePlan planTime(
            PartitionState partition, long timestampMillis, long fromOffset) {
        Offsets offsets = partition.offsets();
        List<BatchRef> batches = new ArrayList<>();
        for (int i = partition.loggedIndex(fromOffset); i < partition.logged().size(); i++) {
            BatchRef batch = partition.logged().get(i);
            if (batch.endOffset() > offsets.highWatermark()) {
                break;
            }
            if (batch.maxTimestamp() >= timestampMillis) {
                batches.add(batch);
            }
            if (batches.size() == MOST_CANDIDATES) {
                return new TimePlan(
                        offsets, List.of(), batches, OptionalLong.of(batch.endOffset()));
            }
        }
        return new TimePlan(offsets, List.of(), batches, OptionalLong.empty());
    }

    /** The partition's tiers; {@code local} tells which objects have a copy on this disk. */
    public Tiers tiers(PartitionId id, Predicate<StoredSegment> local) {
        state.lock.lock();
        try {
            PartitionState partition = state.partitions.find(id).orElse(null);
            if (partition == null) {
                return new Tiers(NOTHING, List.of(), List.of(), List.of());
            }
            Offsets offsets = partition.offsets();
            List<Tiers.Range> inObjects = new ArrayList<>();
            List<Tiers.Range> onDisk = new ArrayList<>();
            for (StoredSegment segment : partition.segments()) {
                Tiers.Range range =
                        new Tiers.Range(
                                segment.info().startOffset(),
                                segment.info().endOffset(),
                                segment.info().lengthBytes(),
                                segment.object().key());
                inObjects.add(range);
                if (local.test(segment)) {
                    onDisk.add(range);
                }
            }
            return new Tiers(offsets, ledgers(partition, offsets), onDisk, inObjects);
        } finally {
            state.lock.unlock();
        }
    }

    private static List<Tiers.Range> ledgers(PartitionState partition, Offsets offsets) {
        List<Tiers.Range> ranges = new ArrayList<>();
        for (BatchRef batch : partition.logged()) {
            if (batch.endOffset() > offsets.highWatermark()) {
                break;
            }
            String where = "ledger " + batch.at().ledgerId();
            Tiers.Range last = ranges.isEmpty() ? null : ranges.getLast();
            if (last != null && last.where().equals(where)) {
                ranges.set(
                        ranges.size() - 1,
                        new Tiers.Range(
                                last.startOffset(),
                                batch.endOffset(),
                                last.bytes() + batch.length(),
                                where));
            } else {
                ranges.add(
                        new Tiers.Range(
                                batch.baseOffset(), batch.endOffset(), batch.length(), where));
            }
        }
        return ranges;
    }
}
