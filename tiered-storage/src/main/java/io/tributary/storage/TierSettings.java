package io.tributary.storage;

import java.time.Duration;

/**
 * How a shard's objects are made.
 *
 * @param zstdLevel for batches that come to the object store, 1 to 22; 0 leaves them as they came
 * @param mergeObjects so many objects of one level become those of the next; 0 merges nothing
 * @param mergeAge fewer are merged when the oldest is older than this, on the lowest level; on
 *     every level above {@code mergeObjects} times as long
 */
public record TierSettings(int zstdLevel, int mergeObjects, Duration mergeAge) {
    /** Objects of this level are not merged. */
    public static final int MAX_LEVEL = 5;
}
