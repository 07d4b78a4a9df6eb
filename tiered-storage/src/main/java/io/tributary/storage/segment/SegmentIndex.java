package io.tributary.storage.segment;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.bytes.Crc32c;
import io.tributary.kernel.bytes.MalformedBytesException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A segment's sparse index: its blocks, each some whole batches, in order; docs/formats/object.md.
 */
public final class SegmentIndex {
    private static final int BLOCK_BYTES = 8 + 8 + 8 + 4 + 4;

    /**
     * Whole batches that lie together.
     *
     * @param startOffset of the first batch
     * @param position of the first byte, relative to the segment
     * @param maxTimestamp the largest of this block's records
     * @param lengthBytes of the block
     * @param crc32c of the block's bytes
     */
    public record Block(
            long startOffset, long position, long maxTimestamp, int lengthBytes, int crc32c) {}

    private final List<Block> blocks;

    private SegmentIndex(List<Block> blocks) {
        this.blocks = blocks;
    }

    public List<Block> blocks() {
        return blocks;
    }

    static void write(BinaryWriter out, List<Block> blocks) {
        int from = out.size();
        out.i32(blocks.size());
        for (Block block : blocks) {
            out.i64(block.startOffset()).i64(block.position()).i64(block.maxTimestamp());
            out.i32(block.lengthBytes()).i32(block.crc32c());
        }
        out.i32(out.crc32c(from, out.size()));
    }

    /**
     * Reads an index.
     *
     * @throws MalformedBytesException it is damaged
     */
    public static SegmentIndex read(ByteBuffer bytes) {
        int length = bytes.remaining();
        if (length < 8
                || Crc32c.of(bytes.slice(bytes.position(), length - 4))
                        != bytes.getInt(bytes.position() + length - 4)) {
            throw new MalformedBytesException("the segment's index does not match its checksum");
        }
        BinaryReader in = new BinaryReader(bytes.slice(bytes.position(), length - 4));
        int count = in.count(BLOCK_BYTES);
        if (count == 0) {
            throw new MalformedBytesException("the segment's index is empty");
        }
        List<Block> blocks = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            blocks.add(new Block(in.i64(), in.i64(), in.i64(), in.i32(), in.i32()));
        }
        return new SegmentIndex(blocks);
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
