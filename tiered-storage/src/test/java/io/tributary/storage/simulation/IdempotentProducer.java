package io.tributary.storage.simulation;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.AppendOutcome.Reason;
import io.tributary.storage.AppendOutcome.Refused;
import io.tributary.storage.BatchOutcome;
import io.tributary.storage.BatchOutcome.Invalid;
import io.tributary.storage.BatchOutcome.Stored;
import io.tributary.storage.BatchRequest;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.batch.ClientBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * An idempotent Kafka client: up to five batches under way in a partition, sent again in their
 * order, whatever failed, until each has an answer.
 */
final class IdempotentProducer {
    private static final int LONGEST_PAUSE_MILLIS = 400;
    private static final int LONGEST_RETRY_MILLIS = 2_000;

    /** One answer of so many is lost on its way. */
    private static final int LOST_ANSWERS = 4;

    private static final int MOST_UNDER_WAY = 5;
    private static final int MOST_RECORDS = 4;

    private record Batch(int sequence, long timestampMillis, List<String> values) {}

    private final Universe universe;
    private final String name;
    private final long id;
    private final Map<PartitionId, Integer> sequences = new HashMap<>();

    /** Where batches are left whose fate is unknown: none may follow them. */
    private final Set<PartitionId> broken = new HashSet<>();

    private int epoch;
    private long number;
    private boolean over;

    IdempotentProducer(Universe universe, long id) {
        this.universe = universe;
        this.id = id;
        name = "i" + id;
    }

    void finish() {
        over = true;
    }

    void run() {
        while (!over) {
            universe.machine.pause(
                    universe.machine.random().nextInt(LONGEST_PAUSE_MILLIS), universe.clients);
            List<PartitionId> partitions = universe.partitions();
            PartitionId partition =
                    partitions.get(universe.machine.random().nextInt(partitions.size()));
            PartitionSettings settings = universe.topics.get(partition.topic());
            if (settings != null && !broken.contains(partition)) {
                send(partition, settings, batches(partition));
            }
            if (universe.machine.oneIn(10)) {
                epoch++;
                sequences.clear();
                broken.clear();
            }
        }
    }

    private List<Batch> batches(PartitionId partition) {
        List<Batch> batches = new ArrayList<>();
        int sequence = sequences.getOrDefault(partition, 0);
        // Nothing follows the first before that has an answer: any sequence may begin.
        int count = sequence == 0 ? 1 : 1 + universe.machine.random().nextInt(MOST_UNDER_WAY);
        for (int i = 0; i < count; i++) {
            List<String> values = new ArrayList<>();
            for (int n = universe.machine.random().nextInt(MOST_RECORDS); n >= 0; n--) {
                values.add(name + ":" + number++ + ":");
            }
            batches.add(new Batch(sequence, universe.machine.nowMillis(), values));
            sequence += values.size();
        }
        sequences.put(partition, sequence);
        return batches;
    }

    private void send(PartitionId partition, PartitionSettings settings, List<Batch> batches) {
        List<Batch> left = new ArrayList<>(batches);
        while (!left.isEmpty()) {
            SimulatedNode node = universe.current();
            List<CompletableFuture<List<BatchOutcome>>> sent =
                    node.append(
                            left.stream()
                                    .map(
                                            batch ->
                                                    new BatchRequest.Part(
                                                            partition, settings, bytes(batch)))
                                    .map(part -> new BatchRequest(List.of(part)))
                                    .toList());
            List<Batch> unanswered = new ArrayList<>();
            for (int i = 0; i < left.size(); i++) {
                Optional<BatchOutcome> outcome = universe.answer(sent.get(i)).map(List::getFirst);
                if (outcome.isPresent() && outcome.get() instanceof Stored stored) {
                    acknowledged(partition, left.get(i), stored);
                    if (universe.machine.oneIn(LOST_ANSWERS)) {
                        unanswered.add(left.get(i));
                    }
                    continue;
                }
                if (outcome.isPresent()
                        && outcome.get() instanceof Refused refused
                        && refused.reason() == Reason.PARTITION_GONE) {
                    return;
                }
                // One that nobody follows any more may know less than its successor.
                if (outcome.isPresent()
                        && outcome.get() instanceof Invalid invalid
                        && unanswered.isEmpty()
                        && node.equals(universe.current())) {
                    universe.machine.fail(new AssertionError(partition + " refused " + invalid));
                }
                unanswered.add(left.get(i));
            }
            left = unanswered;
            if (!left.isEmpty() && over) {
                broken.add(partition);
                return;
            }
            if (!left.isEmpty()) {
                universe.machine.pause(
                        universe.machine.random().nextInt(LONGEST_RETRY_MILLIS), universe.clients);
            }
        }
    }

    private ByteBuffer bytes(Batch batch) {
        return ClientBatch.of(id, epoch, batch.sequence(), batch.timestampMillis())
                .values(batch.values().toArray(String[]::new));
    }

    private void acknowledged(PartitionId partition, Batch batch, Stored stored) {
        for (int n = 0; n < batch.values().size(); n++) {
            String value = batch.values().get(n);
            universe.history.acknowledged(
                    partition,
                    stored.baseOffset() + n,
                    new History.Known(
                            value.substring(0, value.length() - 1), batch.timestampMillis()));
        }
    }
}
