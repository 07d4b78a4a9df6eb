package io.tributary.bench.storage;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.Shard;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads a partition in order, as a consumer does. */
final class Consumer {
    private static final int FETCH_BYTES = 1 << 20;
    private static final int LAST_OFFSET_DELTA_AT = 23;

    private Consumer() {}

    /** Reads from an offset to the high watermark; returns the bytes of all batches. */
    static long readAll(Shard shard, PartitionId partition, long from) throws IOException {
        long next = from;
        long bytes = 0;
        while (next < shard.offsets(partition).highWatermark()) {
            for (ByteBuffer batch : shard.fetch(partition, next, FETCH_BYTES).batches()) {
                bytes += batch.remaining();
                next =
                        batch.getLong(batch.position())
                                + batch.getInt(batch.position() + LAST_OFFSET_DELTA_AT)
                                + 1;
            }
        }
        return bytes;
    }
}
