package io.tributary.storage.recompression;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.segment.ObjectWriter;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes segments into an object, their batches as small as they can be. Every batch's records come
 * out as they went in; how they are compressed and how many batches they are may change. Not
 * thread-safe.
 */
public final class SegmentEncoder implements AutoCloseable {
    /** The level that leaves every batch as it came. */
    public static final int AS_THEY_CAME = 0;

    private final ObjectWriter writer;
    private final BatchJoiner joiner;
    private final boolean asTheyCame;
    private long bytesIn;
    private long bytesOut;

    /**
     * Begins with an object's writer, which stays the caller's.
     *
     * @param zstdLevel 1 to 22, or {@link #AS_THEY_CAME}
     */
    public SegmentEncoder(ObjectWriter writer, int zstdLevel) {
        this.writer = writer;
        asTheyCame = zstdLevel == AS_THEY_CAME;
        joiner = new BatchJoiner(Math.max(1, zstdLevel), this::write);
    }

    /**
     * Begins the next segment, at this offset though its first batch may lie behind it; the one
     * before must have been ended.
     */
    public void beginSegment(PartitionId partition, long startOffset) {
        writer.beginSegment(partition, startOffset);
    }

    /** Adds the next batch of the open segment, which must continue the one before. */
    public void append(ByteBuffer batch) throws IOException {
        bytesIn += batch.remaining();
        if (asTheyCame) {
            write(batch);
        } else {
            joiner.add(batch);
        }
    }

    /** Ends the open segment, which has at least one batch. */
    public void endSegment() throws IOException {
        joiner.end();
        writer.endSegment();
    }

    /** Bytes of batches taken so far. */
    public long bytesIn() {
        return bytesIn;
    }

    /** Bytes of batches written so far. */
    public long bytesOut() {
        return bytesOut;
    }

    private void write(ByteBuffer batch) throws IOException {
        bytesOut += batch.remaining();
        writer.append(batch);
    }

    @Override
    public void close() {
        joiner.close();
    }
}
