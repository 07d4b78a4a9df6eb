package io.tributary.bench.storage;

import io.tributary.bench.storage.LocalNode.Settings;
import io.tributary.log.FileLedgerStore;
import io.tributary.log.LedgerStore;
import io.tributary.storage.PartitionSettings.Codec;
import io.tributary.storage.object.DirectoryObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The same appends with one layer more each time, so that every cost has a name. */
final class Ladder {
    private static final Load.Shape SHAPE = new Load.Shape(100, 1_024, 16, 32);

    private enum Rung {
        MEMORY("append to memory"),
        LEDGER("+ ledger, synced"),
        TIERING("+ tiering"),
        READ_BACK("+ read back");

        private final String title;

        Rung(String title) {
            this.title = title;
        }
    }

    private final Figures figures;
    private final double seconds;
    private final int rounds;

    Ladder(Figures figures, double seconds, int rounds) {
        this.figures = figures;
        this.seconds = seconds;
        this.rounds = rounds;
    }

    void run(Path folder) throws IOException {
        figures.title(
                "Requests of 100 x 1 KiB, 32 at once, 16 partitions",
                "layer",
                "MB/s",
                "records/s",
                "CPU s/GB",
                "p50 ms",
                "p99 ms");
        Map<Rung, List<Load.Result>> results = new EnumMap<>(Rung.class);
        for (Rung rung : Rung.values()) {
            results.put(rung, new ArrayList<>());
            measure(rung, folder.resolve("warm-" + rung), seconds / 2);
        }
        for (int round = 0; round < rounds; round++) {
            for (Rung rung : Rung.values()) {
                results.get(rung).add(measure(rung, folder.resolve(rung + "-" + round), seconds));
            }
        }
        for (Rung rung : Rung.values()) {
            row(rung.title, results.get(rung));
        }
    }

    private void row(String title, List<Load.Result> runs) {
        figures.row(
                title,
                Figures.spread(runs, Load.Result::megabytesPerSecond, "%.0f"),
                Figures.spread(runs, Load.Result::recordsPerSecond, "%,.0f"),
                Figures.spread(runs, Load.Result::cpuSecondsPerGigabyte, "%.2f"),
                Figures.spread(runs, r -> Figures.millis(r.nanos(), 0.5), "%.1f"),
                Figures.spread(runs, r -> Figures.millis(r.nanos(), 0.99), "%.1f"));
    }

    private static Load.Result measure(Rung rung, Path folder, double seconds) throws IOException {
        Files.createDirectories(folder);
        try (LedgerStore ledgers =
                        rung == Rung.MEMORY
                                ? new NoLedgers()
                                : new FileLedgerStore(
                                        folder.resolve("ledgers"),
                                        Thread.ofPlatform().daemon().factory());
                LocalNode node =
                        new LocalNode(
                                folder,
                                ledgers,
                                new DirectoryObjectStore(folder.resolve("store")),
                                InstantSource.system(),
                                rung.compareTo(Rung.TIERING) < 0
                                        ? Settings.NO_TIERING
                                        : new Settings(
                                                64 << 20,
                                                Duration.ofMinutes(5),
                                                1 << 30,
                                                Codec.NONE))) {
            Load.Result appended = Load.run(node, SHAPE, seconds);
            return rung == Rung.READ_BACK ? readBack(node, appended) : appended;
        }
    }

    /** Reads all of it in order, and counts that in. */
    private static Load.Result readBack(LocalNode node, Load.Result appended) throws IOException {
        double cpu = Load.cpuSeconds();
        long begin = System.nanoTime();
        for (int i = 0; i < SHAPE.partitions(); i++) {
            Consumer.readAll(node.shard(), LocalNode.partition(i), 0);
        }
        return new Load.Result(
                appended.seconds() + (System.nanoTime() - begin) / 1e9,
                appended.records(),
                appended.bytes(),
                appended.cpuSeconds() + Load.cpuSeconds() - cpu,
                appended.nanos());
    }
}
