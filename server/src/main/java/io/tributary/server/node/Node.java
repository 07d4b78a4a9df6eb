package io.tributary.server.node;

import io.tributary.kernel.Adapter;
import io.tributary.kernel.time.Environment;
import io.tributary.kernel.time.SystemScheduler;
import io.tributary.log.FileLedgerStore;
import io.tributary.log.LedgerStore;
import io.tributary.metadata.access.Authenticator;
import io.tributary.metadata.directory.Directory;
import io.tributary.metadata.record.VersionedRecords;
import io.tributary.metadata.zookeeper.EmbeddedZooKeeper;
import io.tributary.metadata.zookeeper.ZooKeeperRecords;
import io.tributary.server.option.NodeSettings;
import io.tributary.storage.StorageSettings;
import io.tributary.storage.cache.CacheSettings;
import io.tributary.storage.cache.Caches;
import io.tributary.storage.disk.DiskReserve;
import io.tributary.storage.log.TailCache;
import io.tributary.storage.object.ObjectStoreCounts;
import io.tributary.storage.shard.NodeShards;
import io.tributary.storage.tiering.ShardContext;
import io.tributary.tenant.access.Secrets;
import io.tributary.tenant.authentication.KeyAuthenticator;
import io.tributary.tenant.token.SigningKeys;
import io.tributary.tenant.token.Tokens;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
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

    private final NodeSettings settings;
    private final InstantSource clock = InstantSource.system();
    private final SecureRandom random = new SecureRandom();
    private final ThreadFactory threads = Thread.ofPlatform().factory();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final ExecutorService background;
    private final VersionedRecords records;
    private final Directory directory;
    private final ObjectStoreCounts objects;
    private final Caches caches;
    private final DiskReserve reserve;
    private final NodeShards shards;
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
            SystemScheduler scheduler = opened(new SystemScheduler());
            background = opened(Executors.newVirtualThreadPerTaskExecutor());
            EmbeddedZooKeeper zooKeeper =
                    opened(new EmbeddedZooKeeper(data.resolve("metadata"), random));
            records =
                    opened(
                            ZooKeeperRecords.connect(
                                    new ZooKeeperRecords.Connection(
                                            zooKeeper.connectString(),
                                            Optional.of(zooKeeper.secret()),
                                            SESSION_TIMEOUT)));
            directory = new Directory(records, background);
            Path ledgerFolder = data.resolve("ledgers");
            LedgerStore ledgers = opened(new FileLedgerStore(ledgerFolder, threads));
            objects = opened(new ObjectStoreCounts(ObjectStores.open(data, settings.objects())));
            NodeSettings.Storage storage = settings.storage();
            Environment environment = new Environment(clock, random, scheduler, threads);
            caches =
                    new Caches(
                            data.resolve("cache"),
                            objects,
                            cacheSettings(),
                            environment,
                            background);
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
                            storageSettings(),
                            new ConfiguredTopics(directory.topics()),
                            ledgers,
                            objects,
                            caches.local(),
                            caches.chunks(),
                            caches.segments(),
                            data.resolve("cache").resolve("snapshots"),
                            environment);
            shards =
                    opened(
                            NodeShards.open(
                                    node,
                                    storage.shards(),
                                    new ManifestRecords(records),
                                    new TailCache(storage.tailCacheBytes().bytes()),
                                    reserve));
            new Removals(directory.topics(), shards, scheduler).start();
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

    private StorageSettings storageSettings() {
        NodeSettings.Storage storage = settings.storage();
        return new StorageSettings(
                settings.listener().host() + ":" + settings.listener().httpsPort(),
                storage.flushBytes().bytes(),
                storage.flushAge(),
                storage.backlogBytes().bytes(),
                storage.ledgerBytes().bytes(),
                storage.retryWindow(),
                settings.limits().retryKeysPerTenant(),
                storage.orphanGrace(),
                new StorageSettings.Scrubbing(
                        storage.scrubInterval(), storage.scrubVerifyBytes().bytes()));
    }

    private CacheSettings cacheSettings() {
        NodeSettings.Storage storage = settings.storage();
        return new CacheSettings(
                storage.chunkCacheBytes().bytes(),
                storage.indexCacheBytes().bytes(),
                storage.readAheadBytes().bytes(),
                storage.localCacheBytes().bytes());
    }

    public NodeSettings settings() {
        return settings;
    }

    public Directory directory() {
        return directory;
    }

    public NodeShards shards() {
        return shards;
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

    /** Runs short tasks that block. */
    public ExecutorService background() {
        return background;
    }

    /** Whether requests can be served: the metadata is followed and every shard can be read. */
    public boolean ready() {
        return records.following() && shards.ready();
    }

    /** Moves what is durable into the object store if that answers in time, then closes. */
    @Override
    public void close() {
        try {
            background
                    .submit(
                            () -> {
                                shards.flush();
                                return true;
                            })
                    .get(LAST_FLUSH.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException
                | java.util.concurrent.TimeoutException e) {
            LOG.warn("not everything was moved to the object store, the log keeps it", e);
        }
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
