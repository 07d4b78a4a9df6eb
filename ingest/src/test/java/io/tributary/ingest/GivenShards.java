package io.tributary.ingest;

import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.Receipt;
import io.tributary.storage.ScrubReport;
import io.tributary.storage.Shard;
import io.tributary.storage.ShardUnavailableException;
import io.tributary.storage.Shards;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** These shards, and nothing that an operator does to them. */
public record GivenShards(Map<ShardId, Shard> there) implements Shards {
    @Override
    public Shard shard(ShardId id) throws ShardUnavailableException {
        Shard shard = there.get(id);
        if (shard == null) {
            throw new ShardUnavailableException("shard " + id + " is away");
        }
        return shard;
    }

    @Override
    public FlushReport flush() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long dropLocalCache() {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScrubReport scrub() {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScrubReport lastScrub() {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Receipt> receipts(Receipt.Query query) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void removeTopics(Collection<TopicId> topics, Receipt.Why why) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean ready() {
        throw new UnsupportedOperationException();
    }
}
