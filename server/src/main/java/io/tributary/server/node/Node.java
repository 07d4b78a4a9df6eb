package io.tributary.server.node;

import io.tributary.ingest.consumer.InstanceLog;
import io.tributary.ingest.group.Coordination;
import io.tributary.ingest.group.GroupSettings;
import io.tributary.kernel.Adapter;
import io.tributary.kernel.time.Environment;
import io.tributary.kernel.time.Scheduler;
import io.tributary.kernel.time.SystemScheduler;
import io.tributary.kernel.time.Ticks;
import io.tributary.log.FileLedgerStore;
import io.tributary.log.LedgerStore;
import io.tributary.metadata.access.Authenticator;
import io.tributary.metadata.broker.BrokerSettings;
import io.tributary.metadata.directory.Directory;
import io.tributary.metadata.quota.TenantLimits;
import io.tributary.metadata.record.VersionedRecords;
import io.tributary.metadata.zookeeper.EmbeddedZooKeeper;
import io.tributary.metadata.zookeeper.ZooKeeperRecords;
import io.tributary.server.backup.Lineages;
import io.tributary.server.backup.MetadataBackup;
import io.tributary.server.backup.StoredBackups;
import io.tributary.server.option.NodeSettings;
import io.tributary.server.option.OptionException;
import io.tributary.storage.cache.Caches;
import io.tributary.storage.compaction.CompactionMemory;
import io.tributary.storage.disk.DiskReserve;
import io.tributary.storage.log.TailCache;
import io.tributary.storage.object.ClaimedObjectStore;
import io.tributary.storage.object.ObjectStoreCounts;
import io.tributary.storage.object.ObjectStoreUsage;
import io.tributary.storage.shard.NodeShards;
import io.tributary.storage.tiering.ShardContext;
import io.tributary.tenant.access.Secrets;
import io.tributary.tenant.authentication.KeyAuthenticator;
import io.tributary.tenant.token.SigningKeys;
import io.tributary.tenant.token.Tokens;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running node with every role: opens its parts in the order they need each other, closes them
 * in the opposite one.
 */
@Adapter("the machine's clock and randomness to InstantSource and RandomGenerator")
public final class Node implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(20);

    /** How long a stop waits for the object store; what is durable in the log may stay there. */
    private static final Duration LAST_FLUSH = Duration.ofSeconds(20);

    private static final Duration FIRST_LOOK = Duration.ofSeconds(3);
    private static final Duration LAST_JOBS = Duration.ofSeconds(5);

    private final NodeSettings settings;
    private final InstantSource clock = InstantSource.system();
    private final SecureRandom random = new SecureRandom();
    private final ThreadFactory threads = Thread.ofPlatform().factory();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final SystemScheduler scheduler;
    private final ExecutorService background;
    private final VersionedRecords records;
    private final Directory directory;
    private final BrokerSettings brokers;
    private final TenantLimits limits;
    private final ObjectStoreCounts objects;
    private final Caches caches;
    private final DiskReserve reserve;
    private final MetadataBackup backup;
    private final CompletableFuture<Void> superseded = new CompletableFuture<>();
    private final NodeShards shards;
    private final Coordination coordination;
    private final InstanceLog instanceLog;
    private final Secrets secrets = new Secrets(random);
    private final Tokens tokens;
    private final Authenticator authenticator;

    /**
     * Opens everything; blocks until every shard is recovered.
     *
     * @throws IOException a part cannot be opened; none stays open
     */
    public Node(NodeSettings settings) throws IOException {
        this.settings = settings;
        boolean complete = false;
        try {
            Path data = settings.data();
            scheduler = opened(new SystemScheduler());
            background = opened(Executors.newVirtualThreadPerTaskExecutor());
            EmbeddedZooKeeper zooKeeper =
                    opened(new EmbeddedZooKeeper(data.resolve("metadata"), random));
            opened(new Forgetting(zooKeeper, scheduler)).start();
            records =
                    opened(
                            ZooKeeperRecords.connect(
                                    new ZooKeeperRecords.Connection(
                                            zooKeeper.connectString(),
                                            Optional.of(zooKeeper.secret()),
                                            SESSION_TIMEOUT)));
            NodeSettings.Storage storage = settings.storage();
            ManifestRecords manifests = new ManifestRecords(records);
            refuseFewerShards(manifests.list().size());
            directory = new Directory(records, background);
            brokers = new BrokerSettings(settings.kafka().configs(), directory.tenants());
            limits = directory.limits(settings.limits().plans());
            // Before there is anything that would have been opened in vain.
            GroupSettings groups = groupSettings();
            Path ledgerFolder = data.resolve("ledgers");
            LedgerStore ledgers = opened(new FileLedgerStore(ledgerFolder, threads));
            ObjectStoreUsage usage = new ObjectStoreUsage();
            objects =
                    opened(
                            new ObjectStoreCounts(
                                    new ClaimedObjectStore(
                                            ObjectStores.open(data, settings.objects(), usage),
                                            DeploymentRecord.open(records, random)),
                                    usage));
            opened(new StoreWatch(objects, scheduler)).start(background);
            backup =
                    new MetadataBackup(
                            records,
                            new StoredBackups(objects),
                            Lineages.of(records, random),
                            new MetadataBackup.Clock(clock, scheduler),
                            storage.metadataBackupInterval(),
                            data.resolve("metadata-backup.new"));
            refuseIfSuperseded();
            Environment environment = new Environment(clock, random, scheduler, threads);
            caches =
                    new Caches(
                            data.resolve("cache"),
                            objects,
                            ConfiguredStorage.caches(settings),
                            environment,
                            opened(
                                    Executors.newCachedThreadPool(
                                            Thread.ofPlatform()
                                                    .name("tributary-fetch-", 0)
                                                    .factory())));
            reserve =
                    opened(
                            new DiskReserve(
                                    DataDisk.of(data, data.resolve("metadata"), ledgerFolder),
                                    storage.diskReserve().bytes(),
                                    List.of(caches::release),
                                    scheduler));
            reserve.start();
            ShardContext.Node node =
                    new ShardContext.Node(
                            ConfiguredStorage.settings(settings),
                            new ConfiguredTopics(directory.topics(), brokers),
                            ledgers,
                            objects,
                            caches.local(),
                            caches.chunks(),
                            caches.segments(),
                            data.resolve("cache").resolve("snapshots"),
                            new CompactionMemory(CompactionMemory.BUDGET_BYTES),
                            environment);
            shards =
                    opened(
                            NodeShards.open(
                                    node,
                                    storage.shards(),
                                    manifests,
                                    new TailCache(storage.tailCacheBytes().bytes()),
                                    reserve));
            coordination =
                    opened(
                            GroupsTopic.coordination(
                                    directory, shards, environment, storage.shards(), groups));
            coordination.start();
            instanceLog = GroupsTopic.instances(directory, shards, environment, storage.shards());
            new Removals(directory.topics(), shards, coordination, scheduler).start();
            Duration tokenLifetime = settings.limits().tokenLifetime();
            tokens =
                    new Tokens(
                            new SigningKeys(records, clock, tokenLifetime),
                            secrets,
                            clock,
                            tokenLifetime);
            authenticator =
                    new KeyAuthenticator(directory.apiKeys(), directory.tenants(), tokens, clock);
            OperatorKeyFile.ensure(
                    data.resolve("operator.key"), directory.apiKeys(), secrets, clock);
            backup.start(this::superseded);
            complete = true;
        } finally {
            if (!complete) {
                closeAll();
            }
        }
    }

    private <T extends AutoCloseable> T opened(T part) {
        opened.push(part);
        return part;
    }

    private GroupSettings groupSettings() {
        try {
            return new GroupSettings(
                    brokers.node().groups(), tenant -> limits.limits(tenant).groups());
        } catch (IllegalArgumentException e) {
            throw new OptionException("Option --kafka-config is not possible: " + e.getMessage());
        }
    }

    /** A shard that is not opened would be missed by its partitions. */
    private void refuseFewerShards(int there) {
        int wanted = settings.storage().shards();
        if (wanted < there) {
            throw new OptionException(
                    "Option --shards is "
                            + wanted
                            + ", and this node has "
                            + there
                            + " shards: they may grow, never shrink.");
        }
    }

    /** A store that does not answer now is looked at again later. */
    private void refuseIfSuperseded() throws IOException {
        Future<Boolean> look = background.submit(backup::superseded);
        try {
            if (look.get(FIRST_LOOK.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException(
                        "another node was restored from this object store; this data folder's time"
                                + " is over");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("cannot see yet whether another node has the object store", e);
        }
    }

    /** Another node has the object store: nothing more may be written there or removed. */
    private void superseded() {
        coordination.close();
        shards.close();
        superseded.complete(null);
    }

    /** Completes when another node was restored from this node's object store. */
    public CompletionStage<Void> supersession() {
        return superseded;
    }

    public NodeSettings settings() {
        return settings;
    }

    public VersionedRecords records() {
        return records;
    }

    public Directory directory() {
        return directory;
    }

    /** What Kafka's clients know as broker configs. */
    public BrokerSettings brokers() {
        return brokers;
    }

    /** What tenants and keys may. */
    public TenantLimits limits() {
        return limits;
    }

    public NodeShards shards() {
        return shards;
    }

    /** Where consumer instances over HTTP are kept. */
    public InstanceLog instanceLog() {
        return instanceLog;
    }

    /** Runs tasks later. */
    public Scheduler scheduler() {
        return scheduler;
    }

    /** All tenants' consumer groups. */
    public Coordination coordination() {
        return coordination;
    }

    public DiskReserve reserve() {
        return reserve;
    }

    /** The object store, which counts what is asked of it. */
    public ObjectStoreCounts objects() {
        return objects;
    }

    /** What is kept of the object store on this node. */
    public Caches caches() {
        return caches;
    }

    /** The metadata's copies in the object store. */
    public MetadataBackup backup() {
        return backup;
    }

    public Secrets secrets() {
        return secrets;
    }

    public Tokens tokens() {
        return tokens;
    }

    public Authenticator authenticator() {
        return authenticator;
    }

    public InstantSource clock() {
        return clock;
    }

    /** The machine's clock that never goes back. */
    public Ticks ticks() {
        return System::nanoTime;
    }

    /** Runs short tasks that block. */
    public ExecutorService background() {
        return background;
    }

    /** Whether what is known of the metadata may be believed. */
    public boolean followsMetadata() {
        return records.following();
    }

    /** Moves what is durable into the object store if that answers in time, then closes. */
    @Override
    public void close() {
        LastJobs last = new LastJobs(background);
        last.within(LAST_JOBS, "ending consumer groups", () -> coordination.close());
        if (superseded.isDone()) {
            LOG.warn("another node has the object store, nothing more is moved there");
        } else if (objects.problem().isPresent()) {
            LOG.warn("nothing more is moved to the object store, the log keeps it");
        } else {
            last.within(LAST_FLUSH, "moving everything to the object store", shards::flush);
            last.within(LAST_JOBS, "backing up the metadata", backup::finish);
        }
        // Before the metadata: what still runs ends with it, and not with an error.
        last.within(LAST_JOBS, "ending the shards' work", () -> shards.close());
        closeAll();
    }

    private void closeAll() {
        while (!opened.isEmpty()) {
            AutoCloseable part = opened.pop();
            try {
                if (part instanceof ExecutorService executor) {
                    executor.shutdownNow();
                } else {
                    part.close();
                }
            } catch (Exception e) {
                LOG.warn("part={} did not close well", part.getClass().getSimpleName(), e);
            }
        }
    }
}
