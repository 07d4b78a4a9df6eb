package io.tributary.storage.cache;

/**
 * What a node's caches of the object tier may take.
 *
 * @param chunkBytes memory for pieces that were read
 * @param indexBytes memory for indexes of segments
 * @param readAheadBytes memory for pieces on their way, and fetched ahead of their readers
 * @param diskBytes local disk, for copies of objects and for pieces
 * @param diskFillBytesPerSecond what writing pieces there may take of the disk, which the ledgers
 *     write to, too; beyond it pieces are not kept
 */
public record CacheSettings(
        long chunkBytes,
        long indexBytes,
        long readAheadBytes,
        long diskBytes,
        long diskFillBytesPerSecond) {
    /** The least that leaves room for one large request. */
    public static final long MIN_READ_AHEAD_BYTES = 16 << 20;

    public CacheSettings {
        if (readAheadBytes < MIN_READ_AHEAD_BYTES) {
            throw new IllegalArgumentException(
                    "reading ahead takes at least " + MIN_READ_AHEAD_BYTES + " bytes");
        }
    }
}
