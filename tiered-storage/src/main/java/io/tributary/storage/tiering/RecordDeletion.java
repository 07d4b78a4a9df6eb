package io.tributary.storage.tiering;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.DeleteOutcome;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.Receipt.Why;
import io.tributary.storage.Shard.Offsets;
import io.tributary.storage.log.Command;
import io.tributary.storage.state.Reads;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Removes records because somebody wants it, by the rules of Kafka's DeleteRecords. Thread-safe;
 * blocks.
 */
final class RecordDeletion {
    private final ShardContext shard;
    private final Uploads uploads;
    private final Reads reads;

    RecordDeletion(ShardContext shard, Uploads uploads) {
        this.shard = shard;
        this.uploads = uploads;
        reads = new Reads(shard.own().state());
    }

    /** See {@link io.tributary.storage.Shard#deleteRecords}. */
    DeleteOutcome run(PartitionId partition, OptionalLong beforeOffset) throws IOException {
        Optional<PartitionSettings> settings = shard.node().topics().of(partition.topic());
        if (settings.isEmpty() || shard.own().state().removed(partition.topic())) {
            return new DeleteOutcome.PartitionGone();
        }
        if (!settings.get().deleteExpired()) {
            return new DeleteOutcome.AgainstPolicy();
        }
        Offsets offsets = reads.offsets(partition);
        long before = beforeOffset.orElse(offsets.highWatermark());
        if (before < 0 || before > offsets.highWatermark()) {
            return new DeleteOutcome.OutOfRange(offsets);
        }
        // Without a move of its own it still waits for one that is on its way.
        uploads.log(
                before > offsets.logStart()
                        ? List.of(new Command.LogStartMoved(partition, before, Why.RECORDS_DELETED))
                        : List.of());
        return new DeleteOutcome.Deleted(Math.max(before, offsets.logStart()));
    }
}
