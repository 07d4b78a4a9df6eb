package io.tributary.storage.state;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.Shard.Offsets;
import io.tributary.storage.Shard.Tiers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Answers where a partition's records lie, for readers. Thread-safe; no call blocks on I/O. */
public final class Reads {
    private static final Offsets NOTHING = new Offsets(0, 0);

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
     */
    public record TimePlan(Offsets offsets, List<StoredSegment> segments, List<BatchRef> batches) {}

    public TimePlan planTime(PartitionId id, long timestampMillis) {
        state.lock.lock();
        try {
            PartitionState partition = state.partitions.find(id).orElse(null);
            if (partition == null) {
                return new TimePlan(NOTHING, List.of(), List.of());
            }
            Offsets offsets = partition.offsets();
            return new TimePlan(
                    offsets,
                    partition.segments().stream()
                            .filter(segment -> segment.info().maxTimestamp() >= timestampMillis)
                            .toList(),
                    partition.logged().stream()
                            .filter(batch -> batch.maxTimestamp() >= timestampMillis)
                            .filter(batch -> batch.endOffset() <= offsets.highWatermark())
                            .toList());
        } finally {
            state.lock.unlock();
        }
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
