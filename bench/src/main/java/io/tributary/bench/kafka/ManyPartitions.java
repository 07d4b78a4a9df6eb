package io.tributary.bench.kafka;

import io.tributary.bench.kafka.Contender.Kind;
import io.tributary.testkit.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** One contender with many partitions, a record in each: memory, time to start, time to write. */
final class ManyPartitions {
    private static final int PER_TOPIC = 100;
    private static final String PREFIX = "many-";
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Report report;
    private final Kind kind;
    private final int topics;
    private final String what;

    ManyPartitions(Report report, Kind kind, int partitions) {
        this.report = report;
        this.kind = kind;
        topics = partitions / PER_TOPIC;
        what = String.format(Locale.ROOT, "%,d partitions", partitions);
    }

    private void add(String measure, double value) {
        report.add(what, measure, kind, value);
    }

    void run(Path folder) throws IOException {
        KafkaBench.progress(what + ": " + kind.title());
        Machine.settle();
        try (Contender contender = kind.start(folder)) {
            Clients clients = new Clients(contender.address());
            add("resident MiB before", Machine.residentMebibytes(contender.pid()));
            add("seconds to make them", clients.run("create", PREFIX, topics, PER_TOPIC)[0]);
            add("s for a record in each", clients.run("spread", PREFIX, topics, PER_TOPIC)[0]);
            add("s for another in each", clients.run("spread", PREFIX, topics, PER_TOPIC)[0]);
            add("resident MiB", Machine.residentMebibytes(contender.pid()));
            contender.stop();
            KafkaBench.progress(what + ": " + kind.title() + " starts again");
            try (Program client = clients.start("served", PREFIX + 0)) {
                client.awaitLine("ready", PATIENCE);
                long begin = System.currentTimeMillis();
                contender.start();
                long served = Long.parseLong(client.result(PATIENCE).getLast());
                add("s from start to a record stored", (served - begin) / 1e3);
            }
            add("resident MiB after start", Machine.residentMebibytes(contender.pid()));
        }
    }
}
