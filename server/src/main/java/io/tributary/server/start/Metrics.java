package io.tributary.server.start;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.ingest.door.IngestMetrics;
import io.tributary.storage.object.ObjectStoreCounts;
import io.tributary.storage.shard.NodeShards;
import java.util.function.ToLongFunction;

/** What is measured, under names that begin with {@code tributary_}. */
final class Metrics implements IngestMetrics {
    private final MeterRegistry registry;
    private final Counter producedRecords;
    private final Counter producedBytes;
    private final Counter fetchedRecords;
    private final Counter fetchedBytes;

    Metrics(MeterRegistry registry) {
        this.registry = registry;
        producedRecords = registry.counter("tributary.produced.records");
        producedBytes = registry.counter("tributary.produced.bytes");
        fetchedRecords = registry.counter("tributary.fetched.records");
        fetchedBytes = registry.counter("tributary.fetched.bytes");
    }

    /** Adds gauges over the shards. */
    void watch(NodeShards shards) {
        gauge("tributary.shard.logged.bytes", shards, NodeShards.Stats::loggedBytes);
        gauge("tributary.shard.ledger.bytes", shards, NodeShards.Stats::ledgerBytes);
        gauge("tributary.shard.queued.bytes", shards, NodeShards.Stats::queuedBytes);
        gauge("tributary.shard.partitions", shards, stats -> stats.counts().partitions());
        gauge("tributary.shard.objects", shards, stats -> stats.counts().objects());
        gauge("tributary.shard.object.bytes", shards, stats -> stats.counts().objectBytes());
        gauge("tributary.shard.garbage.objects", shards, stats -> stats.counts().garbage());
    }

    private void gauge(String name, NodeShards shards, ToLongFunction<NodeShards.Stats> value) {
        Gauge.builder(name, shards, s -> (double) s.stats().stream().mapToLong(value).sum())
                .strongReference(true)
                .register(registry);
    }

    /** Adds what goes to and comes from the object store. */
    void watch(ObjectStoreCounts counts) {
        counter("tributary.object.store.puts", counts, ObjectStoreCounts::puts);
        counter("tributary.object.store.gets", counts, ObjectStoreCounts::gets);
        counter("tributary.object.store.lists", counts, ObjectStoreCounts::lists);
        counter("tributary.object.store.deletes", counts, ObjectStoreCounts::deletes);
        counter("tributary.object.store.failures", counts, ObjectStoreCounts::failures);
        counter("tributary.object.store.get.bytes", counts, ObjectStoreCounts::getBytes);
    }

    private void counter(
            String name, ObjectStoreCounts counts, ToLongFunction<ObjectStoreCounts> value) {
        FunctionCounter.builder(name, counts, c -> (double) value.applyAsLong(c))
                .register(registry);
    }

    @Override
    public void produced(int records, long bytes) {
        producedRecords.increment(records);
        producedBytes.increment((double) bytes);
    }

    @Override
    public void refused(int status) {
        registry.counter("tributary.refused", "status", Integer.toString(status)).increment();
    }

    @Override
    public void fetched(int records, long bytes) {
        fetchedRecords.increment(records);
        fetchedBytes.increment((double) bytes);
    }
}
