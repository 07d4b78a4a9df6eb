package io.tributary.metadata.zookeeper;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.PurgeTxnLog;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;

/**
 * A ZooKeeper server within this process, on a free loopback port, for a service on one machine.
 * Only who can read its secret, kept beside its data, can read the records.
 */
public final class EmbeddedZooKeeper implements AutoCloseable {
    private static final int TICK_MILLIS = 2_000;
    private static final int MAX_CONNECTIONS = 100;
    private static final int KEPT_SNAPSHOTS = 3;
    private static final int SECRET_BYTES = 32;

    static {
        // Settings that ZooKeeper takes from system properties only; small, for one client.
        System.setProperty("zookeeper.preAllocSize", "256");
        System.setProperty("zookeeper.snapCount", "20000");
        System.setProperty("zookeeper.nio.numSelectorThreads", "1");
        System.setProperty("zookeeper.nio.numWorkerThreads", "1");
        System.setProperty("zookeeper.commitProcessor.numWorkerThreads", "1");
        System.setProperty("zookeeper.admin.enableServer", "false");
        System.setProperty("zookeeper.4lw.commands.whitelist", "");
        System.setProperty("zookeeper.jmx.log4j.disable", "true");
    }

    private final FileTxnSnapLog files;
    private final ZooKeeperServer server;
    private final ServerCnxnFactory connections;
    private final String secret;

    /** Starts over the folder, making it where it is missing; blocks until it serves. */
    public EmbeddedZooKeeper(Path directory, RandomGenerator random) throws IOException {
        Files.createDirectories(directory);
        secret = secret(directory.resolve("secret"), random);
        Path log = Files.createDirectories(directory.resolve("log"));
        Path snapshots = Files.createDirectories(directory.resolve("snapshots"));
        PurgeTxnLog.purge(log.toFile(), snapshots.toFile(), KEPT_SNAPSHOTS);
        files = new FileTxnSnapLog(log.toFile(), snapshots.toFile());
        server = new ZooKeeperServer(files, TICK_MILLIS, "");
        connections = new NIOServerCnxnFactory();
        connections.configure(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), MAX_CONNECTIONS);
        try {
            connections.startup(server);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while ZooKeeper started", e);
        }
    }

    public String connectString() {
        return InetAddress.getLoopbackAddress().getHostAddress() + ":" + connections.getLocalPort();
    }

    /** What clients must prove to know. */
    public String secret() {
        return secret;
    }

    private static String secret(Path file, RandomGenerator random) throws IOException {
        if (!Files.exists(file)) {
            byte[] bytes = new byte[SECRET_BYTES];
            random.nextBytes(bytes);
            Path draft = file.resolveSibling("secret.new");
            Files.deleteIfExists(draft);
            Files.createFile(
                    draft,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            Files.writeString(
                    draft, HexFormat.of().formatHex(bytes) + "\n", StandardOpenOption.SYNC);
            Files.move(draft, file);
        }
        return Files.readString(file).strip();
    }

    @Override
    public void close() throws IOException {
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
