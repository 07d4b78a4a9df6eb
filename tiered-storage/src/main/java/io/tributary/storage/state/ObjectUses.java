package io.tributary.storage.state;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.SegmentInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The objects of a shard: which are in use and how much of them, and which are garbage until they
 * are deleted from the store. Guarded by the lock of its {@link ShardState}.
 */
final class ObjectUses {
    static final int MIN_BYTES = ObjectId.BYTES + 8 + 8 + 1 + 4;
    private static final int TOPIC_BYTES = 16;

    /** How much of an object is in use. */
    static final class Use {
        private final long objectBytes;
        private final long storedBytes;
        private long liveBytes;
        private int live;
        private Optional<Span> span = Optional.empty();

        /** Whether it holds records of a removed topic, which must not stay. */
        private boolean mustRewrite;

        /** Topics with segments in it that nobody reads any more. */
        private final Set<TopicId> deadTopics = new TreeSet<>();

        Use(long objectBytes, long storedBytes) {
            this.objectBytes = objectBytes;
            this.storedBytes = storedBytes;
        }

        long objectBytes() {
            return objectBytes;
        }

        long storedBytes() {
            return storedBytes;
        }

        long liveBytes() {
            return liveBytes;
        }

        int live() {
            return live;
        }

        /** The partitions with segments in it that are read, or were; empty without any. */
        Optional<Span> span() {
            return span;
        }

        private boolean shouldGiveWay() {
            return mustRewrite || liveBytes < storedBytes * REWRITE_BELOW;
        }

        void add(SegmentInfo segment) {
            live++;
            liveBytes += segment.lengthBytes();
            PartitionId id = segment.partition();
            span = Optional.of(span.map(s -> s.with(id)).orElse(new Span(id, id)));
        }

        /** A segment in it is of no use, or no more. */
        void dead(TopicId topic, boolean removed) {
            mustRewrite |= removed;
            if (!removed) {
                deadTopics.add(topic);
            }
        }

        private void release(SegmentInfo segment, boolean removed) {
            live--;
            liveBytes -= segment.lengthBytes();
            dead(segment.partition().topic(), removed);
        }
    }

    /** From one partition to another, both inclusive. */
    record Span(PartitionId first, PartitionId last) {
        private Span with(PartitionId id) {
            return new Span(
                    id.compareTo(first) < 0 ? id : first, id.compareTo(last) > 0 ? id : last);
        }
    }

    /** An object gives way to a smaller one when less than this part of it is still read. */
    private static final double REWRITE_BELOW = 0.5;

    private final Map<ObjectId, Use> used = new HashMap<>();

    /** What was read of each object in use when it came; some of it may not be any more. */
    private final Map<ObjectId, List<StoredSegment>> segments = new HashMap<>();

    /** Objects in use that should give way. */
    private final Set<ObjectId> rewritable = new LinkedHashSet<>();

    private final Set<ObjectId> garbage = new HashSet<>();

    Map<ObjectId, Use> used() {
        return used;
    }

    Set<ObjectId> garbage() {
        return garbage;
    }

    /** The segments of an object in use, those that are no longer read among them. */
    List<StoredSegment> segments(ObjectId object) {
        return segments.getOrDefault(object, List.of());
    }

    Set<ObjectId> rewritable() {
        return rewritable;
    }

    /** A segment is read from its object from now on. */
    void hold(StoredSegment segment) {
        segments.computeIfAbsent(segment.object(), id -> new ArrayList<>(1)).add(segment);
    }

    void add(ObjectId object, Use use) {
        if (use.live() == 0) {
            garbage.add(object);
        } else {
            put(object, use);
        }
    }

    private void put(ObjectId object, Use use) {
        used.put(object, use);
        if (use.shouldGiveWay()) {
            rewritable.add(object);
        }
    }

    /**
     * One segment of the object is no longer read; without any the object is garbage.
     *
     * @return whether it became garbage
     */
    boolean release(StoredSegment segment, boolean removed) {
        ObjectId object = segment.object();
        Use use = used.get(object);
        if (use == null) {
            return false;
        }
        use.release(segment.info(), removed);
        if (use.live() > 0) {
            put(object, use);
            return false;
        }
        used.remove(object);
        segments.remove(object);
        rewritable.remove(object);
        garbage.add(object);
        return true;
    }

    /** Nothing of the topic may stay, whether it was read until now or not. */
    void removed(TopicId topic) {
        used.forEach(
                (object, use) -> {
                    if (use.deadTopics.contains(topic)) {
                        use.mustRewrite = true;
                        rewritable.add(object);
                    }
                });
    }

    /** The object is not in the store, though its segments were read. */
    void lost(ObjectId object) {
        used.remove(object);
        segments.remove(object);
        rewritable.remove(object);
        garbage.remove(object);
    }

    void deleted(ObjectId object) {
        garbage.remove(object);
    }

    void write(BinaryWriter out) {
        out.i32(used.size());
        used.forEach(
                (id, use) -> {
                    id.write(out);
                    out.i64(use.objectBytes()).i64(use.storedBytes());
                    out.u8(use.mustRewrite ? 1 : 0).i32(use.deadTopics.size());
                    use.deadTopics.forEach(topic -> out.uuid(topic.value()));
                });
        out.i32(garbage.size());
        garbage.forEach(id -> id.write(out));
    }

    /** Reads objects without their live segments, which {@link #retain} counts again. */
    void read(BinaryReader in) {
        int count = in.count(MIN_BYTES);
        for (int i = 0; i < count; i++) {
            ObjectId object = ObjectId.read(in);
            Use use = new Use(in.i64(), in.i64());
            use.mustRewrite = in.u8() == 1;
            int topics = in.count(TOPIC_BYTES);
            for (int n = 0; n < topics; n++) {
                use.deadTopics.add(new TopicId(in.uuid()));
            }
            used.put(object, use);
        }
        int dead = in.count(ObjectId.BYTES);
        for (int i = 0; i < dead; i++) {
            garbage.add(ObjectId.read(in));
        }
    }

    /** Counts a live segment of an object read from a snapshot. */
    StoredSegment retain(ObjectId object, SegmentInfo info) {
        Use use = used.get(object);
        if (use == null) {
            throw new MalformedBytesException(
                    "segment of " + object + ", which the snapshot does not list");
        }
        use.add(info);
        StoredSegment segment = new StoredSegment(object, use.objectBytes(), info);
        hold(segment);
        return segment;
    }

    /** Every segment of a snapshot was counted: finds what should give way. */
    void retained() {
        used.forEach(
                (object, use) -> {
                    if (use.shouldGiveWay()) {
                        rewritable.add(object);
                    }
                });
    }
}
