package io.tributary.ingest.produce;

import io.tributary.ingest.json.IncomingRecord;
import io.tributary.ingest.json.Parsed;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.id.ShardId;
import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendOutcome.Appended;
import io.tributary.storage.AppendOutcome.PartOffsets;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.AppendRequest.Part;
import io.tributary.storage.AppendRequest.RetryTag;
import io.tributary.storage.NewRecord;
import io.tributary.storage.ShardUnavailableException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Records that came together, in their order: sent to their shards together, reported together.
 * Used on one event loop, except that answers come from elsewhere.
 */
final class Turn {
    /** A turn takes no more records beyond this. */
    static final long MAX_BYTES = 2 << 20;

    private final Target target;
    private final List<Slot> slots = new ArrayList<>();
    private final Map<Integer, Lane> lanes = new LinkedHashMap<>();
    private long bytes;
    private int waiting;
    private boolean replayed = true;

    Turn(Target target) {
        this.target = target;
    }

    /** What became, or will become, of one record. */
    sealed interface Slot {
        /** It was not taken. */
        record Refused(Problem problem) implements Slot {}

        /** It is the n-th record of a lane. */
        record Placed(IncomingRecord record, Lane lane, int n) implements Slot {}
    }

    /** The turn's records of one partition. */
    static final class Lane {
        private final int partition;
        private final List<NewRecord> records = new ArrayList<>();
        private Optional<PartOffsets> offsets = Optional.empty();
        private Optional<Problem> problem = Optional.empty();

        private Lane(int partition) {
            this.partition = partition;
        }

        int partition() {
            return partition;
        }

        PartOffsets offsets() {
            return offsets.orElseThrow();
        }

        Optional<Problem> problem() {
            return problem;
        }
    }

    void add(Parsed parsed) {
        switch (parsed) {
            case Parsed.Bad bad -> slots.add(new Slot.Refused(bad.problem()));
            case Parsed.Good good -> {
                Optional<Problem> refusal = target.refusal(good.record());
                if (refusal.isPresent()) {
                    slots.add(new Slot.Refused(refusal.get()));
                } else {
                    Lane lane = lanes.computeIfAbsent(target.partition(good.record()), Lane::new);
                    slots.add(new Slot.Placed(good.record(), lane, lane.records.size()));
                    lane.records.add(good.record().record());
                    bytes += good.record().record().sizeBytes();
                }
            }
        }
    }

    void refuse(Problem problem) {
        slots.add(new Slot.Refused(problem));
    }

    /** Where its records went, as the topic's settings were then. */
    Target target() {
        return target;
    }

    List<Slot> slots() {
        return slots;
    }

    boolean isEmpty() {
        return slots.isEmpty();
    }

    /** What its records take, about. */
    long bytes() {
        return bytes;
    }

    boolean full() {
        return bytes >= MAX_BYTES;
    }

    /** Whether every record is the repetition of one that is there. */
    boolean replayed() {
        return replayed && !lanes.isEmpty();
    }

    boolean done() {
        return waiting == 0;
    }

    /**
     * Sends the records to their shards.
     *
     * @param ordinals how many records of the request each partition got before, brought up to date
     * @param answered runs the given task where this turn is used; called once for each shard
     */
    void send(long fingerprint, Map<Integer, Long> ordinals, Consumer<Runnable> answered) {
        Map<ShardId, List<Lane>> shards = new LinkedHashMap<>();
        for (Lane lane : lanes.values()) {
            shards.computeIfAbsent(target.topic().shard(lane.partition), s -> new ArrayList<>(1))
                    .add(lane);
        }
        waiting = shards.size();
        shards.forEach(
                (shard, itsLanes) -> {
                    AppendRequest request = request(itsLanes, fingerprint, ordinals);
                    Consumer<AppendOutcome> answer =
                            outcome -> answered.accept(() -> settle(itsLanes, outcome));
                    if (target.discard()) {
                        settle(itsLanes, dropped(itsLanes));
                        return;
                    }
                    try {
                        target.node().shards().shard(shard).append(request, answer);
                    } catch (ShardUnavailableException e) {
                        settle(itsLanes, Outcomes.noShard());
                    }
                });
    }

    private AppendRequest request(
            List<Lane> itsLanes, long fingerprint, Map<Integer, Long> ordinals) {
        List<Part> parts = new ArrayList<>(itsLanes.size());
        for (Lane lane : itsLanes) {
            long first = 0;
            if (target.retry().isPresent()) {
                first = ordinals.getOrDefault(lane.partition, 0L);
                ordinals.put(lane.partition, first + lane.records.size());
            }
            parts.add(
                    new Part(
                            target.topic().partition(lane.partition),
                            target.settings(),
                            lane.records,
                            first));
        }
        return new AppendRequest(
                target.topic().tenant(),
                parts,
                target.retry().map(key -> new RetryTag(key.id(), fingerprint)));
    }

    private AppendOutcome dropped(List<Lane> itsLanes) {
        List<PartOffsets> parts = new ArrayList<>(itsLanes.size());
        for (Lane lane : itsLanes) {
            parts.add(
                    new PartOffsets(
                            List.of(new AppendOutcome.OffsetRun(0, lane.records.size())),
                            target.node().clock().millis()));
        }
        return new Appended(parts, false);
    }

    private void settle(List<Lane> itsLanes, AppendOutcome outcome) {
        if (outcome instanceof Appended appended) {
            for (int i = 0; i < itsLanes.size(); i++) {
                itsLanes.get(i).offsets = Optional.of(appended.parts().get(i));
            }
            replayed &= appended.replayed();
            int count = itsLanes.stream().mapToInt(lane -> lane.records.size()).sum();
            target.node().metrics().produced(count, bytes * count / slots.size());
        } else {
            Problem problem = Outcomes.problem(outcome);
            itsLanes.forEach(lane -> lane.problem = Optional.of(problem));
            replayed = false;
            target.node().metrics().refused(problem.status());
        }
        waiting--;
    }
}
