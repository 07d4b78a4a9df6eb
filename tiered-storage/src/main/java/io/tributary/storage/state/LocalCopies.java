package io.tributary.storage.state;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.object.ObjectId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which objects' local copies no partition wants any more. A partition with local retention has an
 * offset below which it wants none; an object's copy goes when every segment of it lies below its
 * partition's. Guarded by the lock of its {@link ShardState}; never persisted.
 */
final class LocalCopies {
    private final Map<PartitionId, PartitionState> partitions;
    private final ObjectUses objects;

    /** Local starts, of partitions that have local retention. */
    private final Map<PartitionId, Long> starts = new HashMap<>();

    /** How many of an object's segments, from its first, are known to be unwanted. */
    private final Map<ObjectId, Integer> unwanted = new HashMap<>();

    /** Objects that may have lost the last who wanted them. */
    private final Set<ObjectId> suspects = new LinkedHashSet<>();

    LocalCopies(Map<PartitionId, PartitionState> partitions, ObjectUses objects) {
        this.partitions = partitions;
        this.objects = objects;
    }

    /** A partition wants no copies of what ends at or below the offset. */
    void startAt(PartitionId id, PartitionState partition, long start) {
        long before = starts.getOrDefault(id, 0L);
        starts.put(id, start);
        List<StoredSegment> segments = partition.segments();
        for (int i = partition.segmentIndex(before);
                i < segments.size() && segments.get(i).info().endOffset() <= start;
                i++) {
            suspects.add(segments.get(i).object());
        }
    }

    /** A partition wants copies as long as there is room. */
    void wantAll(PartitionId id) {
        starts.remove(id);
    }

    /** A segment was stored, or is no longer read. */
    void changed(ObjectId object) {
        if (!starts.isEmpty()) {
            suspects.add(object);
        }
    }

    /** Objects whose copies nobody wants since the last call. */
    List<ObjectId> takeUnwanted() {
        List<ObjectId> found = new ArrayList<>();
        for (ObjectId object : suspects) {
            List<StoredSegment> segments = objects.segments(object);
            int known = unwanted.getOrDefault(object, 0);
            while (known < segments.size() && unwanted(segments.get(known))) {
                known++;
            }
            if (known < segments.size()) {
                unwanted.put(object, known);
            } else {
                unwanted.remove(object);
                found.add(object);
            }
        }
        suspects.clear();
        return found;
    }

    private boolean unwanted(StoredSegment segment) {
        PartitionId id = segment.info().partition();
        PartitionState partition = partitions.get(id);
        return partition == null
                || segment.info().endOffset() <= starts.getOrDefault(id, 0L)
                || !partition.holds(segment.object(), segment.info());
    }
}
