package io.tributary.kernel.id;

/** A log shared by many partitions; {@code index} counts from 0 within the cluster. */
public record ShardId(int index) implements Comparable<ShardId> {
    public ShardId {
        if (index < 0) {
            throw new IllegalArgumentException("shard index below 0: " + index);
        }
    }

    @Override
    public int compareTo(ShardId other) {
        return Integer.compare(index, other.index);
    }

    @Override
    public String toString() {
        return Integer.toString(index);
    }
}
