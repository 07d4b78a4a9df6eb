package io.tributary.bench.storage;

import io.tributary.bench.storage.LocalNode.Settings;
import io.tributary.log.FileLedgerStore;
import io.tributary.log.LedgerStore;
import io.tributary.storage.PartitionSettings.Codec;
import io.tributary.storage.object.DirectoryObjectStore;
import io.tributary.storage.object.RequestKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** Requests to the object store in an hour of many partitions with little to say. */
final class ThinPartitions {
    private static final int PARTITIONS = 10_000;
    private static final int MINUTES = 60;
    private static final Duration FLUSH_AGE = Duration.ofMinutes(5);

    private final Figures figures;

    ThinPartitions(Figures figures) {
        this.figures = figures;
    }

    void run(Path folder) throws IOException {
        AtomicReference<Instant> now = new AtomicReference<>(InstantSource.system().instant());
        try (LedgerStore ledgers =
                        new FileLedgerStore(
                                folder.resolve("ledgers"), Thread.ofPlatform().daemon().factory());
                LocalNode node =
                        new LocalNode(
                                folder,
                                ledgers,
                                new DirectoryObjectStore(folder.resolve("store")),
                                now::get,
                                new Settings(64 << 20, FLUSH_AGE, 1 << 30, Codec.ZSTD))) {
            for (int minute = 1; minute <= MINUTES; minute++) {
                Load.fill(node, new Load.Shape(1, 256, PARTITIONS, 4_096), PARTITIONS);
                now.updateAndGet(time -> time.plus(Duration.ofMinutes(1)));
                if (minute % FLUSH_AGE.toMinutes() == 0) {
                    node.shards().flush();
                    System.err.printf("thin: minute %d of %d%n", minute, MINUTES);
                }
            }
            figures.line(
                    "%nAn hour of %,d partitions with a record of 256 B a minute each: %,d PUTs,"
                            + " %,d DELETEs, %,d GETs, %,d objects left.",
                    PARTITIONS,
                    node.requests(RequestKind.PUT),
                    node.requests(RequestKind.DELETE),
                    node.requests(RequestKind.GET),
                    node.shards().stats().getFirst().counts().objects());
        }
    }
}
