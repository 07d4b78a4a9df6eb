package io.tributary.storage.tiering;

import java.util.concurrent.atomic.LongAdder;

/**
 * What an open shard's objects cost in bytes written, since it was opened. Thread-safe.
 *
 * <p>Uploaded over flushed is the write amplification: how often a byte is written until it stays.
 */
public final class TieringCounts {
    private final LongAdder flushedBytes = new LongAdder();
    private final LongAdder mergedBytes = new LongAdder();
    private final LongAdder rewrittenBytes = new LongAdder();
    private final LongAdder compactionReadBytes = new LongAdder();
    private final LongAdder compactedBytes = new LongAdder();
    private final LongAdder compactedPartitions = new LongAdder();
    private final LongAdder supersededRecords = new LongAdder();
    private final LongAdder mergedObjects = new LongAdder();
    private final LongAdder batchBytesBefore = new LongAdder();
    private final LongAdder batchBytesAfter = new LongAdder();

    void flushed(long objectBytes) {
        flushedBytes.add(objectBytes);
    }

    void merged(long objectBytes) {
        mergedBytes.add(objectBytes);
        mergedObjects.increment();
    }

    void rewritten(long objectBytes) {
        rewrittenBytes.add(objectBytes);
    }

    void compactionRead(long batchBytes) {
        compactionReadBytes.add(batchBytes);
    }

    void compacted(long objectBytes) {
        compactedBytes.add(objectBytes);
    }

    void compacted(int partitions) {
        compactedPartitions.add(partitions);
    }

    void superseded(long records) {
        supersededRecords.add(records);
    }

    void encoded(long before, long after) {
        batchBytesBefore.add(before);
        batchBytesAfter.add(after);
    }

    /** Bytes of objects made of what was in the log. */
    public long flushedBytes() {
        return flushedBytes.sum();
    }

    /** Bytes of objects that took the place of several smaller ones. */
    public long mergedBytes() {
        return mergedBytes.sum();
    }

    /** Bytes of objects that took the place of one with much that nobody reads. */
    public long rewrittenBytes() {
        return rewrittenBytes.sum();
    }

    /** How many objects merging made. */
    public long mergedObjects() {
        return mergedObjects.sum();
    }

    /** Bytes of batches that compaction read, to know their keys and to copy them. */
    public long compactionReadBytes() {
        return compactionReadBytes.sum();
    }

    /** Bytes of objects that compaction made. */
    public long compactedBytes() {
        return compactedBytes.sum();
    }

    /** How often a partition was compacted to as far as it could be. */
    public long compactedPartitions() {
        return compactedPartitions.sum();
    }

    /** Records that newer ones superseded, and tombstones that were over, on their way out. */
    public long supersededRecords() {
        return supersededRecords.sum();
    }

    /** Bytes of batches before they were recompressed and joined, whenever an object was made. */
    public long batchBytesBefore() {
        return batchBytesBefore.sum();
    }

    /** Bytes of the same batches as they were written. */
    public long batchBytesAfter() {
        return batchBytesAfter.sum();
    }

    /** How often a flushed byte was written, flush included; 1 before the first. */
    public double writeAmplification() {
        long flushed = flushedBytes();
        return flushed == 0
                ? 1
                : 1 + (double) (mergedBytes() + rewrittenBytes() + compactedBytes()) / flushed;
    }
}
