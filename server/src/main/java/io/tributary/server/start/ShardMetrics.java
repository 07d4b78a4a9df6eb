package io.tributary.server.start;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.tributary.kernel.id.ShardId;
import io.tributary.server.node.Node;
import io.tributary.storage.TierSettings;
import io.tributary.storage.object.ObjectStoreUsage;
import io.tributary.storage.object.RequestKind;
import io.tributary.storage.shard.NodeShards.Stats;
import io.tributary.storage.tiering.TieringCounts;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;

/** What is measured of shards and of what they cost, under names that begin with tributary_. */
final class ShardMetrics {
    private final MeterRegistry registry;
    private final Node node;

    ShardMetrics(MeterRegistry registry, Node node) {
        this.registry = registry;
        this.node = node;
    }

    /** Adds all of it. */
    void register() {
        for (int i = 0; i < node.settings().storage().shards(); i++) {
            ShardId shard = new ShardId(i);
            Tags tags = Tags.of("shard", shard.toString());
            state(shard, tags);
            tiering(shard, tags);
            usage(node.objects().usage().of(Optional.of(shard)), tags);
            cost(shard, tags);
        }
        usage(node.objects().usage().of(Optional.empty()), Tags.of("shard", "none"));
    }

    private void state(ShardId shard, Tags tags) {
        gauge("tributary.shard.logged.bytes", tags, stat(shard, Stats::loggedBytes));
        gauge("tributary.shard.ledger.bytes", tags, stat(shard, Stats::ledgerBytes));
        gauge("tributary.shard.queued.bytes", tags, stat(shard, Stats::queuedBytes));
        gauge("tributary.shard.partitions", tags, stat(shard, s -> s.counts().partitions()));
        gauge("tributary.shard.object.bytes", tags, stat(shard, s -> s.counts().objectBytes()));
        gauge("tributary.shard.garbage.objects", tags, stat(shard, s -> s.counts().garbage()));
        for (int level = 0; level <= TierSettings.MAX_LEVEL; level++) {
            int of = level;
            gauge(
                    "tributary.shard.objects",
                    tags.and("level", Integer.toString(level)),
                    stat(shard, s -> s.objectsByLevel().get(of)));
        }
    }

    private void tiering(ShardId shard, Tags tags) {
        counter("tributary.tiering.flushed.bytes", shard, tags, TieringCounts::flushedBytes);
        counter("tributary.tiering.merged.bytes", shard, tags, TieringCounts::mergedBytes);
        counter("tributary.tiering.merged.objects", shard, tags, TieringCounts::mergedObjects);
        counter("tributary.tiering.rewritten.bytes", shard, tags, TieringCounts::rewrittenBytes);
        counter("tributary.compaction.read.bytes", shard, tags, TieringCounts::compactionReadBytes);
        counter("tributary.compaction.written.bytes", shard, tags, TieringCounts::compactedBytes);
        counter("tributary.compaction.partitions", shard, tags, TieringCounts::compactedPartitions);
        counter(
                "tributary.compaction.records.removed",
                shard,
                tags,
                TieringCounts::supersededRecords);
        counter(
                "tributary.tiering.batch.bytes.before",
                shard,
                tags,
                TieringCounts::batchBytesBefore);
        counter("tributary.tiering.batch.bytes.after", shard, tags, TieringCounts::batchBytesAfter);
        gauge(
                "tributary.tiering.write.amplification",
                tags,
                stat(shard, s -> s.tiering().writeAmplification()));
    }

    private void usage(ObjectStoreUsage.Share share, Tags tags) {
        for (RequestKind kind : RequestKind.values()) {
            Tags both = tags.and("kind", kind.name().toLowerCase(Locale.ROOT));
            counter("tributary.object.store.requests", both, () -> share.requests(kind));
            counter("tributary.object.store.retries", both, () -> share.retries(kind));
            counter("tributary.object.store.failures", both, () -> share.failures(kind));
        }
        counter("tributary.object.store.put.bytes", tags, () -> share.bytes(RequestKind.PUT));
        counter("tributary.object.store.get.bytes", tags, () -> share.bytes(RequestKind.GET));
    }

    private void cost(ShardId shard, Tags tags) {
        CostEstimate cost =
                new CostEstimate(
                        node.settings().prices(),
                        node.objects().usage().of(Optional.of(shard)),
                        stat(shard, s -> s.counts().objectBytes()),
                        node.clock());
        for (CostEstimate.Kind kind : CostEstimate.Kind.values()) {
            gauge(
                    "tributary.cost.estimated.monthly",
                    tags.and("kind", kind.name().toLowerCase(Locale.ROOT)),
                    () -> cost.perMonth(kind));
        }
    }

    /** A number of an open shard; 0 while it is not open. */
    private DoubleSupplier stat(ShardId shard, ToDoubleFunction<Stats> value) {
        return () -> node.shards().stats(shard).stream().mapToDouble(value).sum();
    }

    private void counter(
            String name, ShardId shard, Tags tags, ToDoubleFunction<TieringCounts> value) {
        counter(name, tags, stat(shard, stats -> value.applyAsDouble(stats.tiering())));
    }

    private void gauge(String name, Tags tags, DoubleSupplier value) {
        Gauge.builder(name, value::getAsDouble).tags(tags).strongReference(true).register(registry);
    }

    private void counter(String name, Tags tags, DoubleSupplier value) {
        // A counter only lives as long as what it counts for: the node, not the supplier.
        FunctionCounter.builder(name, node, any -> value.getAsDouble())
                .tags(tags)
                .register(registry);
    }
}
