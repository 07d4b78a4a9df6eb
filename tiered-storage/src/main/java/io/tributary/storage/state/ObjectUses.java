package io.tributary.storage.state;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.SegmentInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
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

        /** How many of its live segments no partition wants a local copy of. */
        private int unwanted;

        /** Topics with segments in it that nobody reads any more. */
        private Set<TopicId> deadTopics = Set.of();

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

        boolean holdsUnread() {
            return liveBytes < storedBytes;
        }

        private boolean shouldGiveWay() {
            return mustRewrite || liveBytes < storedBytes * REWRITE_BELOW;
        }

        void add(PartitionId id, long lengthBytes) {
            live++;
            liveBytes += lengthBytes;
            span = Optional.of(span.map(s -> s.with(id)).orElse(new Span(id, id)));
        }

        /** More of its live segments are of no use on the local disk; or fewer. */
        void unwanted(int more) {
            unwanted += more;
        }

        /** Whether no partition wants a local copy of it. */
        boolean isUnwanted() {
            return unwanted == live;
        }

        /** A segment in it is of no use, or no more. */
        void dead(TopicId topic, boolean removed) {
            mustRewrite |= removed;
            if (!removed) {
                deadTopic(topic);
            }
        }

        private void deadTopic(TopicId topic) {
            if (deadTopics.isEmpty()) {
                deadTopics = new TreeSet<>();
            }
            deadTopics.add(topic);
        }

        private void release(SegmentInfo segment, boolean removed) {
            live--;
            liveBytes -= segment.lengthBytes();
            dead(segment.partition().topic(), removed);
        }
    }

    /** From one partition to another, both inclusive. */
    record Span(PartitionId first, PartitionId last) {
        Span with(PartitionId id) {
            if (id.compareTo(first) >= 0 && id.compareTo(last) <= 0) {
                return this;
            }
            return new Span(
                    id.compareTo(first) < 0 ? id : first, id.compareTo(last) > 0 ? id : last);
        }
    }

    /** An object gives way to a smaller one when less than this part of it is still read. */
    private static final double REWRITE_BELOW = 0.5;

    private final Map<ObjectId, Use> used = new HashMap<>();

    /** Objects in use that should give way. */
    private final Set<ObjectId> rewritable = new LinkedHashSet<>();

    private final Set<ObjectId> garbage = new HashSet<>();

    private long usedBytes;

    Map<ObjectId, Use> used() {
        return used;
    }

    Set<ObjectId> garbage() {
        return garbage;
    }

    /** Bytes of all objects in use. */
    long usedBytes() {
        return usedBytes;
    }

    /** The size of an object in use. */
    long sizeBytes(ObjectId object) {
        return used.get(object).objectBytes();
    }

    Set<ObjectId> rewritable() {
        return rewritable;
    }

    void add(ObjectId object, Use use) {
        if (use.live() == 0) {
            garbage.add(object);
        } else {
            used.put(object, use);
            usedBytes += use.objectBytes();
            check(object, use);
        }
    }

    private void check(ObjectId object, Use use) {
        if (use.shouldGiveWay()) {
            rewritable.add(object);
        }
    }

    private void forget(ObjectId object) {
        Use use = used.remove(object);
        if (use != null) {
            usedBytes -= use.objectBytes();
        }
        rewritable.remove(object);
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
            check(object, use);
            return false;
        }
        forget(object);
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
        forget(object);
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
                use.deadTopic(new TopicId(in.uuid()));
            }
            used.put(object, use);
            usedBytes += use.objectBytes();
        }
        int dead = in.count(ObjectId.BYTES);
        for (int i = 0; i < dead; i++) {
            garbage.add(ObjectId.read(in));
        }
    }

    /** Counts a live segment of an object read from a snapshot. */
    void retain(ObjectId object, PartitionId partition, long lengthBytes) {
        Use use = used.get(object);
        if (use == null) {
            throw new MalformedBytesException(
                    "segment of " + object + ", which the snapshot does not list");
        }
        use.add(partition, lengthBytes);
    }

    /** Every segment of a snapshot was counted: finds what should give way. */
    void retained() {
        used.forEach(this::check);
    }
}
