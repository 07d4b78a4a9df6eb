package io.tributary.server.node;

import io.tributary.ingest.group.Coordination;
import io.tributary.ingest.group.GroupCaller;
import io.tributary.ingest.group.GroupSettings;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.kernel.time.Environment;
import io.tributary.kernel.time.SystemScheduler;
import io.tributary.log.MemoryLedgerStore;
import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.access.SecretHash;
import io.tributary.metadata.broker.BrokerSettings;
import io.tributary.metadata.directory.Directory;
import io.tributary.metadata.record.MemoryRecords;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.Topics;
import io.tributary.storage.StorageSettings;
import io.tributary.storage.TierSettings;
import io.tributary.storage.cache.CacheSettings;
import io.tributary.storage.cache.Caches;
import io.tributary.storage.compaction.CompactionMemory;
import io.tributary.storage.disk.DiskReserve;
import io.tributary.storage.log.TailCache;
import io.tributary.storage.object.DirectoryObjectStore;
import io.tributary.storage.shard.NodeShards;
import io.tributary.storage.tiering.ShardContext;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** A node's groups over its real shards, whose ledgers lie in memory and outlive a crash. */
final class GroupNode implements AutoCloseable {
    static final TenantId ACME = new TenantId("t-aaaaaaaaaaaaaaab");
    private static final int SHARDS = 2;
    private static final Topics.Limits LIMITS = new Topics.Limits(1_000, 100_000);

    final MemoryRecords records = new MemoryRecords();
    private final MemoryLedgerStore.Disk disk = new MemoryLedgerStore.Disk();
    private final Path folder;
    private final InstantSource clock;
    private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    private final GroupSettings settings;
    private final ExecutorService background = Executors.newVirtualThreadPerTaskExecutor();
    Directory directory;
    FailingLedgers ledgers;
    Coordination coordination;
    NodeShards shards;
    private SystemScheduler scheduler;

    GroupNode(Path folder, InstantSource clock, GroupSettings settings) throws IOException {
        this.folder = folder;
        this.clock = clock;
        this.settings = settings;
        directory = new Directory(records, background);
        directory
                .tenants()
                .add(
                        new Tenant(ACME, "acme", Tenant.State.ACTIVE, Instant.EPOCH),
                        new ApiKey(
                                "AAAAAAAAAAAAAAAA",
                                Optional.of(ACME),
                                Role.ADMIN,
                                new SecretHash("salt", "hash"),
                                "",
                                List.of(),
                                Instant.EPOCH,
                                Optional.empty(),
                                Optional.empty()),
                        10);
        start();
    }

    void start() throws IOException {
        scheduler = new SystemScheduler();
        Environment environment =
                new Environment(clock, random, scheduler, Thread.ofPlatform().factory());
        ledgers = new FailingLedgers(new MemoryLedgerStore(disk, background));
        DirectoryObjectStore objects = new DirectoryObjectStore(folder.resolve("objects"));
        Caches caches =
                new Caches(
                        folder,
                        objects,
                        new CacheSettings(16 << 20, 1 << 20, 32 << 20, 1 << 30, 1 << 30),
                        environment,
                        background);
        DiskReserve reserve = new DiskReserve(() -> Long.MAX_VALUE, 1 << 20, List.of(), scheduler);
        reserve.start();
        shards =
                NodeShards.open(
                        new ShardContext.Node(
                                storage(),
                                new ConfiguredTopics(
                                        directory.topics(),
                                        new BrokerSettings(Map.of(), directory.tenants())),
                                ledgers,
                                objects,
                                caches.local(),
                                caches.chunks(),
                                caches.segments(),
                                folder.resolve("snapshots"),
                                new CompactionMemory(CompactionMemory.BUDGET_BYTES),
                                environment),
                        SHARDS,
                        new ManifestRecords(records),
                        new TailCache(1 << 20),
                        reserve);
        coordination = GroupsTopic.coordination(directory, shards, environment, SHARDS, settings);
        coordination.start();
    }

    private static StorageSettings storage() {
        return new StorageSettings(
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
    }

    /** Stops as a crash does; only what was durable is there at the next start. */
    void crash() {
        coordination.close();
        scheduler.close();
        shards.close();
    }

    Topic topic(String name, int partitions) throws IOException {
        List<ShardId> placed = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            placed.add(new ShardId(i % SHARDS));
        }
        Topic topic =
                new Topic(
                        new TopicId(new UUID(random.nextLong(), random.nextLong())),
                        ACME,
                        name,
                        placed,
                        Map.of(),
                        clock.instant());
        Topics.Addition _ = directory.topics().add(topic, LIMITS);
        return topic;
    }

    static GroupCaller admin(int version) {
        return new GroupCaller(
                new Principal(Optional.of(ACME), "AAAAAAAAAAAAAAAA", Role.ADMIN, List.of()),
                "client",
                InetAddress.getLoopbackAddress(),
                (short) version);
    }

    @Override
    public void close() {
        crash();
        background.shutdownNow();
    }
}
