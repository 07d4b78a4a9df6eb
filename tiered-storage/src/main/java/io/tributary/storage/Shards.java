package io.tributary.storage;

import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import java.io.IOException;
import java.util.Collection;

/** The shards this node serves, and what an operator does to all of them. Thread-safe. */
public interface Shards {
    Shard shard(ShardId id) throws ShardUnavailableException;

    /**
     * Moves everything appended so far into the object store and trims the logs; blocks until done.
     */
    FlushReport flush() throws IOException;

    /**
     * Forgets every cached copy of tiered data, in memory and on disk; returns the bytes given back
     * on disk.
     */
    long dropLocalCache() throws IOException;

    /**
     * Compares the object store with what the shards refer to, removes orphans past their grace;
     * blocks.
     */
    ScrubReport scrub() throws IOException;

    /** The last scrub's findings; all zero before the first. */
    ScrubReport lastScrub();

    /**
     * Removes topics' records for good, from logs, caches and the object store. Returns when they
     * can no longer be read and the removal is durable; the bytes follow in the background.
     */
    void removeTopics(Collection<TopicId> topics) throws IOException;

    /** Whether every shard accepts appends. */
    boolean ready();

    /** What a flush moved. */
    record FlushReport(int objects, int segments, long bytes) {}

    /**
     * What a scrub found.
     *
     * @param finishedAtMillis when, 0 for never
     * @param objects how many lie in the store
     * @param orphansRemoved referred to by nobody and past the grace period, now gone
     * @param orphansInGrace referred to by nobody yet
     * @param missing referred to but not there, or of another size: data is lost
     */
    record ScrubReport(
            long finishedAtMillis,
            long objects,
            long bytes,
            long referenced,
            long orphansRemoved,
            long orphansInGrace,
            java.util.List<String> missing) {}
}
