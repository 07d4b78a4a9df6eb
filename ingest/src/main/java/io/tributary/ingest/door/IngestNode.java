package io.tributary.ingest.door;

import io.tributary.ingest.quota.Accounts;
import io.tributary.metadata.access.Authenticator;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.Topics;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.Shards;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * What the routes need of their node.
 *
 * @param settings what a topic's configs mean for storage
 * @param blocking runs work that blocks, such as reads
 * @param benchCeiling whether {@code records:discard} is served
 */
public record IngestNode(
        Authenticator authenticator,
        AttemptLimiter limiter,
        Accounts accounts,
        Topics topics,
        Function<Topic, PartitionSettings> settings,
        Shards shards,
        Executor blocking,
        InstantSource clock,
        RandomGenerator random,
        IngestMetrics metrics,
        Stopping stopping,
        boolean benchCeiling) {}
