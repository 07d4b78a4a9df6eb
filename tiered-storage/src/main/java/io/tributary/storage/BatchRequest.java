package io.tributary.storage;

import io.tributary.kernel.id.PartitionId;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Finished Kafka record batches for some partitions of one shard, each appended or refused on its
 * own.
 *
 * @param parts in the order they are to be sequenced in; together at most {@link
 *     Shard#MAX_REQUEST_BYTES}
 */
public record BatchRequest(List<Part> parts) {

    /**
     * One partition's batch.
     *
     * @param settings the topic's settings as the caller found them
     * @param batch one batch v2 as a client sent it, between position and limit; never changed, and
     *     must not change until the answer
     */
    public record Part(PartitionId partition, PartitionSettings settings, ByteBuffer batch) {}

    public long sizeBytes() {
        long size = 0;
        for (Part part : parts) {
            size += part.batch().remaining();
        }
        return size;
    }
}
