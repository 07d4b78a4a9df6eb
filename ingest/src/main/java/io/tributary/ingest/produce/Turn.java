package io.tributary.ingest.produce;

import io.tributary.ingest.json.IncomingRecord;
import io.tributary.ingest.json.Parsed;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.id.ShardId;
import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendOutcome.Appended;
import io.tributary.storage.AppendOutcome.PartOffsets;
import io.tributary.storage.AppendOutcome.PartRun;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.AppendRequest.Ordinals;
import io.tributary.storage.AppendRequest.Part;
import io.tributary.storage.AppendRequest.RetryTag;
import io.tributary.storage.AppendRequest.Sent;
import io.tributary.storage.NewRecord;
import io.tributary.storage.ShardUnavailableException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Records that came together, in their order: sent to their shards together, reported together.
 * Used on one event loop, except that answers come from elsewhere.
 */
final class Turn {
    /** A turn takes no more records beyond this. */
    static final long MAX_BYTES = 2 << 20;

    private final Target target;
    private final Numbering numbering;
    private final List<Slot> slots = new ArrayList<>();
    private final Map<Integer, Lane> lanes = new LinkedHashMap<>();
    private long bytes;
    private int waiting;
    private boolean replayed = true;

    Turn(Target target, Numbering numbering) {
        this.target = target;
        this.numbering = numbering;
    }

    /** What became, or will become, of one record. */
    sealed interface Slot {
        /** It was not taken. */
        record Refused(Problem problem) implements Slot {}

        /**
         * It is the n-th record of a lane.
         *
         * @param number its number in the request, from 1
         * @param refusal why it is not taken now, although an earlier try may have stored it
         */
        record Placed(
                IncomingRecord record, Lane lane, int n, long number, Optional<Problem> refusal)
                implements Slot {
            /** Where it lies; empty when {@link #problem} says why it does not. */
            Optional<PartRun> stored() {
                return lane.offsets.flatMap(offsets -> offsets.find(n));
            }

            Optional<Problem> problem() {
                if (lane.problem.isPresent()) {
                    return lane.problem;
                }
                PartOffsets offsets = lane.offsets.orElseThrow();
                return n >= offsets.same() ? lane.difference : refusal;
            }
        }
    }

    /** The turn's records of one partition. */
    static final class Lane {
        private final int partition;
        private final Numbering.InPartition numbers;
        private final long first;
        private final int before;
        private final Sent after;
        private final IntStream.Builder taken = IntStream.builder();
        private final IntStream.Builder hashes = IntStream.builder();
        private final List<NewRecord> records = new ArrayList<>();
        private int count;
        private Optional<PartOffsets> offsets = Optional.empty();
        private Optional<Problem> problem = Optional.empty();
        private Optional<Problem> difference = Optional.empty();

        private Lane(int partition, Numbering.InPartition numbers) {
            this.partition = partition;
            this.numbers = numbers;
            first = numbers.count();
            before = numbers.hash();
            after = numbers.sent();
        }

        int partition() {
            return partition;
        }

        /** Adds a record without a place among retries; returns its number here. */
        private int add(NewRecord record) {
            records.add(record);
            return count++;
        }

        /** Adds a record that has a place among retries also where it is not taken. */
        private int add(NewRecord record, boolean isTaken) {
            numbers.add(record, isTaken);
            hashes.add(numbers.hash());
            if (isTaken) {
                records.add(record);
                taken.add(count);
            }
            return count++;
        }

        private Ordinals ordinals() {
            return new Ordinals(
                    first, taken.build().toArray(), before, hashes.build().toArray(), after);
        }
    }

    void add(Parsed parsed) {
        long number = numbering.next();
        switch (parsed) {
            case Parsed.Bad bad -> slots.add(new Slot.Refused(bad.problem()));
            case Parsed.Good good -> add(good.record(), number);
        }
    }

    private void add(IncomingRecord record, long number) {
        Optional<Problem> refusal = target.refusal(record);
        boolean placed = target.retry().isPresent() && target.names(record);
        if (refusal.isPresent() && !placed) {
            slots.add(new Slot.Refused(refusal.get()));
            return;
        }
        Lane lane =
                lanes.computeIfAbsent(target.partition(record), p -> new Lane(p, numbering.in(p)));
        int n = placed ? lane.add(record.record(), refusal.isEmpty()) : lane.add(record.record());
        slots.add(new Slot.Placed(record, lane, n, number, refusal));
        bytes += record.record().sizeBytes();
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
     * @param answered runs the given task where this turn is used; called once for each shard
     */
    void send(long fingerprint, Consumer<Runnable> answered) {
        Map<ShardId, List<Lane>> shards = new LinkedHashMap<>();
        for (Lane lane : lanes.values()) {
            shards.computeIfAbsent(target.topic().shard(lane.partition), s -> new ArrayList<>(1))
                    .add(lane);
        }
        waiting = shards.size();
        shards.forEach(
                (shard, itsLanes) -> {
                    Consumer<AppendOutcome> answer =
                            outcome -> answered.accept(() -> settle(itsLanes, outcome));
                    if (target.discard()) {
                        settle(itsLanes, dropped(itsLanes));
                        return;
                    }
                    try {
                        target.node()
                                .shards()
                                .shard(shard)
                                .append(request(itsLanes, fingerprint), answer);
                    } catch (ShardUnavailableException e) {
                        settle(itsLanes, Outcomes.noShard());
                    }
                });
    }

    private AppendRequest request(List<Lane> itsLanes, long fingerprint) {
        List<Part> parts = new ArrayList<>(itsLanes.size());
        for (Lane lane : itsLanes) {
            parts.add(
                    new Part(
                            target.topic().partition(lane.partition),
                            target.settings(),
                            lane.records,
                            target.retry().map(key -> lane.ordinals())));
        }
        return new AppendRequest(
                target.topic().tenant(),
                parts,
                target.retry().map(key -> new RetryTag(key.id(), fingerprint)));
    }

    private AppendOutcome dropped(List<Lane> itsLanes) {
        long now = target.node().clock().millis();
        List<PartOffsets> parts = new ArrayList<>(itsLanes.size());
        for (Lane lane : itsLanes) {
            PartRun run = new PartRun(0, 0, lane.count, now);
            parts.add(new PartOffsets(List.of(run), lane.count));
        }
        return new Appended(parts, false);
    }

    private void settle(List<Lane> itsLanes, AppendOutcome outcome) {
        if (outcome instanceof Appended appended) {
            for (int i = 0; i < itsLanes.size(); i++) {
                settle(itsLanes.get(i), appended.parts().get(i));
            }
            replayed &= appended.replayed();
            int count = itsLanes.stream().mapToInt(lane -> lane.records.size()).sum();
            target.node().metrics().produced(count, bytes * count / slots.size());
        } else {
            Problem problem = Outcomes.problem(outcome, numbering.differing());
            itsLanes.forEach(lane -> lane.problem = Optional.of(problem));
            replayed = false;
            target.node().metrics().refused(problem.status());
        }
        waiting--;
    }

    private void settle(Lane lane, PartOffsets offsets) {
        lane.offsets = Optional.of(offsets);
        if (offsets.same() < lane.count) {
            long number = lane.numbers.differs(number(lane, offsets.same()));
            Problem problem = Outcomes.differs(number);
            lane.difference = Optional.of(problem);
            target.node().metrics().refused(problem.status());
        }
    }

    private long number(Lane lane, int n) {
        for (Slot slot : slots) {
            if (slot instanceof Slot.Placed placed && placed.lane.equals(lane) && placed.n == n) {
                return placed.number;
            }
        }
        throw new IllegalArgumentException("no record " + n);
    }
}
