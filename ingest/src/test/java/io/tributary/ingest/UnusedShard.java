package io.tributary.ingest;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.BatchOutcome;
import io.tributary.storage.BatchRequest;
import io.tributary.storage.DeleteOutcome;
import io.tributary.storage.Shard;
import io.tributary.storage.ShardUnavailableException;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Consumer;

/** A shard of which a test needs little: whatever else is asked of it fails. */
public abstract class UnusedShard implements Shard {
    @Override
    public void append(AppendRequest request, Consumer<AppendOutcome> answer) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void append(BatchRequest request, Consumer<List<BatchOutcome>> answer) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Fetched fetch(PartitionId partition, long offset, int maxBytes) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public int epoch() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean remembers(UUID retryKey) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Offsets offsets(PartitionId partition) {
        throw new UnsupportedOperationException();
    }

    @Override
    public OptionalLong offsetAtTime(PartitionId partition, long timestampMillis) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Watch watch(PartitionId partition, long offset, Runnable callback) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long bytesFrom(PartitionId partition, long offset, long enough) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<KnownProducer> producers(PartitionId partition) {
        throw new UnsupportedOperationException();
    }

    @Override
    public DeleteOutcome deleteRecords(PartitionId partition, OptionalLong beforeOffset) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Tiers tiers(PartitionId partition) throws ShardUnavailableException {
        throw new UnsupportedOperationException();
    }
}
