package io.tributary.storage;

import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import java.io.IOException;
import java.util.Collection;
import java.util.List;

/** The shards this node serves, and what an operator does to all of them. Thread-safe. */
public interface Shards {
    Shard shard(ShardId id) throws ShardUnavailableException;

    /**
     * Moves everything appended so far into the object store and trims the logs; blocks until done.
     *
     * @throws io.tributary.storage.object.ObjectStoreException the store has been away for some
     *     seconds; says which shards' bytes wait for it, which go on being moved in the background
     */
    FlushReport flush() throws IOException;

    /**
     * Forgets every cached copy of tiered data, in memory and on disk; returns the bytes given back
     * on disk.
     */
    long dropLocalCache() throws IOException;

    /**
     * Compares the object store with what the shards refer to, removes orphans past their grace;
     * blocks. A node also does so by itself, slowly.
     */
    ScrubReport scrub() throws IOException;

    /** The last scrub's findings; {@link ScrubReport#NEVER} before the first. */
    ScrubReport lastScrub();

    /**
     * Receipts for what left for good, of every shard, in the order of their last change. Each
     * shard keeps a bounded number of them, the newest; they are as durable as the records.
     */
    List<Receipt> receipts(Receipt.Query query) throws ShardUnavailableException;

    /**
     * Removes topics' records for good, from logs, caches and the object store. Returns when they
     * can no longer be read and the removal is durable; the bytes follow in the background.
     *
     * @param why {@code TOPIC_DELETED} or {@code TENANT_DELETED}, for the receipts
     */
    void removeTopics(Collection<TopicId> topics, Receipt.Why why) throws IOException;

    /** Whether every shard can be read. */
    boolean ready();

    /** What a flush moved. */
    record FlushReport(int objects, int segments, long bytes) {}
}
