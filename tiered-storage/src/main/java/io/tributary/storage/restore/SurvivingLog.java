package io.tributary.storage.restore;

import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.log.SurvivingLedger;
import io.tributary.storage.log.Command;
import io.tributary.storage.log.LogEntry;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.state.BatchRef;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The ledgers that a dead node left, of all its shards. A ledger does not say whose it is: its
 * first command about a partition or an object does. One thread uses it; blocks.
 */
public final class SurvivingLog implements AutoCloseable {
    private final NavigableMap<Long, SurvivingLedger> ledgers = new TreeMap<>();
    private final Map<Long, ShardId> shards = new HashMap<>();
    private final Set<TopicId> removed = new HashSet<>();
    private final List<String> warnings = new ArrayList<>();

    private SurvivingLog() {}

    /** No ledger survived. */
    public static SurvivingLog none() {
        return new SurvivingLog();
    }

    /**
     * Opens the ledgers of a folder, which stays as it is.
     *
     * @param shards where partitions belong; empty for those of no known topic
     */
    public static SurvivingLog open(Path folder, Function<PartitionId, Optional<ShardId>> shards)
            throws IOException {
        SurvivingLog log = new SurvivingLog();
        for (SurvivingLedger ledger : SurvivingLedger.openAll(folder)) {
            log.ledgers.put(ledger.ledgerId(), ledger);
            log.warnings.addAll(ledger.damage());
        }
        boolean complete = false;
        try {
            for (SurvivingLedger ledger : log.ledgers.values()) {
                log.look(ledger, shards);
            }
            complete = true;
            return log;
        } finally {
            if (!complete) {
                log.close();
            }
        }
    }

    private void look(SurvivingLedger ledger, Function<PartitionId, Optional<ShardId>> shardOf)
            throws IOException {
        for (long entry : ledger.entries()) {
            for (Command command : read(ledger, entry).map(LogEntry::commands).orElse(List.of())) {
                if (command instanceof Command.TopicRemoved gone) {
                    removed.add(gone.topic());
                }
                shard(command, shardOf)
                        .ifPresent(shard -> shards.putIfAbsent(ledger.ledgerId(), shard));
            }
        }
    }

    private static Optional<ShardId> shard(
            Command command, Function<PartitionId, Optional<ShardId>> shardOf) {
        return switch (command) {
            case Command.BatchAppended c -> shardOf.apply(c.partition());
            case Command.RetryNoted c -> shardOf.apply(c.partition());
            case Command.LogStartMoved c -> shardOf.apply(c.partition());
            case Command.Compacted c -> shardOf.apply(c.partition());
            case Command.SegmentsStored c -> Optional.of(c.object().shard());
            case Command.ObjectsDeleted c ->
                    c.objects().stream().findFirst().map(object -> object.shard());
            case Command.EpochStarted c -> Optional.empty();
            case Command.TopicRemoved c -> Optional.empty();
            case Command.OrphansFound c -> Optional.empty();
            case Command.OrphansDeleted c -> Optional.empty();
        };
    }

    private Optional<LogEntry> read(SurvivingLedger ledger, long entry) throws IOException {
        try {
            return Optional.of(LogEntry.read(ledger.read(entry)));
        } catch (MalformedBytesException e) {
            warnings.add("ledger " + ledger.ledgerId() + " entry " + entry + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    /** Topics whose removal the ledgers tell of. */
    public Set<TopicId> removedTopics() {
        return removed;
    }

    /** What is damaged, for people. */
    public List<String> warnings() {
        return warnings;
    }

    /** Takes entries one after the other. */
    interface Visitor {
        void entry(LogPosition at, LogEntry entry) throws IOException;
    }

    /** Reads a shard's entries from a position on, in the order of the log. */
    void read(ShardId shard, LogPosition from, Visitor visitor) throws IOException {
        for (SurvivingLedger ledger : ledgers.tailMap(from.ledgerId(), true).values()) {
            if (!shard.equals(shards.get(ledger.ledgerId()))) {
                continue;
            }
            for (long number : ledger.entries()) {
                LogPosition at = new LogPosition(ledger.ledgerId(), number);
                Optional<LogEntry> entry = read(ledger, number);
                if (entry.isPresent() && at.compareTo(from) >= 0) {
                    visitor.entry(at, entry.get());
                }
            }
        }
    }

    /** Whether the batch can be read. */
    boolean has(BatchRef batch) {
        SurvivingLedger ledger = ledgers.get(batch.at().ledgerId());
        return ledger != null && ledger.has(batch.at().entry());
    }

    /** Reads a batch that it {@link #has}. */
    ByteBuffer read(BatchRef batch) throws IOException {
        return ledgers.get(batch.at().ledgerId())
                .read(batch.at().entry(), batch.position(), batch.length());
    }

    @Override
    public void close() throws IOException {
        for (SurvivingLedger ledger : ledgers.values()) {
            ledger.close();
        }
    }
}
