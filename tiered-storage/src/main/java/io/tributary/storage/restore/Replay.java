package io.tributary.storage.restore;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.log.Command;
import io.tributary.storage.log.LogEntry;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.segment.BatchHeader;
import io.tributary.storage.state.Salvage;
import io.tributary.storage.state.ShardState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Replays surviving entries into a state although some between them may be lost. Which object has
 * which segments is not taken from the log but from the objects themselves: the log may tell of
 * segments of partitions whose first batches are lost, and of objects that are no longer there.
 */
final class Replay {
    private final ShardState state;
    private final Salvage salvage;
    private final Map<PartitionId, Long> logStarts = new HashMap<>();
    private long highestEpoch;
    private long batches;

    Replay(ShardState state, Salvage salvage) {
        this.state = state;
        this.salvage = salvage;
    }

    void entry(LogPosition at, LogEntry entry) {
        List<Command> kept = new ArrayList<>();
        for (Command command : entry.commands()) {
            switch (command) {
                case Command.EpochStarted c -> highestEpoch = Math.max(highestEpoch, c.epoch());
                case Command.BatchAppended c -> append(at, entry.decidedAtMillis(), c);
                case Command.RetryNoted c -> kept.add(c);
                case Command.LogStartMoved c -> {
                    logStarts.merge(c.partition(), c.offset(), Math::max);
                    kept.add(c);
                }
                case Command.TopicRemoved c -> kept.add(c);
                case Command.SegmentsStored c -> {
                    // The objects tell of themselves.
                }
                case Command.Compacted c -> {
                    // Which segments come back is not known: all are compacted anew.
                }
                case Command.ObjectsDeleted c -> kept.add(c);
                case Command.OrphansFound c -> kept.add(c);
                case Command.OrphansDeleted c -> kept.add(c);
            }
        }
        state.replay(at, new LogEntry(entry.decidedAtMillis(), kept));
    }

    /** What lies between the partition's end and the batch is lost, unless an object has it. */
    private void append(LogPosition at, long decidedAtMillis, Command.BatchAppended command) {
        long base = BatchHeader.parse(command.batch()).baseOffset();
        if (base >= state.nextOffset(command.partition())) {
            salvage.skipTo(command.partition(), base);
            state.replay(at, new LogEntry(decidedAtMillis, List.of(command)));
            batches++;
        }
    }

    /** Where the partition's records begin by what the entries say; 0 where they say nothing. */
    long logStart(PartitionId partition) {
        return logStarts.getOrDefault(partition, 0L);
    }

    long highestEpoch() {
        return highestEpoch;
    }

    /** How many batches were replayed. */
    long batches() {
        return batches;
    }
}
