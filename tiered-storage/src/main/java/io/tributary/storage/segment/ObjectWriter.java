package io.tributary.storage.segment;

import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.object.ObjectId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Writes an object into a local file, segment after segment, and describes it in its end. The file
 * is not synced: until the store has the object, the log is the truth. Not thread-safe.
 */
public final class ObjectWriter implements AutoCloseable {
    static final int MAGIC = 0x5452424f;
    static final int VERSION = 3;

    /** A block is closed once it has this much; a batch is never cut. */
    private static final int BLOCK_BYTES = 32 << 10;

    private static final int BUFFER_BYTES = 1 << 20;

    private final ObjectId id;
    private final FileChannel file;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private final List<SegmentInfo> finished = new ArrayList<>();
    private long position;
    private Open open;

    /** A segment on its way. */
    private static final class Open {
        private final PartitionId partition;
        private final long position;
        private final List<SegmentIndex.Block> blocks = new ArrayList<>();
        private long startOffset;
        private long endOffset;
        private long lengthBytes;
        private long maxTimestamp = Long.MIN_VALUE;

        private long blockStartOffset;
        private long blockPosition;
        private long blockMaxTimestamp = Long.MIN_VALUE;
        private final CRC32C blockCrc = new CRC32C();

        private Open(PartitionId partition, long startOffset, long position) {
            this.partition = partition;
            this.startOffset = startOffset;
            this.position = position;
        }

        private void add(BatchHeader header, ByteBuffer batch) {
            if (lengthBytes == 0) {
                startOffset = Math.min(startOffset, header.baseOffset());
                blockStartOffset = startOffset;
            } else if (lengthBytes == blockPosition) {
                blockStartOffset = header.baseOffset();
            }
            blockCrc.update(batch);
            lengthBytes += header.sizeBytes();
            endOffset = header.lastOffset() + 1;
            maxTimestamp = Math.max(maxTimestamp, header.maxTimestamp());
            blockMaxTimestamp = Math.max(blockMaxTimestamp, header.maxTimestamp());
            if (lengthBytes - blockPosition >= BLOCK_BYTES) {
                closeBlock();
            }
        }

        private void closeBlock() {
            if (lengthBytes > blockPosition) {
                blocks.add(
                        new SegmentIndex.Block(
                                blockStartOffset,
                                endOffset,
                                blockPosition,
                                blockMaxTimestamp,
                                Math.toIntExact(lengthBytes - blockPosition),
                                (int) blockCrc.getValue()));
                blockPosition = lengthBytes;
                blockMaxTimestamp = Long.MIN_VALUE;
                blockCrc.reset();
            }
        }
    }

    /** Begins an object in a new file. */
    public ObjectWriter(Path path, ObjectId id) throws IOException {
        this.id = id;
        file =
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
        BinaryWriter header = new BinaryWriter(64);
        header.i32(MAGIC).u8(VERSION);
        id.write(header);
        header.i32(header.crc32c(0, header.size()));
        write(header.toBuffer());
    }

    /** Begins the next segment; the one before must have been ended. */
    public void beginSegment(PartitionId partition) {
        beginSegment(partition, Long.MAX_VALUE);
    }

    /** Begins the next segment, at this offset though its first batch may lie behind it. */
    public void beginSegment(PartitionId partition, long startOffset) {
        if (open != null) {
            throw new IllegalStateException("a segment is open");
        }
        open = new Open(partition, startOffset, position);
    }

    /** Adds the next batch of the open segment, which must continue the one before. */
    public void append(ByteBuffer batch) throws IOException {
        BatchHeader header = BatchHeader.parse(batch);
        if (header.sizeBytes() != batch.remaining()
                || (open.lengthBytes > 0 && header.baseOffset() < open.endOffset)) {
            throw new IllegalArgumentException("not the next batch of the segment: " + header);
        }
        open.add(header, batch.duplicate());
        write(batch.duplicate());
    }

    /**
     * Ends the open segment, which has at least one batch. Its index follows it at once, so that a
     * small segment and its index are read as one range.
     */
    public void endSegment() throws IOException {
        if (open.lengthBytes == 0) {
            throw new IllegalStateException("an empty segment");
        }
        open.closeBlock();
        SegmentInfo info =
                new SegmentInfo(
                        open.partition,
                        open.startOffset,
                        open.endOffset,
                        open.position,
                        open.lengthBytes,
                        position,
                        SegmentIndex.sizeBytes(open.blocks.size()),
                        open.maxTimestamp);
        write(SegmentIndex.write(id, info, open.blocks));
        finished.add(info);
        open = null;
    }

    /** Bytes written so far. */
    public long sizeBytes() {
        return position;
    }

    /** What was written. */
    public record Written(ObjectId id, long sizeBytes, List<SegmentInfo> segments) {}

    /** Writes table and end; the file is complete then, but not synced. */
    public Written finish() throws IOException {
        write(ObjectFooter.write(position, finished));
        flush();
        return new Written(id, position, List.copyOf(finished));
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private void write(ByteBuffer bytes) throws IOException {
        position += bytes.remaining();
        if (bytes.remaining() > buffer.remaining()) {
            flush();
        }
        if (bytes.remaining() > buffer.remaining()) {
            writeAll(bytes);
        } else {
            buffer.put(bytes);
        }
    }

    private void flush() throws IOException {
        buffer.flip();
        writeAll(buffer);
        buffer.clear();
    }

    private void writeAll(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }
}
