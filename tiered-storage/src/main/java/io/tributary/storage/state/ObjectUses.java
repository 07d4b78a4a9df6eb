package io.tributary.storage.state;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.SegmentInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The objects of a shard: which are in use and how much of them, and which are garbage until they
 * are deleted from the store. Guarded by the lock of its {@link ShardState}.
 */
final class ObjectUses {
    static final int MIN_BYTES = ObjectId.BYTES + 8 + 8 + 1;

    /**
     * How much of an object is in use.
     *
     * @param mustRewrite holds records of a removed topic, which must not stay
     */
    record Use(long objectBytes, long storedBytes, long liveBytes, int live, boolean mustRewrite) {
        Use without(long bytes, boolean removed) {
            return new Use(
                    objectBytes, storedBytes, liveBytes - bytes, live - 1, mustRewrite || removed);
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
        used.computeIfPresent(
                segment.object(),
                (id, use) -> {
                    Use left = use.without(segment.info().lengthBytes(), removed);
                    if (left.live() > 0) {
                        return left;
                    }
                    garbage.add(id);
                    return null;
                });
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
                    out.u8(use.mustRewrite() ? 1 : 0);
                });
        out.i32(garbage.size());
        garbage.forEach(id -> id.write(out));
    }

    /** Reads objects without their live segments, which {@link #retain} counts again. */
    void read(BinaryReader in) {
        int count = in.count(MIN_BYTES);
        for (int i = 0; i < count; i++) {
            used.put(ObjectId.read(in), new Use(in.i64(), in.i64(), 0, 0, in.u8() == 1));
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
        used.put(
                object,
                new Use(
                        use.objectBytes(),
                        use.storedBytes(),
                        use.liveBytes() + info.lengthBytes(),
                        use.live() + 1,
                        use.mustRewrite()));
        return new StoredSegment(object, use.objectBytes(), info);
    }
}
