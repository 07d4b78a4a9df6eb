package io.tributary.storage.append;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendOutcome.Appended;
import io.tributary.storage.AppendOutcome.PartOffsets;
import io.tributary.storage.AppendOutcome.PartRun;
import io.tributary.storage.AppendOutcome.Reason;
import io.tributary.storage.AppendOutcome.Refused;
import io.tributary.storage.AppendOutcome.Unknown;
import io.tributary.storage.AppendRequest;
import io.tributary.storage.AppendRequest.Ordinals;
import io.tributary.storage.AppendRequest.Part;
import io.tributary.storage.AppendRequest.RetryTag;
import io.tributary.storage.BatchOutcome;
import io.tributary.storage.NewRecord;
import io.tributary.storage.batch.Checked;
import io.tributary.storage.batch.CheckedBatch;
import io.tributary.storage.log.Command;
import io.tributary.storage.log.Command.OrdinalRun;
import io.tributary.storage.log.LogEntry;
import io.tributary.storage.state.EarlierTry;
import io.tributary.storage.state.KnownRun;
import io.tributary.storage.state.ShardState;
import io.tributary.storage.state.ShardState.PartitionEnd;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * One log entry in the making: requests that take effect together. Offsets are assigned as requests
 * are added, against the state before the entry; the state itself changes only when the finished
 * entry is replayed into it. Used by one thread.
 */
final class Group {
    /** Most entries' records are no larger once they are compressed. */
    private static final long EXPECTED_RECORDS_BYTES = 64 << 10;

    /** More than an entry of records has besides them. */
    private static final int EXPECTED_FRAME_BYTES = 512;

    /** More than an entry has for a finished batch besides its bytes. */
    private static final int BATCH_FRAME_BYTES = 32;

    private final ShardState state;
    private final long nowMillis;
    private final int maxRetryKeysPerTenant;
    private final Map<PartitionId, Lane> lanes = new LinkedHashMap<>();
    private final List<Command> commands = new ArrayList<>();
    private final Set<UUID> retryKeys = new HashSet<>();
    private final List<Answer> answers = new ArrayList<>();
    private final List<CompletableFuture<Void>> durable = new ArrayList<>();
    private long bytes;

    private long finishedBytes;
    private int finishedBatches;

    Group(ShardState state, long nowMillis, int maxRetryKeysPerTenant) {
        this.state = state;
        this.nowMillis = nowMillis;
        this.maxRetryKeysPerTenant = maxRetryKeysPerTenant;
    }

    /** What somebody is told: once the entry is durable, or when that cannot be known any more. */
    record Answer(Runnable durable, Consumer<Unknown> unknown) {
        private static Answer of(Consumer<AppendOutcome> to, AppendOutcome outcome) {
            return new Answer(() -> to.accept(outcome), to::accept);
        }

        private static Answer of(Consumer<List<BatchOutcome>> to, List<BatchOutcome> outcomes) {
            return new Answer(
                    () -> to.accept(outcomes),
                    unknown -> to.accept(Collections.nCopies(outcomes.size(), unknown)));
        }
    }

    long bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return nothingToLog() && answers.isEmpty() && durable.isEmpty();
    }

    /** Whether there is nothing to log; answers may wait all the same. */
    boolean nothingToLog() {
        return commands.isEmpty() && lanes.values().stream().allMatch(Lane::isEmpty);
    }

    List<Answer> answers() {
        return answers;
    }

    /** What else waits for the entry. */
    List<CompletableFuture<Void>> whenDurable() {
        return durable;
    }

    /** Adds commands of the shard itself. */
    void add(List<Command> more, CompletableFuture<Void> whenDurable) {
        commands.addAll(more);
        durable.add(whenDurable);
    }

    /**
     * Adds a request.
     *
     * @return false when it must wait for the next group, which then knows what this one decides
     */
    boolean add(AppendRequest request, Consumer<AppendOutcome> answer) {
        if (request.retry().isPresent() && retryKeys.contains(request.retry().get().key())) {
            return false;
        }
        answers.add(Answer.of(answer, decide(request)));
        return true;
    }

    /** Adds those of some batches that may be appended. */
    void add(List<Checked> batches, Consumer<List<BatchOutcome>> answer) {
        List<BatchOutcome> outcomes = new ArrayList<>(batches.size());
        for (Checked checked : batches) {
            outcomes.add(
                    switch (checked) {
                        case Checked.Flawed flawed -> flawed.outcome();
                        case CheckedBatch batch -> add(batch);
                    });
        }
        answers.add(Answer.of(answer, outcomes));
    }

    private BatchOutcome add(CheckedBatch batch) {
        if (state.removed(batch.partition().topic())) {
            return new Refused(Reason.PARTITION_GONE, Duration.ZERO);
        }
        bytes += batch.sizeBytes();
        finishedBytes += batch.sizeBytes();
        finishedBatches++;
        return lane(batch.partition()).add(batch);
    }

    private Lane lane(PartitionId partition) {
        return lanes.computeIfAbsent(partition, id -> new Lane(id, state, nowMillis));
    }

    private AppendOutcome decide(AppendRequest request) {
        for (Part part : request.parts()) {
            if (state.removed(part.partition().topic())) {
                return new Refused(Reason.PARTITION_GONE, Duration.ZERO);
            }
        }
        if (request.retry().isEmpty()) {
            List<PartOffsets> offsets = new ArrayList<>(request.parts().size());
            for (Part part : request.parts()) {
                int count = part.records().size();
                long base = place(part, part.records());
                offsets.add(
                        new PartOffsets(List.of(new PartRun(0, base, count, nowMillis)), count));
            }
            return new Appended(offsets, false);
        }
        return decideTagged(request, request.retry().get());
    }

    private AppendOutcome decideTagged(AppendRequest request, RetryTag tag) {
        EarlierTry earlier = state.earlierTry(request, nowMillis);
        if (tag.fingerprint() != 0
                && earlier.fingerprint() != 0
                && earlier.fingerprint() != tag.fingerprint()) {
            return new Refused(Reason.RETRY_KEY_REUSED, Duration.ZERO);
        }
        List<Remainder> rest = new ArrayList<>(request.parts().size());
        int runs = 0;
        for (int i = 0; i < request.parts().size(); i++) {
            Part part = request.parts().get(i);
            EarlierTry.Part known = earlier.parts().get(i);
            if (!part.records().isEmpty() && known.same() > 0 && !known.inOrder()) {
                return new Refused(Reason.RETRY_OUT_OF_ORDER, Duration.ZERO);
            }
            rest.add(new Remainder(part, known));
            runs += rest.getLast().runs();
        }
        if (runs > 0
                && !earlier.known()
                && state.retryKeys(request.tenant()) >= maxRetryKeysPerTenant) {
            return new Refused(Reason.TOO_MANY_RETRY_KEYS, Duration.ofMinutes(1));
        }
        if (runs > earlier.room()) {
            return new Refused(Reason.RETRY_KEY_FULL, Duration.ZERO);
        }
        retryKeys.add(tag.key());
        List<PartOffsets> offsets = new ArrayList<>(request.parts().size());
        for (int i = 0; i < request.parts().size(); i++) {
            offsets.add(
                    append(request, request.parts().get(i), earlier.parts().get(i), rest.get(i)));
        }
        return new Appended(
                offsets, earlier.parts().stream().anyMatch(known -> !known.runs().isEmpty()));
    }

    private PartOffsets append(
            AppendRequest request, Part part, EarlierTry.Part before, Remainder rest) {
        Ordinals ordinals = part.ordinals().orElseThrow();
        List<PartRun> runs = new ArrayList<>(before.runs().size() + rest.runs());
        for (KnownRun known : before.runs()) {
            runs.add(within(ordinals, known.run(), known.appendedAtMillis()));
        }
        if (!rest.records().isEmpty()) {
            List<OrdinalRun> added = rest.at(place(part, rest.records()));
            added.forEach(run -> runs.add(within(ordinals, run, nowMillis)));
            runs.sort(Comparator.comparingInt(PartRun::first));
            long end = ordinals.first() + before.same();
            long from = Math.clamp(before.end(), ordinals.first(), end);
            RetryTag tag = request.retry().orElseThrow();
            commands.add(
                    new Command.RetryNoted(
                            request.tenant(),
                            tag.key(),
                            tag.fingerprint(),
                            part.partition(),
                            added,
                            from,
                            IntBuffer.wrap(ordinals.hashes())
                                    .slice((int) (from - ordinals.first()), (int) (end - from))));
        }
        return new PartOffsets(runs, before.same());
    }

    private static PartRun within(Ordinals part, OrdinalRun run, long appendedAtMillis) {
        return new PartRun(
                (int) (run.ordinal() - part.first()),
                run.baseOffset(),
                run.count(),
                appendedAtMillis);
    }

    /** Returns the first record's offset. */
    private long place(Part part, List<NewRecord> records) {
        for (NewRecord record : records) {
            bytes += record.sizeBytes();
        }
        return lane(part.partition()).add(records, part.settings());
    }

    /** Encodes the entry. */
    ByteBuffer encode(BatchBuilder builder) {
        long expected =
                Math.min(bytes - finishedBytes, EXPECTED_RECORDS_BYTES)
                        + finishedBytes
                        + (long) finishedBatches * BATCH_FRAME_BYTES
                        + EXPECTED_FRAME_BYTES;
        LogEntry.Writer out = new LogEntry.Writer(nowMillis, Math.toIntExact(expected));
        lanes.values().forEach(lane -> lane.encode(builder, out));
        commands.forEach(out::add);
        return out.toBuffer();
    }

    /** Where partitions begin once the entry is durable. */
    List<Command.LogStartMoved> starts() {
        return commands.stream()
                .filter(Command.LogStartMoved.class::isInstance)
                .map(Command.LogStartMoved.class::cast)
                .toList();
    }

    /** How far the partitions reach once the entry is durable. */
    List<PartitionEnd> ends() {
        List<PartitionEnd> ends = new ArrayList<>(lanes.size());
        lanes.forEach((partition, lane) -> ends.add(new PartitionEnd(partition, lane.endOffset())));
        return ends;
    }
}
