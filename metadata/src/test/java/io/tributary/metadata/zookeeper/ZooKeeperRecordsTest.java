package io.tributary.metadata.zookeeper;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.metadata.record.Change;
import io.tributary.metadata.record.VersionedRecords;
import io.tributary.metadata.record.VersionedRecordsContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZooKeeperRecordsTest extends VersionedRecordsContract {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @TempDir Path folder;
    private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(3);
    private EmbeddedZooKeeper server;
    private ZooKeeperRecords records;

    @BeforeEach
    void start() throws Exception {
        server = new EmbeddedZooKeeper(folder, random);
        records = connect(Optional.of(server.secret()));
        records.apply(List.of(new Change.Create("/test", new byte[0])));
    }

    @AfterEach
    void stop() throws Exception {
        records.close();
        server.close();
    }

    private ZooKeeperRecords connect(Optional<String> secret) throws IOException {
        return ZooKeeperRecords.connect(
                new ZooKeeperRecords.Connection(server.connectString(), secret, TIMEOUT));
    }

    @Override
    protected VersionedRecords records() {
        return records;
    }

    @Test
    void recordsSurviveARestart() throws Exception {
        records.apply(List.of(new Change.Create("/test/kept", new byte[] {7})));
        stop();
        server = new EmbeddedZooKeeper(folder, random);
        records = connect(Optional.of(server.secret()));
        assertEquals(7, records.read("/test/kept").orElseThrow().value()[0]);
    }

    @Test
    void changeOfAnotherClientIsHeard() throws Exception {
        try (ZooKeeperRecords other = connect(Optional.of(server.secret()))) {
            java.util.List<String> heard = new java.util.concurrent.CopyOnWriteArrayList<>();
            records.onChange(heard::add);
            other.apply(List.of(new Change.Create("/test/other", new byte[0])));
            await().atMost(Duration.ofSeconds(1)).until(() -> heard.contains("/test/other"));
        }
    }

    @Test
    void clientWithoutTheSecretReadsNothing() throws Exception {
        assertThrows(
                IOException.class,
                () -> {
                    try (ZooKeeperRecords stranger = connect(Optional.of("wrong"))) {
                        stranger.read("/test");
                    }
                });
        assertEquals(
                PosixFilePermissions.fromString("rw-------"),
                Files.getPosixFilePermissions(folder.resolve("secret")));
    }

    @Test
    void nothingIsBelievedWhileTheServerIsAway() throws Exception {
        assertTrue(records.following());
        server.close();
        await().until(() -> !records.following());
    }

    private boolean onDisk(String text) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(text)) {
                    return true;
                }
            }
            return false;
        }
    }

    @Test
    void deletedAndOverwrittenValuesLeaveTheDiskAndTheRestStays() throws Exception {
        byte[] deleted = "deleted-value".getBytes(StandardCharsets.US_ASCII);
        byte[] old = "old-value".getBytes(StandardCharsets.US_ASCII);
        byte[] kept = "kept-value".getBytes(StandardCharsets.US_ASCII);
        records.apply(
                List.of(
                        new Change.Create("/test/deleted", deleted),
                        new Change.Create("/test/kept", old)));
        server.forgetDeleted();
        int version = records.read("/test/kept").orElseThrow().version();
        records.apply(
                List.of(
                        new Change.Delete("/test/deleted"),
                        new Change.Replace("/test/kept", kept, version)));
        assertTrue(onDisk("deleted-value") && onDisk("old-value"));

        server.forgetDeleted();
        assertFalse(onDisk("deleted-value") || onDisk("old-value"));
        assertTrue(onDisk("kept-value"));

        records.apply(List.of(new Change.Create("/test/later", new byte[] {9})));
        stop();
        server = new EmbeddedZooKeeper(folder, random);
        records = connect(Optional.of(server.secret()));
        assertArrayEquals(kept, records.read("/test/kept").orElseThrow().value());
        assertArrayEquals(new byte[] {9}, records.read("/test/later").orElseThrow().value());
        assertEquals(Optional.empty(), records.read("/test/deleted"));
    }

    private long files(String kind) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(kind + "."))
                    .count();
        }
    }

    @Test
    void startsReplayTheLogAndKeepItShortHoweverManyThereAre() throws Exception {
        int starts = 0;
        for (long snapshots = files("snapshot"); snapshots == 1; snapshots = files("snapshot")) {
            records.apply(List.of(new Change.Create("/test/" + starts, new byte[0])));
            stop();
            server = new EmbeddedZooKeeper(folder, random);
            records = connect(Optional.of(server.secret()));
            starts++;
            assertEquals(starts, records.children("/test").size());
            assertTrue(files("log") <= 18, "logs to replay");
        }
        assertTrue(starts > 10, starts + " starts without a snapshot");
    }

    @Test
    void treeWithMoreThanAListingTakesIsRead() throws Exception {
        String longName = "n".repeat(240);
        for (int folders = 0; folders < 10; folders++) {
            String parent = "/test/" + folders;
            List<Change> changes = new ArrayList<>();
            changes.add(new Change.Create(parent, new byte[0]));
            for (int i = 0; i < 2_500; i++) {
                changes.add(new Change.Create(parent + "/" + longName + i, new byte[0]));
            }
            assertTrue(records.apply(changes));
        }
        Set<String> read = new HashSet<>();
        records.readTree("/test", (path, value) -> read.add(path));
        assertEquals(1 + 10 + 25_000, read.size());
    }

    @Test
    void closedRecordsFailAsAnyUnreachableOnes() {
        records.close();
        assertThrows(IOException.class, () -> records.read("/test"));
        assertThrows(
                IOException.class,
                () -> records.apply(List.of(new Change.Create("/test/x", new byte[0]))));
    }
}
