package io.tributary.storage.batch;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.segment.ProducerStamp;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A client's batch without a flaw.
 *
 * @param header its own copy; offset and leader epoch are still to be set
 * @param records shared with the client's batch, encoded as they came
 * @param logAppendTimeMillis present where that dates the records
 */
public record CheckedBatch(
        PartitionId partition,
        ByteBuffer header,
        ByteBuffer records,
        int count,
        Optional<ProducerStamp> producer,
        OptionalLong logAppendTimeMillis)
        implements Checked {
    public int sizeBytes() {
        return header.remaining() + records.remaining();
    }
}
