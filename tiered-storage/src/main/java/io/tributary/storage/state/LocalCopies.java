package io.tributary.storage.state;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.SegmentInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which objects' local copies no partition wants any more. A partition with local retention has an
 * offset below which it wants none; an object's copy goes when every segment that is read of it
 * lies below its partition's. Guarded by the lock of its {@link ShardState}; never persisted.
 */
final class LocalCopies {
    private final ObjectUses objects;

    /** Local starts, of partitions that have local retention. */
    private final Map<PartitionId, Long> starts = new HashMap<>();

    /** Objects that may have lost the last who wanted them. */
    private final Set<ObjectId> suspects = new LinkedHashSet<>();

    LocalCopies(ObjectUses objects) {
        this.objects = objects;
    }

    /** A partition wants no copies of what ends at or below the offset. */
    void startAt(PartitionId id, PartitionState partition, long start) {
        Long before = starts.put(id, start);
        move(partition, before == null ? 0 : before, start);
    }

    /** A partition wants copies as long as there is room. */
    void wantAll(PartitionId id, PartitionState partition) {
        Long before = starts.remove(id);
        if (before != null) {
            move(partition, before, 0);
        }
    }

    /** A partition is gone, with all its segments. */
    void forget(PartitionId id) {
        starts.remove(id);
    }

    private void move(PartitionState partition, long from, long to) {
        int more = from < to ? 1 : -1;
        SegmentRows segments = partition.segments();
        for (int i = partition.segmentIndex(Math.min(from, to));
                i < segments.size() && segments.endOffset(i) <= Math.max(from, to);
                i++) {
            ObjectId object = segments.object(i);
            objects.used().get(object).unwanted(more);
            suspects.add(object);
        }
    }

    /** A segment is read from its object from now on. */
    void stored(ObjectId object, ObjectUses.Use use, SegmentInfo segment) {
        changed(object, use, segment, 1);
    }

    /** A segment is about to be read no longer. */
    void leaving(StoredSegment segment) {
        ObjectUses.Use use = objects.used().get(segment.object());
        if (use != null) {
            changed(segment.object(), use, segment.info(), -1);
        }
    }

    private void changed(ObjectId object, ObjectUses.Use use, SegmentInfo segment, int more) {
        if (starts.isEmpty()) {
            return;
        }
        if (segment.endOffset() <= starts.getOrDefault(segment.partition(), 0L)) {
            use.unwanted(more);
        }
        suspects.add(object);
    }

    /** Objects whose copies nobody wants since the last call. */
    List<ObjectId> takeUnwanted() {
        List<ObjectId> found = new ArrayList<>();
        for (ObjectId object : suspects) {
            ObjectUses.Use use = objects.used().get(object);
            if (use == null || use.isUnwanted()) {
                found.add(object);
            }
        }
        suspects.clear();
        return found;
    }
}
