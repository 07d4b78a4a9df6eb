package io.tributary.storage;

import java.time.Duration;

/**
 * How a node runs its shards.
 *
 * @param owner names this node in the manifests it writes, for people
 * @param flushBytes records in the log beyond this are moved to the object store
 * @param flushAge records older than this are, too
 * @param backlogBytes produce is refused when so much waits for the object store
 * @param ledgerBytes a ledger takes no more entries beyond this
 * @param retryWindow how long an Idempotency-Key is remembered after its last use
 * @param maxRetryKeysPerTenant how many of them a tenant may have in a shard
 * @param producerExpiration how long a partition knows an idempotent producer that is silent
 * @param orphanGrace how old an object that nothing refers to must be before a scrub removes it
 * @param scrubbing how scrubs run by themselves
 * @param tier how objects are made
 */
public record StorageSettings(
        String owner,
        long flushBytes,
        Duration flushAge,
        long backlogBytes,
        long ledgerBytes,
        Duration retryWindow,
        int maxRetryKeysPerTenant,
        Duration producerExpiration,
        Duration orphanGrace,
        Scrubbing scrubbing,
        TierSettings tier) {
    /**
     * How scrubs run by themselves.
     *
     * @param every about how long from one to the next; zero for never
     * @param verifyBytes how much of the store's content each scrub reads and compares with its
     *     checksums, about
     */
    public record Scrubbing(Duration every, long verifyBytes) {}
}
