package io.tributary.storage.state;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.SegmentInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
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

        boolean mustRewrite() {
            return mustRewrite;
        }

        void add(SegmentInfo segment) {
            live++;
            liveBytes += segment.lengthBytes();
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

    private final Map<ObjectId, Use> used = new HashMap<>();
    private final Set<ObjectId> garbage = new HashSet<>();

    Map<ObjectId, Use> used() {
        return used;
    }

    Set<ObjectId> garbage() {
        return garbage;
    }

    void add(ObjectId object, Use use) {
        if (use.live() == 0) {
            garbage.add(object);
        } else {
            used.put(object, use);
        }
    }

    /** One segment of the object is no longer read; without any the object is garbage. */
    void release(StoredSegment segment, boolean removed) {
        Use use = used.get(segment.object());
        if (use != null) {
            use.release(segment.info(), removed);
            if (use.live() == 0) {
                used.remove(segment.object());
                garbage.add(segment.object());
            }
        }
    }

    /** Nothing of the topic may stay, whether it was read until now or not. */
    void removed(TopicId topic) {
        for (Use use : used.values()) {
            use.mustRewrite |= use.deadTopics.contains(topic);
        }
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
                    out.u8(use.mustRewrite() ? 1 : 0).i32(use.deadTopics.size());
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
        return new StoredSegment(object, use.objectBytes(), info);
    }
}
