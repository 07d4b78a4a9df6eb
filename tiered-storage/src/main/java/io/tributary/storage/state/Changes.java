package io.tributary.storage.state;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.Receipt.Records;
import io.tributary.storage.Receipt.Why;
import io.tributary.storage.log.Command;
import io.tributary.storage.log.LogEntry;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.BatchHeader;
import io.tributary.storage.segment.ProducerStamp;
import io.tributary.storage.segment.SegmentInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the entries of a log do to a state: the same when they are decided as in recovery. Guarded
 * by the lock of its {@link ShardState}.
 */
final class Changes {
    /** How long a removed topic's late appends are recognised. */
    private static final long REMEMBER_REMOVED_MILLIS = Duration.ofHours(1).toMillis();

    private final ShardState state;
    private final long producerMillis;

    long epoch;

    /** Bytes of batches that are in the log only. */
    long loggedBytes;

    Changes(ShardState state, long producerMillis) {
        this.state = state;
        this.producerMillis = producerMillis;
    }

    /** Applies an entry that lies at this position. */
    void apply(LogPosition at, LogEntry entry) {
        for (Command command : entry.commands()) {
            apply(at, entry.decidedAtMillis(), command);
        }
    }

    private void apply(LogPosition at, long decidedAtMillis, Command command) {
        switch (command) {
            case Command.EpochStarted c -> epoch = c.epoch();
            case Command.BatchAppended c -> append(at, decidedAtMillis, c);
            case Command.RetryNoted c -> state.retries.note(c, decidedAtMillis);
            case Command.SegmentsStored c -> store(c, decidedAtMillis);
            case Command.Compacted c -> compact(c, decidedAtMillis);
            case Command.LogStartMoved c -> moveLogStart(c, decidedAtMillis);
            case Command.TopicRemoved c -> remove(c, decidedAtMillis);
            case Command.ObjectsDeleted c -> {
                for (ObjectId object : c.objects()) {
                    state.objects.deleted(object);
                    state.receipts.deleted(object.key(), decidedAtMillis);
                }
            }
            case Command.OrphansFound c -> {
                Map<String, Long> sizes = new TreeMap<>();
                c.orphans().forEach(orphan -> sizes.put(orphan.key(), orphan.sizeBytes()));
                state.receipts.left(Why.ORPHANED, sizes, decidedAtMillis);
            }
            case Command.OrphansDeleted c ->
                    c.keys().forEach(key -> state.receipts.deleted(key, decidedAtMillis));
        }
    }

    private void append(LogPosition at, long decidedAtMillis, Command.BatchAppended command) {
        BatchHeader header = BatchHeader.parse(command.batch());
        PartitionState partition =
                state.partitions.changeOrMake(command.partition(), decidedAtMillis);
        if (header.baseOffset() != partition.nextOffset()) {
            throw new IllegalStateException(
                    String.format(
                            java.util.Locale.ROOT,
                            "batch at offset %d of partition %s, which continues at %d, log entry"
                                    + " %s",
                            header.baseOffset(),
                            command.partition(),
                            partition.nextOffset(),
                            at));
        }
        ProducerStamp.of(command.batch())
                .ifPresent(
                        stamp ->
                                partition.produced(
                                        stamp,
                                        header,
                                        decidedAtMillis,
                                        decidedAtMillis - producerMillis));
        int length = command.batch().remaining();
        state.pending.appending(command.partition(), partition, decidedAtMillis);
        partition.append(
                new BatchRef(
                        header.baseOffset(),
                        header.lastOffset() + 1,
                        at,
                        command.position(),
                        length,
                        header.maxTimestamp()),
                decidedAtMillis);
        loggedBytes += length;
        state.partitions.changed(command.partition(), partition, decidedAtMillis);
    }

    private void store(Command.SegmentsStored command, long atMillis) {
        long storedBytes = 0;
        String key = command.object().key();
        Map<String, Long> replaced = new TreeMap<>();
        for (SegmentInfo info : command.segments()) {
            storedBytes += info.lengthBytes();
        }
        ObjectUses.Use use = new ObjectUses.Use(command.objectBytes(), storedBytes);
        for (SegmentInfo info : command.segments()) {
            Optional<PartitionState> known = state.partitions.change(info.partition(), atMillis);
            long start = known.map(PartitionState::logStart).orElse(Long.MAX_VALUE);
            if (info.startOffset() < start) {
                state.receipts.heldBy(info.partition(), info.startOffset(), key);
            }
            if (info.endOffset() <= start) {
                TopicId topic = info.partition().topic();
                use.dead(topic, state.removedTopics.containsKey(topic));
                continue;
            }
            PartitionState partition = known.orElseThrow();
            use.add(info.partition(), info.lengthBytes());
            long loggedSince = partition.loggedSinceMillis();
            long leftLog =
                    partition.store(
                            new StoredSegment(command.object(), command.objectBytes(), info),
                            atMillis,
                            old -> {
                                if (release(old, false)) {
                                    replaced.put(old.object().key(), old.objectBytes());
                                }
                            });
            loggedBytes -= leftLog;
            state.pending.localCopies.stored(command.object(), use, info);
            if (leftLog > 0) {
                state.pending.moved(info.partition(), info, loggedSince, atMillis);
            }
            partition.forgetSilentProducers(atMillis - producerMillis);
            state.partitions.changed(info.partition(), partition, atMillis);
        }
        state.objects.add(command.object(), use);
        state.receipts.left(Why.REWRITTEN, replaced, atMillis);
    }

    private boolean release(StoredSegment segment, boolean removed) {
        state.pending.localCopies.leaving(segment);
        return state.objects.release(segment, removed);
    }

    /** What holds the records now gives way with what the entry says next. */
    private void compact(Command.Compacted command, long atMillis) {
        Optional<PartitionState> known = state.partitions.change(command.partition(), atMillis);
        if (known.isEmpty()) {
            return;
        }
        PartitionState partition = known.get();
        long from = Math.max(command.startOffset(), partition.logStart());
        if (from < command.endOffset()) {
            state.receipts.compacted(
                    new Records(command.partition(), from, command.endOffset()),
                    partition.between(from, command.endOffset()),
                    command.bytes(),
                    atMillis);
        }
        if (command.cleanTo() > 0) {
            partition.cleaned(
                    new PartitionState.Cleaned(command.cleanTo(), command.horizonMillis()));
        }
        state.partitions.changed(command.partition(), partition, atMillis);
    }

    private void moveLogStart(Command.LogStartMoved command, long atMillis) {
        state.partitions
                .change(command.partition(), atMillis)
                .ifPresent(partition -> moveLogStart(partition, command, atMillis));
    }

    private void moveLogStart(
            PartitionState partition, Command.LogStartMoved command, long atMillis) {
        long before = partition.logStart();
        List<StoredSegment> leaving = new ArrayList<>();
        long bytes = partition.moveLogStart(command.offset(), leaving::add);
        leaving.forEach(segment -> release(segment, false));
        partition.startsWithin().ifPresent(leaving::add);
        loggedBytes -= bytes;
        state.pending.expired(bytes, atMillis);
        if (partition.logStart() > before) {
            Records records = new Records(command.partition(), before, partition.logStart());
            state.receipts.left(
                    command.why(), new Receipts.Leaving(records, leaving, bytes), atMillis);
        }
        partition.forgetSilentProducers(atMillis - producerMillis);
        state.partitions.changed(command.partition(), partition, atMillis);
    }

    private void remove(Command.TopicRemoved command, long atMillis) {
        state.removedTopics.values().removeIf(at -> atMillis - at > REMEMBER_REMOVED_MILLIS);
        state.removedTopics.put(command.topic(), atMillis);
        state.objects.removed(command.topic());
        for (PartitionId id : state.partitions.of(command.topic())) {
            PartitionState partition = state.partitions.change(id, atMillis).orElseThrow();
            long bytes = partition.logged().stream().mapToLong(BatchRef::length).sum();
            loggedBytes -= bytes;
            List<StoredSegment> segments = List.copyOf(partition.segments());
            segments.forEach(segment -> release(segment, true));
            state.receipts.left(
                    command.why(),
                    new Receipts.Leaving(
                            new Records(id, partition.logStart(), partition.nextOffset()),
                            segments,
                            bytes),
                    atMillis);
            state.partitions.remove(id);
        }
    }
}
