package io.tributary.ingest.consumer;

import io.tributary.kernel.id.PartitionId;
import java.util.List;
import java.util.Map;

/**
 * All that outlives the node about an instance.
 *
 * @param memberId its name in the group, from its creation on
 * @param topics what it told the group to want
 * @param positions where it goes on: behind what it handed out and was asked again after
 */
public record InstanceRecord(
        InstanceConfig config,
        String memberId,
        Subscription subscription,
        List<String> topics,
        Map<PartitionId, Held> positions) {
    /** Topics an instance may want. */
    static final int MOST_TOPICS = 10_000;

    /** Partitions an instance may have. */
    static final int MOST_PARTITIONS = 100_000;

    public InstanceRecord {
        topics = List.copyOf(topics);
        positions = Map.copyOf(positions);
    }

    /**
     * A position.
     *
     * @param offset of the next record
     * @param committed what the group had committed then, -1 for nothing: where that has changed,
     *     the commit is younger than the position
     */
    public record Held(long offset, long committed) {}
}
