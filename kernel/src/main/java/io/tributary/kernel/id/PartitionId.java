package io.tributary.kernel.id;

import java.util.Comparator;

/** One partition of a topic; {@code index} counts from 0. */
public record PartitionId(TopicId topic, int index) implements Comparable<PartitionId> {
    private static final Comparator<PartitionId> ORDER =
            Comparator.comparing(PartitionId::topic).thenComparingInt(PartitionId::index);

    public PartitionId {
        if (index < 0) {
            throw new IllegalArgumentException("partition index below 0: " + index);
        }
    }

    @Override
    public int compareTo(PartitionId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return topic + "/" + index;
    }
}
