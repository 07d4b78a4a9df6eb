package io.tributary.server.restore;

import io.tributary.metadata.directory.Directory;
import io.tributary.metadata.directory.RestoredRecords;
import io.tributary.metadata.record.MemoryRecords;
import io.tributary.metadata.zookeeper.EmbeddedZooKeeper;
import io.tributary.metadata.zookeeper.ZooKeeperRecords;
import io.tributary.server.node.OperatorKeyFile;
import io.tributary.tenant.access.Secrets;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Writes metadata into a data folder that has none. Blocks. */
final class NewFolder {
    private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(20);

    private final Path data;
    private final InstantSource clock;
    private final RandomGenerator random;

    NewFolder(Path data, InstantSource clock, RandomGenerator random) {
        this.data = data;
        this.clock = clock;
        this.random = random;
    }

    /** Writes the records and an operator's key; both are complete and durable, or not there. */
    void write(MemoryRecords records) throws IOException {
        Path draft = data.resolve("metadata.new");
        try (EmbeddedZooKeeper zooKeeper = new EmbeddedZooKeeper(draft, random);
                ZooKeeperRecords written =
                        ZooKeeperRecords.connect(
                                new ZooKeeperRecords.Connection(
                                        zooKeeper.connectString(),
                                        Optional.of(zooKeeper.secret()),
                                        SESSION_TIMEOUT))) {
            RestoredRecords.write(records, written);
            OperatorKeyFile.ensure(
                    data.resolve("operator.key"),
                    new Directory(written, Runnable::run).apiKeys(),
                    new Secrets(random),
                    clock);
        }
        Files.move(draft, data.resolve("metadata"), StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel folder = FileChannel.open(data, StandardOpenOption.READ)) {
            folder.force(true);
        }
    }
}
