package io.tributary.bench.storage;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What the storage below the doors costs, one layer after the other. */
public final class StorageBench {
    private final double seconds;
    private final int rounds;
    private final Figures figures;

    public StorageBench(double seconds, int rounds, PrintStream out) {
        this.seconds = seconds;
        this.rounds = rounds;
        figures = new Figures(out);
    }

    /** A part of the benchmark, in a folder of its own. */
    private interface Part {
        void run(Path folder) throws Exception;
    }

    /** Runs the parts of these names, or all. */
    public void run(List<String> names) throws Exception {
        part("ladder", names, folder -> new Ladder(figures, seconds, rounds).run(folder));
        part("syncs", names, folder -> new SyncSharing(figures, seconds, rounds).run(folder));
        part("cold", names, folder -> new ColdReads(figures, rounds).run(folder));
        part("tail", names, folder -> new TailBesideCatchUp(figures, seconds, rounds).run(folder));
        part("thin", names, folder -> new ThinPartitions(figures).run(folder));
        part("sample", names, folder -> new SampleData(figures).run(folder));
        part("state", names, folder -> new IdlePartitions(figures, rounds).run());
        part("topics", names, folder -> new IdleTopics(figures).run(folder));
    }

    private static void part(String name, List<String> names, Part part) throws Exception {
        if (!names.isEmpty() && !names.contains(name)) {
            return;
        }
        System.err.println("measuring " + name);
        Path folder = Files.createTempDirectory("tributary-bench-" + name);
        try {
            part.run(folder);
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
