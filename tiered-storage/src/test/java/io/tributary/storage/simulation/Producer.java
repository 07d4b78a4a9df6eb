package io.tributary.storage.simulation;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendOutcome.Appended;
import io.tributary.storage.AppendOutcome.PartRun;
import io.tributary.storage.AppendOutcome.Reason;
import io.tributary.storage.AppendOutcome.Refused;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.AppendRequest.Part;
import io.tributary.storage.AppendRequest.RetryTag;
import io.tributary.storage.NewRecord;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.Tries;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A client that appends one request after the other; with a retry tag until it has an answer. */
final class Producer {
    private static final int LONGEST_PAUSE_MILLIS = 400;
    private static final int RETRY_MILLIS = 200;
    private static final int MOST_PARTS = 3;
    private static final int MOST_RECORDS = 5;

    private final Universe universe;
    private final String name;
    private long number;
    private boolean over;

    Producer(Universe universe, String name) {
        this.universe = universe;
        this.name = name;
    }

    void finish() {
        over = true;
    }

    void run() {
        while (!over) {
            universe.machine.pause(
                    universe.machine.random().nextInt(LONGEST_PAUSE_MILLIS), universe.clients);
            List<PartitionId> partitions = universe.partitions();
            Collections.shuffle(partitions, java.util.Random.from(universe.machine.random()));
            send(
                    partitions.subList(
                            0,
                            Math.min(
                                    partitions.size(),
                                    1 + universe.machine.random().nextInt(MOST_PARTS))));
        }
    }

    /** Appends something to each; true when it was acknowledged. */
    boolean send(List<PartitionId> partitions) {
        boolean tagged = universe.machine.random().nextBoolean();
        List<Part> parts = new ArrayList<>();
        for (PartitionId partition : partitions) {
            PartitionSettings settings = universe.topics.get(partition.topic());
            if (settings != null) {
                List<NewRecord> records = records(settings.compaction().isPresent());
                parts.add(
                        tagged
                                ? Tries.whole(partition, settings, records)
                                : new Part(partition, settings, records));
            }
        }
        if (parts.isEmpty()) {
            return false;
        }
        AppendRequest request =
                new AppendRequest(
                        Universe.TENANT,
                        parts,
                        tagged
                                ? Optional.of(
                                        new RetryTag(new UUID(name.hashCode(), number), number))
                                : Optional.empty());
        while (true) {
            Optional<AppendOutcome> outcome = universe.answer(universe.current().append(request));
            if (outcome.isPresent() && outcome.get() instanceof Appended appended) {
                acknowledged(request, appended);
                return true;
            }
            boolean refused = outcome.isPresent() && outcome.get() instanceof Refused;
            if (refused && ((Refused) outcome.get()).reason() == Reason.PARTITION_GONE) {
                return false;
            }
            if (over || !(tagged || refused)) {
                return false;
            }
            universe.machine.pause(RETRY_MILLIS, universe.clients);
        }
    }

    private List<NewRecord> records(boolean keyed) {
        List<NewRecord> records = new ArrayList<>();
        int count = 1 + universe.machine.random().nextInt(MOST_RECORDS);
        for (int i = 0; i < count; i++) {
            String value = name + ":" + number++ + ":";
            byte[] key =
                    keyed
                            ? History.key(value.substring(0, value.length() - 1))
                                    .getBytes(StandardCharsets.UTF_8)
                            : null;
            if (universe.machine.oneIn(8)) {
                value += "x".repeat(universe.machine.random().nextInt(3_000));
            }
            records.add(
                    new NewRecord(
                            NewRecord.NO_TIMESTAMP,
                            key,
                            value.getBytes(StandardCharsets.UTF_8),
                            List.of()));
        }
        return records;
    }

    private void acknowledged(AppendRequest request, Appended appended) {
        for (int i = 0; i < request.parts().size(); i++) {
            Part part = request.parts().get(i);
            for (int n = 0; n < part.records().size(); n++) {
                PartRun run = appended.parts().get(i).find(n).orElseThrow();
                universe.history.acknowledged(
                        part.partition(),
                        run.offsetOf(n),
                        new History.Known(
                                Reader.name(part.records().get(n).value()),
                                run.appendedAtMillis()));
            }
        }
    }
}
