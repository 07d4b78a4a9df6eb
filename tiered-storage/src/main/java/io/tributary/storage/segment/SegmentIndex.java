package io.tributary.storage.segment;

import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.bytes.Crc32c;
import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.storage.object.ObjectId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A segment's sparse index: its blocks, each some whole batches, in order; docs/formats/object.md.
 */
public final class SegmentIndex {
    private static final int BLOCK_BYTES = 8 + 8 + 8 + 4 + 4;

    /** The count of blocks, and the checksum. */
    private static final int FIXED_BYTES = 4 + 4;

    /**
     * Whole batches that lie together.
     *
     * @param startOffset of the first batch
     * @param endOffset beyond the last batch at the latest; follows from the next block or the
     *     segment and is not part of the index
     * @param position of the first byte, relative to the segment
     * @param maxTimestamp the largest of this block's records
     * @param lengthBytes of the block
     * @param crc32c of the block's bytes
     */
    public record Block(
            long startOffset,
            long endOffset,
            long position,
            long maxTimestamp,
            int lengthBytes,
            int crc32c) {
        /** Whether the bytes are this block's: undamaged batches of its offsets, in their order. */
        public boolean holds(ByteBuffer bytes) {
            if (bytes.remaining() != lengthBytes || Crc32c.of(bytes) != crc32c) {
                return false;
            }
            long next = startOffset;
            ByteBuffer left = bytes.duplicate();
            try {
                while (left.hasRemaining()) {
                    BatchHeader batch = BatchHeader.parse(left);
                    if (batch.baseOffset() < next || batch.lastOffset() >= endOffset) {
                        return false;
                    }
                    next = batch.lastOffset() + 1;
                    left.position(left.position() + batch.sizeBytes());
                }
                return true;
            } catch (MalformedBytesException e) {
                return false;
            }
        }
    }

    private final List<Block> blocks;

    private SegmentIndex(List<Block> blocks) {
        this.blocks = blocks;
    }

    public List<Block> blocks() {
        return blocks;
    }

    /** How many bytes the index of so many blocks takes. */
    static int sizeBytes(int blocks) {
        return FIXED_BYTES + blocks * BLOCK_BYTES;
    }

    /** The index of a segment that lies in this object. */
    static ByteBuffer write(ObjectId object, SegmentInfo segment, List<Block> blocks) {
        BinaryWriter out = new BinaryWriter(sizeBytes(blocks.size()));
        out.i32(blocks.size());
        for (Block block : blocks) {
            out.i64(block.startOffset()).i64(block.position()).i64(block.maxTimestamp());
            out.i32(block.lengthBytes()).i32(block.crc32c());
        }
        return out.i32(crc(object, segment, out.toBuffer())).toBuffer();
    }

    /**
     * Reads the index of a segment that lies in this object. Its checksum covers both, so that no
     * other's passes for it.
     *
     * @throws MalformedBytesException it is damaged, or another's
     */
    public static SegmentIndex read(ByteBuffer bytes, ObjectId object, SegmentInfo segment) {
        ByteBuffer in = bytes.slice();
        int length = in.remaining();
        if (length < sizeBytes(1)
                || crc(object, segment, in.slice(0, length - 4)) != in.getInt(length - 4)) {
            throw new MalformedBytesException("the segment's index does not match its checksum");
        }
        int count = in.getInt();
        if (count != (length - FIXED_BYTES) / BLOCK_BYTES || length != sizeBytes(count)) {
            throw new MalformedBytesException("the segment's index has another length");
        }
        List<Block> blocks = new ArrayList<>(count);
        long position = 0;
        while (blocks.size() < count) {
            long start = in.getLong();
            long at = in.getLong();
            long maxTimestamp = in.getLong();
            int lengthBytes = in.getInt();
            int crc = in.getInt();
            long end = blocks.size() + 1 < count ? in.getLong(in.position()) : segment.endOffset();
            if (at != position || lengthBytes <= 0) {
                throw new MalformedBytesException("the segment's index has a gap");
            }
            position += lengthBytes;
            blocks.add(new Block(start, end, at, maxTimestamp, lengthBytes, crc));
        }
        if (position != segment.lengthBytes()
                || blocks.getFirst().startOffset() != segment.startOffset()) {
            throw new MalformedBytesException("the segment's index is not the whole segment's");
        }
        return new SegmentIndex(blocks);
    }

    private static int crc(ObjectId object, SegmentInfo segment, ByteBuffer index) {
        BinaryWriter identity = new BinaryWriter(ObjectId.BYTES + SegmentInfo.MIN_BYTES);
        object.write(identity);
        segment.write(identity);
        CRC32C crc = new CRC32C();
        crc.update(identity.toBuffer());
        crc.update(index.duplicate());
        return (int) crc.getValue();
    }

    /** The block that holds the offset: the last that begins at or below it. */
    public int blockAt(long offset) {
        int low = 0;
        int high = blocks.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (blocks.get(middle).startOffset() <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
