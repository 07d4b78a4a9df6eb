package io.tributary.storage.state;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.id.ShardId;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.SegmentInfo;
import java.nio.ByteBuffer;
import java.util.AbstractList;
import java.util.RandomAccess;
import java.util.Set;
import java.util.UUID;

/**
 * A partition's segments in the order of their offsets, kept as the rows a snapshot has for them: a
 * {@link StoredSegment} is made when somebody asks for it. Immutable; to be used under the lock of
 * its {@link ShardState}, which has the sizes of objects.
 */
final class SegmentRows extends AbstractList<StoredSegment> implements RandomAccess {
    static final int ROW_BYTES = ObjectId.BYTES + SegmentInfo.MIN_BYTES;
    private static final int EPOCH_AT = 4;
    private static final int UNIQUE_AT = 12;
    private static final int START_AT = ObjectId.BYTES + 20;
    private static final int END_AT = START_AT + 8;
    private static final int LENGTH_AT = START_AT + 24;
    private static final int TIMESTAMP_AT = ROW_BYTES - 8;
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final ByteBuffer rows;
    private final ObjectUses objects;

    /** Shares the rows' memory, from position 0 to the limit. */
    SegmentRows(ByteBuffer rows, ObjectUses objects) {
        this.rows = rows;
        this.objects = objects;
    }

    static SegmentRows none(ObjectUses objects) {
        return new SegmentRows(NONE, objects);
    }

    @Override
    public int size() {
        return rows.limit() / ROW_BYTES;
    }

    @Override
    public StoredSegment get(int at) {
        BinaryReader row = new BinaryReader(rows.slice(at * ROW_BYTES, ROW_BYTES));
        ObjectId object = ObjectId.read(row);
        return new StoredSegment(object, objects.sizeBytes(object), SegmentInfo.read(row));
    }

    ObjectId object(int at) {
        int row = at * ROW_BYTES;
        return new ObjectId(
                new ShardId(rows.getInt(row)),
                rows.getLong(row + EPOCH_AT),
                new UUID(rows.getLong(row + UNIQUE_AT), rows.getLong(row + UNIQUE_AT + 8)));
    }

    long startOffset(int at) {
        return rows.getLong(at * ROW_BYTES + START_AT);
    }

    long endOffset(int at) {
        return rows.getLong(at * ROW_BYTES + END_AT);
    }

    long lengthBytes(int at) {
        return rows.getLong(at * ROW_BYTES + LENGTH_AT);
    }

    long maxTimestamp(int at) {
        return rows.getLong(at * ROW_BYTES + TIMESTAMP_AT);
    }

    boolean anyIn(Set<ObjectId> some) {
        for (int i = 0; i < size(); i++) {
            if (some.contains(object(i))) {
                return true;
            }
        }
        return false;
    }

    /** The same rows in memory of their own. */
    SegmentRows copy() {
        BinaryWriter out = new BinaryWriter(rows.limit());
        write(out);
        return new SegmentRows(out.toBuffer(), objects);
    }

    /** With the segment in the place of those from one to another, exclusive. */
    SegmentRows with(StoredSegment segment, int from, int to) {
        BinaryWriter out = new BinaryWriter(rows.limit() + ROW_BYTES);
        out.raw(rows.slice(0, from * ROW_BYTES));
        segment.object().write(out);
        segment.info().write(out);
        out.raw(rows.slice(to * ROW_BYTES, rows.limit() - to * ROW_BYTES));
        return new SegmentRows(out.toBuffer(), objects);
    }

    SegmentRows withoutFirst(int count) {
        return count == 0
                ? this
                : new SegmentRows(
                                rows.slice(count * ROW_BYTES, rows.limit() - count * ROW_BYTES),
                                objects)
                        .copy();
    }

    SegmentRows without(Set<ObjectId> some) {
        BinaryWriter out = new BinaryWriter(rows.limit());
        for (int i = 0; i < size(); i++) {
            if (!some.contains(object(i))) {
                out.raw(rows.slice(i * ROW_BYTES, ROW_BYTES));
            }
        }
        return new SegmentRows(out.toBuffer(), objects);
    }

    void write(BinaryWriter out) {
        out.raw(rows);
    }
}
