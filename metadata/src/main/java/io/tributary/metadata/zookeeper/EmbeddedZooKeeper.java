package io.tributary.metadata.zookeeper;

import io.tributary.kernel.file.DurableFiles;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ZooKeeper server within this process, on a free loopback port, for a service on one machine.
 * Only who can read its secret, kept beside its data, can read the records. What is acknowledged
 * survives a power cut.
 */
public final class EmbeddedZooKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedZooKeeper.class);
    private static final Duration RESTART_PAUSE = Duration.ofMillis(200);
    private static final int ANY_PORT = 0;
    private static final int TICK_MILLIS = 2_000;
    private static final int MAX_CONNECTIONS = 100;
    private static final int SECRET_BYTES = 32;

    /** Changes after which a snapshot is written, at most. */
    private static final int MAX_REPLAYED = 20_000;

    /** A start begins a log; so many may be left to replay. */
    private static final int MAX_LOGS = 16;

    /** No listing and no change is meant to come near: folders are kept small. */
    private static final int MAX_MESSAGE_BYTES = 4 << 20;

    static {
        // Settings that ZooKeeper takes from system properties only; small, for one client.
        System.setProperty("zookeeper.preAllocSize", "256");
        System.setProperty("zookeeper.snapCount", Integer.toString(MAX_REPLAYED));
        System.setProperty("jute.maxbuffer", Integer.toString(MAX_MESSAGE_BYTES));
        System.setProperty("zookeeper.maxResponseCacheSize", "0");
        System.setProperty("zookeeper.maxGetChildrenResponseCacheSize", "0");
        System.setProperty("zookeeper.nio.numSelectorThreads", "1");
        System.setProperty("zookeeper.nio.numWorkerThreads", "1");
        System.setProperty("zookeeper.commitProcessor.numWorkerThreads", "1");
        System.setProperty("zookeeper.admin.enableServer", "false");
        System.setProperty("zookeeper.4lw.commands.whitelist", "");
        System.setProperty("zookeeper.jmx.log4j.disable", "true");
    }

    private final Path directory;
    private final String secret;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final ReentrantLock lifecycle = new ReentrantLock();
    private Running running;
    private OptionalLong rewritten = OptionalLong.empty();

    /** Starts over the folder, making it where it is missing; blocks until it serves. */
    public EmbeddedZooKeeper(Path directory, RandomGenerator random) throws IOException {
        this.directory = directory;
        Files.createDirectories(directory);
        secret = secret(directory.resolve("secret"), random);
        running = start(ANY_PORT);
    }

    /** A server over what the folder holds; what it cannot write to its log ends it. */
    private final class Server extends ZooKeeperServer {
        private Server(FileTxnSnapLog files) {
            super(files, TICK_MILLIS, "");
        }

        /**
         * A start writes a snapshot only where the next one would have much to replay, or none at
         * all to begin with: {@link #forgetDeleted} writes one soon enough.
         */
        @Override
        public File takeSnapshot() throws IOException {
            List<File> newest = getTxnLogFactory().findNValidSnapshots(1);
            return state == State.INITIAL
                            && !newest.isEmpty()
                            && new TransactionFiles(getTxnLogFactory()).logs().size() <= MAX_LOGS
                            && getZxid() - TransactionFiles.zxid(newest.getFirst()) <= MAX_REPLAYED
                    ? newest.getFirst()
                    : super.takeSnapshot();
        }

        /** Nobody asks this server through JMX. */
        @Override
        protected void registerJMX() {}

        @Override
        protected void unregisterJMX() {}

        @Override
        protected void setState(State state) {
            super.setState(state);
            if (state == State.ERROR) {
                Thread.ofPlatform()
                        .daemon()
                        .name("tributary-zookeeper-restart")
                        .start(() -> restart(this));
            }
        }
    }

    private record Running(
            FileTxnSnapLog files, ZooKeeperServer server, ServerCnxnFactory connections) {
        /** Connections first, so that nothing is answered that is not in the log. */
        void stop() throws IOException {
            connections.shutdown();
            try {
                connections.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            server.shutdown(true);
            files.close();
        }
    }

    private Running start(int port) throws IOException {
        Path log = Files.createDirectories(directory.resolve("log"));
        Path snapshots = Files.createDirectories(directory.resolve("snapshots"));
        syncAll(directory);
        FileTxnSnapLog files = new FileTxnSnapLog(log.toFile(), snapshots.toFile());
        TransactionFiles transactions = new TransactionFiles(files);
        transactions.remove(transactions.logs());
        ServerCnxnFactory connections = new NIOServerCnxnFactory();
        connections.configure(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), MAX_CONNECTIONS);
        Running started = new Running(files, new Server(files), connections);
        boolean complete = false;
        try {
            connections.startup(started.server());
            syncAll(directory);
            complete = true;
            return started;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while ZooKeeper started", e);
        } finally {
            if (!complete) {
                started.stop();
            }
        }
    }

    /**
     * After a write that failed nobody knows what of it is on the disk: the server forgets what it
     * has in memory and begins again with what is there. Clients find it under the same port.
     */
    private void restart(ZooKeeperServer failed) {
        lifecycle.lock();
        try {
            if (!running.server().equals(failed)) {
                return;
            }
            int port = running.connections().getLocalPort();
            LOG.error("ZooKeeper cannot write its log, starting it anew port={}", port);
            running.stop();
            while (!closing.await(RESTART_PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    running = start(port);
                    return;
                } catch (IOException e) {
                    LOG.error(
                            "ZooKeeper does not start, will try again pause={}", RESTART_PAUSE, e);
                }
            }
        } catch (IOException e) {
            LOG.error("ZooKeeper does not stop", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lifecycle.unlock();
        }
    }

    /**
     * ZooKeeper syncs its log, but neither its snapshots nor its folders, and does not start with a
     * log and no snapshot. So the one a start makes is durable before there is a change to log, and
     * all of them are before older ones are purged.
     */
    private static void syncAll(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path fileOrFolder : all.toList()) {
                DurableFiles.sync(fileOrFolder);
            }
        }
    }

    public String connectString() {
        lifecycle.lock();
        try {
            return InetAddress.getLoopbackAddress().getHostAddress()
                    + ":"
                    + running.connections().getLocalPort();
        } finally {
            lifecycle.unlock();
        }
    }

    /** What clients must prove to know. */
    public String secret() {
        return secret;
    }

    /**
     * Writes the records as they are now, and removes from the disk what was overwritten or deleted
     * before; nothing where nothing changed since the last time. Blocks, and the records are served
     * meanwhile.
     */
    public void forgetDeleted() throws IOException {
        lifecycle.lock();
        try {
            ZooKeeperServer server = running.server();
            OptionalLong now =
                    OptionalLong.of(server.getZKDatabase().getDataTreeLastProcessedZxid());
            if (!server.isRunning() || now.equals(rewritten)) {
                return;
            }
            TransactionFiles transactions = new TransactionFiles(running.files());
            List<File> before = transactions.logs();
            // From here on the server writes none of these.
            server.getZKDatabase().rollLog();
            server.takeSnapshot(true, false);
            syncAll(directory);
            transactions.remove(before);
            rewritten = now;
        } finally {
            lifecycle.unlock();
        }
    }

    private static String secret(Path file, RandomGenerator random) throws IOException {
        if (!Files.exists(file)) {
            byte[] bytes = new byte[SECRET_BYTES];
            random.nextBytes(bytes);
            DurableFiles.write(file, HexFormat.of().formatHex(bytes) + "\n", "rw-------");
        }
        return Files.readString(file).strip();
    }

    @Override
    public void close() throws IOException {
        closing.countDown();
        lifecycle.lock();
        try {
            running.stop();
        } finally {
            lifecycle.unlock();
        }
    }
}
