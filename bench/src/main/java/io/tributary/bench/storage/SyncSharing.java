package io.tributary.bench.storage;

import io.tributary.bench.storage.LocalNode.Settings;
import io.tributary.log.FileLedgerStore;
import io.tributary.log.LedgerStore;
import io.tributary.storage.object.DirectoryObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Single records to few and to many partitions: they share log entries and syncs all the same. */
final class SyncSharing {
    private static final int[] PARTITIONS = {1, 100, 10_000};

    private final Figures figures;
    private final double seconds;
    private final int rounds;

    SyncSharing(Figures figures, double seconds, int rounds) {
        this.figures = figures;
        this.seconds = seconds;
        this.rounds = rounds;
    }

    private record Result(Load.Result load, double recordsPerEntry) {}

    void run(Path folder) throws IOException {
        figures.title(
                "Requests of 1 x 128 B, 1,000 at once, synced",
                "partitions",
                "records/s",
                "records an entry (at most one sync each)",
                "CPU s per million",
                "p99 ms");
        List<List<Result>> results = new ArrayList<>();
        for (int partitions : PARTITIONS) {
            results.add(new ArrayList<>());
            measure(partitions, folder.resolve("warm-" + partitions), seconds / 2);
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < PARTITIONS.length; i++) {
                Path at = folder.resolve(PARTITIONS[i] + "-" + round);
                results.get(i).add(measure(PARTITIONS[i], at, seconds));
            }
        }
        for (int i = 0; i < PARTITIONS.length; i++) {
            List<Result> runs = results.get(i);
            figures.row(
                    String.format(java.util.Locale.ROOT, "%,d", PARTITIONS[i]),
                    Figures.spread(runs, r -> r.load().recordsPerSecond(), "%,.0f"),
                    Figures.spread(runs, Result::recordsPerEntry, "%.0f"),
                    Figures.spread(
                            runs, r -> r.load().cpuSeconds() * 1e6 / r.load().records(), "%.1f"),
                    Figures.spread(runs, r -> Figures.millis(r.load().nanos(), 0.99), "%.1f"));
        }
    }

    private static Result measure(int partitions, Path folder, double seconds) throws IOException {
        Files.createDirectories(folder);
        try (LedgerStore files =
                        new FileLedgerStore(
                                folder.resolve("ledgers"), Thread.ofPlatform().daemon().factory());
                CountedLedgers ledgers = new CountedLedgers(files);
                LocalNode node =
                        new LocalNode(
                                folder,
                                ledgers,
                                new DirectoryObjectStore(folder.resolve("store")),
                                InstantSource.system(),
                                Settings.NO_TIERING)) {
            Load.Result load = Load.run(node, new Load.Shape(1, 128, partitions, 1_000), seconds);
            return new Result(load, (double) load.records() / ledgers.entries());
        }
    }
}
