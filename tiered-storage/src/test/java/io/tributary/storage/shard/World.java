package io.tributary.storage.shard;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.kernel.time.Environment;
import io.tributary.kernel.time.Scheduler;
import io.tributary.kernel.time.SystemScheduler;
import io.tributary.log.LedgerStore;
import io.tributary.log.MemoryLedgerStore;
import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.AppendRequest.Part;
import io.tributary.storage.AppendRequest.RetryTag;
import io.tributary.storage.NewRecord;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.PartitionSettings.Codec;
import io.tributary.storage.PartitionSettings.TimestampType;
import io.tributary.storage.PartitionSettings.Timestamps;
import io.tributary.storage.Receipt;
import io.tributary.storage.Shard;
import io.tributary.storage.StorageSettings;
import io.tributary.storage.TierSettings;
import io.tributary.storage.TopicSettings;
import io.tributary.storage.Tries;
import io.tributary.storage.cache.CacheSettings;
import io.tributary.storage.cache.Caches;
import io.tributary.storage.cache.LocalObjects;
import io.tributary.storage.compaction.CompactionMemory;
import io.tributary.storage.disk.DiskReserve;
import io.tributary.storage.log.ManifestStore;
import io.tributary.storage.log.ShardManifest;
import io.tributary.storage.log.TailCache;
import io.tributary.storage.object.MemoryObjectStore;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.tiering.ShardContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;

/** A node's storage in memory, which can be stopped, started again, and broken. */
final class World implements AutoCloseable {
    static final TenantId TENANT = new TenantId("t-aaaaaaaaaaaaaaaa");
    static final long RESERVE_BYTES = 1_000_000;
    static final ShardId SHARD = new ShardId(0);

    final MemoryLedgerStore.Disk disk = new MemoryLedgerStore.Disk();
    final MemoryObjectStore objects = new MemoryObjectStore();
    final Manifests manifests = new Manifests();
    final Settings settings = new Settings();
    final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    ObjectStore store = objects;
    long localBytes = 1 << 30;

    /** Room on the disk; copies of objects that are given up add to it. */
    final AtomicLong usable = new AtomicLong(2L * RESERVE_BYTES);

    LedgerStore ledgers = new MemoryLedgerStore(disk, Runnable::run);
    StorageSettings storage =
            new StorageSettings(
                    "test",
                    1 << 30,
                    Duration.ofHours(1),
                    1 << 30,
                    64 << 20,
                    Duration.ofHours(1),
                    1_000,
                    Duration.ofDays(1),
                    Duration.ZERO,
                    new StorageSettings.Scrubbing(Duration.ZERO, 1 << 20),
                    new TierSettings(3, 8, Duration.ofHours(6)));

    int shardCount = 1;
    long keyBytes = CompactionMemory.BUDGET_BYTES;

    /** Set before the start, where background work is to run in {@link #tick} alone. */
    Optional<HandScheduler> byHand = Optional.empty();

    private final Path folder;
    private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    private SystemScheduler scheduler;
    Caches caches;
    DiskReserve reserve;
    NodeShards shards;

    World(Path folder) throws IOException {
        this.folder = folder;
    }

    /** Topics' settings, which tell when they change. */
    static final class Settings implements TopicSettings {
        private final Map<TopicId, PartitionSettings> byTopic = new ConcurrentHashMap<>();
        private final AtomicLong changes = new AtomicLong();

        /** Whether whoever asks next for changes is in for a surprise. */
        volatile boolean brokenOnce;

        void put(TopicId topic, PartitionSettings settings) {
            byTopic.put(topic, settings);
            changes.incrementAndGet();
        }

        void remove(TopicId topic) {
            byTopic.remove(topic);
        }

        PartitionSettings get(TopicId topic) {
            return byTopic.get(topic);
        }

        @Override
        public Optional<PartitionSettings> of(TopicId topic) {
            return Optional.ofNullable(byTopic.get(topic));
        }

        @Override
        public Changes changes(long after) {
            if (brokenOnce) {
                brokenOnce = false;
                throw new IllegalStateException("broken as it was told to be");
            }
            long now = changes.get();
            return new Changes(now, now == after ? Optional.of(Set.of()) : Optional.empty());
        }
    }

    static final class Manifests implements ManifestStore {
        private final Map<ShardId, Stored> stored = new HashMap<>();

        /** Whether changes fail, before or after they were made. */
        enum Failing {
            NEVER,
            BEFORE,
            AFTER
        }

        volatile Failing failing = Failing.NEVER;

        synchronized ShardManifest current() {
            return stored.get(SHARD).manifest();
        }

        /** Goes back to when the log ended with this ledger. */
        synchronized void forgetLedgersAfter(long last) {
            Stored old = stored.get(SHARD);
            ShardManifest now = old.manifest();
            stored.put(
                    SHARD,
                    new Stored(
                            new ShardManifest(
                                    now.epoch(),
                                    now.owner(),
                                    now.ledgers().stream().filter(id -> id <= last).toList(),
                                    now.snapshot()),
                            old.version() + 1));
        }

        @Override
        public synchronized List<ShardId> list() {
            return stored.keySet().stream().sorted().toList();
        }

        @Override
        public synchronized Optional<Stored> read(ShardId shard) {
            return Optional.ofNullable(stored.get(shard));
        }

        @Override
        public synchronized boolean create(ShardId shard, ShardManifest manifest) {
            return stored.putIfAbsent(shard, new Stored(copy(manifest), 0)) == null;
        }

        @Override
        public synchronized boolean replace(ShardId shard, ShardManifest manifest, int version)
                throws IOException {
            if (failing == Failing.BEFORE) {
                throw new IOException("metadata is away");
            }
            Stored old = stored.get(shard);
            if (old == null || old.version() != version) {
                return false;
            }
            stored.put(shard, new Stored(copy(manifest), version + 1));
            if (failing == Failing.AFTER) {
                throw new IOException("the answer was lost");
            }
            return true;
        }

        private static ShardManifest copy(ShardManifest manifest) {
            return ShardManifest.read(manifest.toBytes());
        }
    }

    World start() throws IOException {
        scheduler = new SystemScheduler();
        Environment environment =
                new Environment(
                        now::get,
                        random,
                        byHand.map(Scheduler.class::cast).orElse(scheduler),
                        Thread.ofPlatform().factory());
        caches =
                new Caches(
                        folder,
                        store,
                        new CacheSettings(16 << 20, 1 << 20, 32 << 20, localBytes, 1 << 30),
                        environment,
                        task -> Thread.ofVirtual().start(task));
        reserve = new DiskReserve(usable::get, RESERVE_BYTES, List.of(caches::release), scheduler);
        reserve.start();
        shards =
                NodeShards.open(
                        new ShardContext.Node(
                                storage,
                                settings,
                                ledgers,
                                store,
                                caches.local(),
                                caches.chunks(),
                                caches.segments(),
                                folder.resolve("snapshots"),
                                new CompactionMemory(keyBytes),
                                environment),
                        shardCount,
                        manifests,
                        new TailCache(1 << 20),
                        reserve);
        return this;
    }

    /** Stops without saying good-bye: what was not durable is lost. */
    void crash() throws IOException {
        scheduler.close();
        byHand.ifPresent(HandScheduler::clear);
        shards.close();
        ledgers = new MemoryLedgerStore(disk, Runnable::run);
    }

    void restart() throws IOException {
        crash();
        start();
    }

    @Override
    public void close() throws IOException {
        scheduler.close();
        shards.close();
    }

    Shard shard() throws IOException {
        return shards.shard(SHARD);
    }

    PartitionId topic(int number) {
        TopicId topic = new TopicId(new UUID(7, number));
        if (settings.of(topic).isEmpty()) {
            settings.put(topic, settings(Optional.empty(), OptionalLong.empty()));
        }
        return new PartitionId(topic, 0);
    }

    static PartitionSettings settings(Optional<Duration> retention, OptionalLong retentionBytes) {
        return new PartitionSettings(
                1 << 20,
                Codec.ZSTD,
                Timestamps.of(TimestampType.CREATE_TIME),
                true,
                retention,
                retentionBytes,
                Optional.empty(),
                OptionalLong.empty(),
                1 << 30,
                Duration.ofDays(7));
    }

    /** Lets time pass. */
    void pass(Duration duration) {
        now.updateAndGet(before -> before.plus(duration));
    }

    /** Lets time pass and runs what is due then. */
    void tick(Duration duration) {
        pass(duration);
        byHand.orElseThrow().run();
    }

    /** Retention of a topic without a bound in bytes. */
    void retain(PartitionId partition, Duration retention) {
        settings.put(partition.topic(), settings(Optional.of(retention), OptionalLong.empty()));
    }

    /** Keys of the objects, without snapshots, that are in the store. */
    List<String> objectKeys() {
        return objects.objects.keySet().stream()
                .filter(key -> ObjectId.parse(key).isPresent())
                .toList();
    }

    /** Every receipt in the order of their numbers. */
    List<Receipt> receipts() throws IOException {
        return shards
                .receipts(new Receipt.Query(0, Optional.empty(), Optional.empty(), 10_000))
                .stream()
                .sorted(Comparator.comparingLong(Receipt::number))
                .toList();
    }

    static NewRecord record(String value) {
        return new NewRecord(
                NewRecord.NO_TIMESTAMP, null, value.getBytes(StandardCharsets.UTF_8), List.of());
    }

    static List<NewRecord> records(String... values) {
        return Stream.of(values).map(World::record).toList();
    }

    Part part(PartitionId partition, String... values) {
        return new Part(partition, settings.get(partition.topic()), records(values));
    }

    AppendOutcome append(PartitionId partition, String... values) throws Exception {
        return send(new AppendRequest(TENANT, List.of(part(partition, values)), Optional.empty()));
    }

    /** Sends the request's records from an ordinal on, the ones before being sent already. */
    AppendOutcome retry(
            PartitionId partition, long key, long fingerprint, int ordinal, String... request)
            throws Exception {
        Tries one = tries(partition, n -> true, records(request));
        one.part(ordinal);
        return retry(key, fingerprint, one.part(request.length - ordinal));
    }

    Tries tries(PartitionId partition, IntPredicate takes, List<NewRecord> request) {
        return new Tries(partition, settings.get(partition.topic()), request, takes);
    }

    AppendOutcome retry(long key, long fingerprint, Part part) throws Exception {
        return send(
                new AppendRequest(
                        TENANT,
                        List.of(part),
                        Optional.of(new RetryTag(new UUID(0, key), fingerprint))));
    }

    AppendOutcome send(AppendRequest request) throws Exception {
        CompletableFuture<AppendOutcome> outcome = new CompletableFuture<>();
        shard().append(request, outcome::complete);
        return outcome.get(10, TimeUnit.SECONDS);
    }

    /** Every readable value from the offset on. */
    List<String> read(PartitionId partition, long from) throws IOException {
        List<String> values = new ArrayList<>();
        long next = from;
        while (next < shard().offsets(partition).highWatermark()) {
            for (ByteBuffer batch : shard().fetch(partition, next, 1_000).batches()) {
                for (Record record : MemoryRecords.readableRecords(batch).records()) {
                    if (record.offset() >= next) {
                        values.add(StandardCharsets.UTF_8.decode(record.value()).toString());
                        next = record.offset() + 1;
                    }
                }
            }
        }
        return values;
    }

    LocalObjects local() {
        return caches.local();
    }
}
