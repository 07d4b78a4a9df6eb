package io.tributary.metadata.zookeeper;

import io.tributary.metadata.record.Change;
import io.tributary.metadata.record.VersionedRecord;
import io.tributary.metadata.record.VersionedRecords;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.framework.api.CuratorClosedException;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records as nodes of ZooKeeper, below one root. With a secret, only clients that have it can read
 * or write them. One watch follows the whole tree.
 */
public final class ZooKeeperRecords implements VersionedRecords, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperRecords.class);
    private static final String ROOT = "/tributary";
    private static final String SCHEME = "digest";
    private static final String USER = "tributary:";
    private static final int RETRIES = 5;

    /** Records asked for in one request, so that the answer stays below ZooKeeper's limit. */
    private static final int READ_AT_ONCE = 100;

    /** Names asked for in one request, at most 255 bytes each; one folder may have more. */
    private static final int LISTED_AT_ONCE = 4_000;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

    /**
     * How to reach ZooKeeper.
     *
     * @param connectString hosts and ports, as ZooKeeper's clients take them
     * @param secret what makes a client ours; empty where ZooKeeper is open to us alone
     */
    public record Connection(
            String connectString, Optional<String> secret, Duration sessionTimeout) {}

    private final CuratorFramework client;
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean following;

    private ZooKeeperRecords(CuratorFramework client) {
        this.client = client;
    }

    /**
     * Connects, and makes the root where it is missing; blocks.
     *
     * @throws IOException ZooKeeper cannot be reached within the session timeout
     */
    public static ZooKeeperRecords connect(Connection connection) throws IOException {
        CuratorFrameworkFactory.Builder builder =
                CuratorFrameworkFactory.builder()
                        .connectString(connection.connectString())
                        .sessionTimeoutMs((int) connection.sessionTimeout().toMillis())
                        .connectionTimeoutMs((int) connection.sessionTimeout().toMillis())
                        .retryPolicy(
                                new ExponentialBackoffRetry((int) FIRST_PAUSE.toMillis(), RETRIES))
                        .threadFactory(
                                Thread.ofPlatform()
                                        .daemon()
                                        .name("tributary-curator-", 0)
                                        .factory());
        connection
                .secret()
                .ifPresent(
                        secret ->
                                builder.authorization(
                                                SCHEME,
                                                (USER + secret).getBytes(StandardCharsets.UTF_8))
                                        .aclProvider(new OursOnly()));
        ZooKeeperRecords records = new ZooKeeperRecords(builder.build());
        boolean connected = false;
        try {
            records.start(connection.sessionTimeout());
            connected = true;
            return records;
        } finally {
            if (!connected) {
                records.close();
            }
        }
    }

    /** Nodes belong to whoever made them. */
    private static final class OursOnly implements ACLProvider {
        @Override
        public List<ACL> getDefaultAcl() {
            return ZooDefs.Ids.CREATOR_ALL_ACL;
        }

        @Override
        public List<ACL> getAclForPath(String path) {
            return ZooDefs.Ids.CREATOR_ALL_ACL;
        }
    }

    private void start(Duration timeout) throws IOException {
        client.getConnectionStateListenable().addListener((c, state) -> connectionIs(state));
        client.start();
        call(
                () -> {
                    if (!client.blockUntilConnected(
                            (int) timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                        throw new IOException(
                                "ZooKeeper cannot be reached at "
                                        + client.getZookeeperClient().getCurrentConnectionString());
                    }
                    return true;
                });
        try {
            call(() -> client.create().forPath(ROOT));
        } catch (ConflictException e) {
            LOG.debug("the root is there");
        }
        follow();
    }

    private void connectionIs(ConnectionState state) {
        switch (state) {
            case CONNECTED -> LOG.debug("connected to ZooKeeper");
            case SUSPENDED, LOST, READ_ONLY -> {
                LOG.warn("connection to ZooKeeper state={}", state);
                following = false;
                tell("/");
            }
            case RECONNECTED ->
                    Thread.ofVirtual()
                            .name("tributary-metadata-follow")
                            .start(
                                    () -> {
                                        try {
                                            follow();
                                        } catch (IOException e) {
                                            LOG.error("cannot follow ZooKeeper's changes", e);
                                        }
                                    });
        }
    }

    /** Sets the watch, then forgets what was known before it. */
    private void follow() throws IOException {
        call(
                () -> {
                    client.watchers()
                            .add()
                            .withMode(AddWatchMode.PERSISTENT_RECURSIVE)
                            .usingWatcher(
                                    (org.apache.zookeeper.Watcher)
                                            event -> {
                                                if (event.getPath() != null) {
                                                    tell(event.getPath().substring(ROOT.length()));
                                                }
                                            })
                            .forPath(ROOT);
                    return true;
                });
        tell("/");
        following = true;
        LOG.debug("following ZooKeeper's changes");
    }

    private void tell(String path) {
        listeners.forEach(listener -> listener.accept(path));
    }

    @Override
    public Optional<VersionedRecord> read(String path) throws IOException {
        Stat stat = new Stat();
        try {
            byte[] value = call(() -> client.getData().storingStatIn(stat).forPath(ROOT + path));
            return Optional.of(new VersionedRecord(value, stat.getVersion()));
        } catch (ConflictException e) {
            return Optional.empty();
        }
    }

    @Override
    public List<String> children(String path) throws IOException {
        try {
            String node = path.equals("/") ? ROOT : ROOT + path;
            return call(() -> client.getChildren().forPath(node)).stream().sorted().toList();
        } catch (ConflictException e) {
            return List.of();
        }
    }

    @Override
    public void readTree(String path, Visitor visitor) throws IOException {
        readAll(List.of(path), visitor);
    }

    /** A record with children. */
    private record Parent(String path, int children) {}

    private void readAll(List<String> paths, Visitor visitor) throws IOException {
        for (int from = 0; from < paths.size(); from += READ_AT_ONCE) {
            List<String> some = paths.subList(from, Math.min(paths.size(), from + READ_AT_ONCE));
            List<OpResult> results = ask(some, Op::getData);
            List<Parent> parents = new ArrayList<>();
            for (int i = 0; i < some.size(); i++) {
                if (results.get(i) instanceof OpResult.GetDataResult found) {
                    visitor.record(some.get(i), found.getData());
                    if (found.getStat().getNumChildren() > 0) {
                        parents.add(new Parent(some.get(i), found.getStat().getNumChildren()));
                    }
                }
            }
            readBelow(parents, visitor);
        }
    }

    /** Lists together as many as give a listing of bounded length. */
    private void readBelow(List<Parent> parents, Visitor visitor) throws IOException {
        for (int next = 0; next < parents.size(); ) {
            List<String> some = new ArrayList<>();
            int names = 0;
            do {
                some.add(parents.get(next).path());
                names += parents.get(next).children();
                next++;
            } while (next < parents.size()
                    && names + parents.get(next).children() <= LISTED_AT_ONCE);
            List<OpResult> results = ask(some, Op::getChildren);
            List<String> below = new ArrayList<>();
            for (int i = 0; i < some.size(); i++) {
                if (results.get(i) instanceof OpResult.GetChildrenResult found) {
                    String parent = some.get(i) + "/";
                    found.getChildren().forEach(name -> below.add(parent + name));
                }
            }
            readAll(below, visitor);
        }
    }

    /** Reads many in one request; what is not there is an error among the results. */
    private List<OpResult> ask(List<String> paths, Function<String, Op> read) throws IOException {
        List<Op> reads = paths.stream().map(path -> read.apply(ROOT + path)).toList();
        List<OpResult> results =
                call(() -> client.getZookeeperClient().getZooKeeper().multi(reads));
        for (int i = 0; i < paths.size(); i++) {
            if (results.get(i) instanceof OpResult.ErrorResult e
                    && e.getErr() != KeeperException.Code.NONODE.intValue()) {
                throw new IOException("ZooKeeper did not read " + paths.get(i) + " as asked");
            }
        }
        return results;
    }

    @Override
    public boolean apply(List<Change> changes) throws IOException {
        try {
            call(
                    () -> {
                        List<CuratorOp> operations = new ArrayList<>();
                        for (Change change : changes) {
                            operations.add(operation(change));
                        }
                        return client.transaction().forOperations(operations);
                    });
        } catch (ConflictException e) {
            return false;
        }
        changes.forEach(change -> tell(change.path()));
        return true;
    }

    private CuratorOp operation(Change change) throws Exception {
        String path = ROOT + change.path();
        return switch (change) {
            case Change.Create c -> client.transactionOp().create().forPath(path, c.value());
            case Change.Replace c ->
                    client.transactionOp()
                            .setData()
                            .withVersion(c.version())
                            .forPath(path, c.value());
            case Change.Delete c -> client.transactionOp().delete().forPath(path);
        };
    }

    @Override
    public boolean following() {
        return following;
    }

    @Override
    public void onChange(Consumer<String> listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
        following = false;
        client.close();
    }

    private interface Call<T> {
        T run() throws Exception;
    }

    /** The tree is not as a change or a read needed it. */
    private static final class ConflictException extends IOException {
        private static final long serialVersionUID = 1L;

        ConflictException(KeeperException cause) {
            super(cause);
        }
    }

    @SuppressWarnings("CatchingUnchecked") // Curator declares Exception on every call
    private static <T> T call(Call<T> call) throws IOException {
        try {
            return call.run();
        } catch (KeeperException.NoNodeException
                | KeeperException.NodeExistsException
                | KeeperException.BadVersionException
                | KeeperException.NotEmptyException e) {
            throw new ConflictException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while asking ZooKeeper");
        } catch (CuratorClosedException e) {
            throw new IOException("the metadata is closed", e);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("ZooKeeper: " + e.getMessage(), e);
        }
    }
}
