package io.tributary.bench.storage;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.kernel.time.Environment;
import io.tributary.kernel.time.SystemScheduler;
import io.tributary.log.LedgerStore;
import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendOutcome.Appended;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.AppendRequest.Part;
import io.tributary.storage.NewRecord;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.PartitionSettings.Codec;
import io.tributary.storage.PartitionSettings.TimestampType;
import io.tributary.storage.PartitionSettings.Timestamps;
import io.tributary.storage.Shard;
import io.tributary.storage.StorageSettings;
import io.tributary.storage.TierSettings;
import io.tributary.storage.cache.CacheSettings;
import io.tributary.storage.cache.Caches;
import io.tributary.storage.compaction.CompactionMemory;
import io.tributary.storage.disk.DiskReserve;
import io.tributary.storage.log.TailCache;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.object.ObjectStoreCounts;
import io.tributary.storage.object.ObjectStoreUsage;
import io.tributary.storage.object.RequestKind;
import io.tributary.storage.shard.NodeShards;
import io.tributary.storage.tiering.ShardContext;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A node's storage in this process, without HTTP, tenants or metadata. */
final class LocalNode implements AutoCloseable {
    private static final TenantId TENANT = new TenantId("t-benchbenchbenchb");

    /**
     * How it runs.
     *
     * @param flushBytes as in {@link StorageSettings}
     * @param localCacheBytes 0 keeps no copy of an object on the disk
     */
    record Settings(long flushBytes, Duration flushAge, long localCacheBytes, Codec codec) {
        static final Settings NO_TIERING =
                new Settings(1L << 40, Duration.ofDays(1), 0, Codec.NONE);
    }

    private final Settings settings;
    private final PartitionSettings topic;
    private final SystemScheduler scheduler = new SystemScheduler();
    private final ExecutorService fetching =
            Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory());
    private final ObjectStoreCounts objects;
    private final NodeShards shards;

    LocalNode(
            Path folder,
            LedgerStore ledgers,
            ObjectStore store,
            InstantSource clock,
            Settings settings)
            throws IOException {
        this.settings = settings;
        topic = topic(settings.codec());
        objects = new ObjectStoreCounts(store, new ObjectStoreUsage());
        Environment environment =
                new Environment(
                        clock,
                        new SecureRandom(),
                        scheduler,
                        Thread.ofPlatform().daemon().factory());
        Caches caches =
                new Caches(
                        folder,
                        objects,
                        new CacheSettings(
                                32 << 20, 4 << 20, 64 << 20, settings.localCacheBytes(), 64 << 20),
                        environment,
                        fetching);
        shards =
                NodeShards.open(
                        new ShardContext.Node(
                                storage(),
                                id -> Optional.of(topic),
                                ledgers,
                                objects,
                                caches.local(),
                                caches.chunks(),
                                caches.segments(),
                                folder.resolve("snapshots"),
                                new CompactionMemory(CompactionMemory.BUDGET_BYTES),
                                environment),
                        1,
                        new MemoryManifests(),
                        new TailCache(32 << 20),
                        new DiskReserve(() -> Long.MAX_VALUE, 0, List.of(), scheduler));
    }

    private StorageSettings storage() {
        return new StorageSettings(
                "bench",
                settings.flushBytes(),
                settings.flushAge(),
                1L << 40,
                256 << 20,
                Duration.ofHours(1),
                1_000,
                Duration.ofDays(1),
                Duration.ofHours(1),
                new StorageSettings.Scrubbing(Duration.ZERO, 0),
                new TierSettings(3, 8, Duration.ofHours(6)));
    }

    private static PartitionSettings topic(Codec codec) {
        return new PartitionSettings(
                1 << 20,
                codec,
                Timestamps.of(TimestampType.CREATE_TIME),
                true,
                Optional.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                1 << 30,
                Duration.ofDays(7));
    }

    static PartitionId partition(int number) {
        return new PartitionId(new TopicId(new UUID(7, number)), 0);
    }

    Shard shard() throws IOException {
        return shards.shard(new ShardId(0));
    }

    NodeShards shards() {
        return shards;
    }

    /** How often its shard asked the object store for this. */
    long requests(RequestKind kind) {
        return objects.usage().of(Optional.of(new ShardId(0))).requests(kind);
    }

    /** Appends; the future fails where the records were refused. */
    CompletableFuture<Appended> append(int partition, List<NewRecord> records) throws IOException {
        CompletableFuture<Appended> done = new CompletableFuture<>();
        shard().append(
                        new AppendRequest(
                                TENANT,
                                List.of(new Part(partition(partition), topic, records)),
                                Optional.empty()),
                        outcome -> complete(done, outcome));
        return done;
    }

    private static void complete(CompletableFuture<Appended> done, AppendOutcome outcome) {
        if (outcome instanceof Appended appended) {
            done.complete(appended);
        } else {
            done.completeExceptionally(new IOException("append ended as " + outcome));
        }
    }

    @Override
    public void close() throws IOException {
        shards.close();
        fetching.close();
        scheduler.close();
    }
}
