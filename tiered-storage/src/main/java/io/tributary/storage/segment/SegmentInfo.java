package io.tributary.storage.segment;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;

/**
 * A segment's place in its object, and what a reader must know to choose it.
 *
 * @param startOffset inclusive
 * @param endOffset exclusive
 * @param position of the first batch within the object
 * @param lengthBytes of all batches
 * @param indexPosition of the sparse index within the object
 * @param indexLengthBytes of the index
 * @param maxTimestamp largest of its records, milliseconds
 */
public record SegmentInfo(
        PartitionId partition,
        long startOffset,
        long endOffset,
        long position,
        long lengthBytes,
        long indexPosition,
        int indexLengthBytes,
        long maxTimestamp) {
    /** What a segment takes in a table. */
    public static final int MIN_BYTES = 16 + 4 + 8 * 5 + 4 + 8;

    public void write(BinaryWriter out) {
        out.uuid(partition.topic().value()).i32(partition.index());
        out.i64(startOffset).i64(endOffset).i64(position).i64(lengthBytes);
        out.i64(indexPosition).i32(indexLengthBytes).i64(maxTimestamp);
    }

    public static SegmentInfo read(BinaryReader in) {
        return new SegmentInfo(
                new PartitionId(new TopicId(in.uuid()), in.i32()),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i32(),
                in.i64());
    }
}
