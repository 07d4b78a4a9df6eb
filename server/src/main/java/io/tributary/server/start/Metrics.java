package io.tributary.server.start;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.ingest.consumer.Instances;
import io.tributary.ingest.door.IngestMetrics;
import io.tributary.ingest.door.KafkaRefusal;
import io.tributary.ingest.group.Coordination;
import io.tributary.ingest.quota.QuotaMetrics;
import io.tributary.metadata.quota.Quota;
import io.tributary.server.backup.MetadataBackup;
import io.tributary.storage.ScrubReport;
import io.tributary.storage.Shards;
import io.tributary.storage.cache.CacheCounts;
import io.tributary.storage.cache.Caches;
import io.tributary.storage.disk.DiskReserve;
import io.tributary.storage.shard.NodeShards;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** What is measured, under names that begin with {@code tributary_}. */
final class Metrics implements IngestMetrics, QuotaMetrics {
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

    /** Adds what concerns all shards together; {@link ShardMetrics} has the rest. */
    void watch(NodeShards shards) {
        Gauge.builder("tributary.shards.read.only", shards, s -> (double) s.readOnly())
                .strongReference(true)
                .register(registry);
    }

    /** Adds how many consumer instances over HTTP there are. */
    void watch(Instances instances) {
        Gauge.builder("tributary.consumer.instances", instances, i -> (double) i.count())
                .description("consumer instances over HTTP")
                .register(registry);
    }

    /** Adds the room on the disk, and how much of it produce leaves free. */
    void watch(DiskReserve reserve) {
        Gauge.builder("tributary.disk.usable.bytes", reserve, r -> (double) r.usableBytes())
                .strongReference(true)
                .register(registry);
        Gauge.builder("tributary.disk.reserve.bytes", reserve, r -> (double) r.reserveBytes())
                .strongReference(true)
                .register(registry);
    }

    /** Adds how many consumer groups there are, and whether all of them can be used. */
    void watch(Coordination groups) {
        Gauge.builder("tributary.groups", groups, g -> (double) g.groupCount())
                .strongReference(true)
                .register(registry);
        Gauge.builder(
                        "tributary.groups.partitions.away",
                        groups,
                        g -> (double) g.partitionsWithoutLead())
                .strongReference(true)
                .register(registry);
        Gauge.builder("tributary.groups.load.seconds", groups, g -> g.loadMillis() / 1_000.0)
                .strongReference(true)
                .register(registry);
    }

    /** Adds what the last scrub found. */
    void watchScrubs(Shards shards) {
        scrub("finished.seconds", shards, report -> report.finishedAtMillis() / 1_000);
        scrub(
                "orphans",
                shards,
                report -> report.causes().orphansInGrace() + report.causes().orphansRemoved());
        scrub("missing", shards, report -> report.wrong().missing().size());
        scrub("wrong.size", shards, report -> report.wrong().wrongSize().size());
        scrub("damaged", shards, report -> report.wrong().damaged().size());
        scrub("unexplained", shards, ScrubReport::unexplained);
    }

    private void scrub(String name, Shards shards, ToLongFunction<ScrubReport> value) {
        Gauge.builder(
                        "tributary.scrub." + name,
                        shards,
                        s -> (double) value.applyAsLong(s.lastScrub()))
                .strongReference(true)
                .register(registry);
    }

    /** Adds what readers of tiered records get from where, and what the caches hold. */
    void watch(Caches caches) {
        CacheCounts counts = caches.counts();
        counter("tributary.cold.memory.hits", counts, CacheCounts::memoryHits);
        counter("tributary.cold.disk.hits", counts, CacheCounts::diskHits);
        counter("tributary.cold.copy.reads", counts, CacheCounts::copyReads);
        counter("tributary.cold.misses", counts, CacheCounts::misses);
        counter("tributary.cold.shared", counts, CacheCounts::shared);
        counter("tributary.cold.damaged", counts, CacheCounts::damaged);
        counter("tributary.cold.gets", counts, CacheCounts::gets);
        counter("tributary.cold.get.bytes", counts, CacheCounts::getBytes);
        counter("tributary.read.ahead.used.bytes", counts, CacheCounts::aheadUsedBytes);
        counter("tributary.read.ahead.wasted.bytes", counts, CacheCounts::aheadWastedBytes);
        counter("tributary.cache.disk.failures", counts, CacheCounts::diskFailures);
        gauge("tributary.cache.disk.bytes", caches, Caches::diskBytes);
        gauge("tributary.cache.chunk.bytes", caches, c -> c.chunks().sizeBytes());
        gauge("tributary.cache.index.bytes", caches, Caches::indexBytes);
        gauge("tributary.read.ahead.bytes", caches, c -> c.chunks().aheadBytes());
    }

    private void gauge(String name, Caches caches, ToLongFunction<Caches> value) {
        Gauge.builder(name, caches, c -> (double) value.applyAsLong(c))
                .strongReference(true)
                .register(registry);
    }

    /** Adds how old the metadata's newest copy is, and how long a change has waited for one. */
    void watch(MetadataBackup backup, InstantSource clock) {
        age("tributary.metadata.backup.age", () -> backup.newest(), clock);
        age("tributary.metadata.backup.pending", () -> backup.pendingSince(), clock);
    }

    /** Seconds since then; not a number where there is no then. */
    private void age(String name, Supplier<Optional<Instant>> since, InstantSource clock) {
        Gauge.builder(
                        name,
                        () ->
                                since.get()
                                        .map(then -> Duration.between(then, clock.instant()))
                                        .map(age -> (double) age.toMillis() / 1_000)
                                        .orElse(Double.NaN))
                .baseUnit("seconds")
                .register(registry);
    }

    private <T> void counter(String name, T counts, ToLongFunction<T> value) {
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
    public void kafkaErrors(String error, int count) {
        registry.counter("tributary.kafka.errors", "error", error).increment(count);
    }

    @Override
    public void kafkaRefused(KafkaRefusal why) {
        registry.counter("tributary.kafka.refused", "reason", why.name().toLowerCase(Locale.ROOT))
                .increment();
    }

    @Override
    public void throttled(Quota quota, Duration wait) {
        registry.counter("tributary.quota.throttled.seconds", "quota", quota.label())
                .increment(wait.toNanos() / 1e9);
    }

    @Override
    public void refused(Quota quota) {
        registry.counter("tributary.quota.refused", "quota", quota.label()).increment();
    }

    @Override
    public void fetched(int records, long bytes) {
        fetchedRecords.increment(records);
        fetchedBytes.increment((double) bytes);
    }
}
