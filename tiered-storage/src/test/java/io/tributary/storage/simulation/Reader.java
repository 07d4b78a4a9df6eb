package io.tributary.storage.simulation;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.Shard.Fetched;
import io.tributary.storage.Shard.Offsets;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

/** A client that reads here and there, and at the end everything. */
final class Reader {
    private static final int LONGEST_PAUSE_MILLIS = 500;
    private static final int MOST_BYTES = 8_000;

    private final Universe universe;
    private boolean over;

    Reader(Universe universe) {
        this.universe = universe;
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
            offsets(partition).ifPresent(offsets -> look(partition, offsets));
        }
    }

    private Optional<Offsets> offsets(PartitionId partition) {
        SimulatedNode node = universe.current();
        Offsets before = universe.history.reached(partition);
        Optional<Offsets> offsets =
                universe.answer(node.call(up -> SimulatedNode.shard(up).offsets(partition)));
        if (node.equals(universe.current())) {
            offsets.ifPresent(found -> universe.history.offsets(partition, before, found));
        }
        return offsets;
    }

    private void look(PartitionId partition, Offsets offsets) {
        if (offsets.highWatermark() > offsets.logStart()) {
            long from =
                    universe.machine.random().nextLong(offsets.logStart(), offsets.highWatermark());
            fetch(partition, from)
                    .ifPresent(
                            chunk ->
                                    chunk.records()
                                            .forEach(
                                                    (offset, record) ->
                                                            universe.history.seen(
                                                                    partition, offset, record)));
        }
    }

    /**
     * What a fetch brought.
     *
     * @param next where to go on
     */
    private record Chunk(NavigableMap<Long, History.Known> records, long next) {}

    /** Some records from the offset on. */
    private Optional<Chunk> fetch(PartitionId partition, long from) {
        int maxBytes = 1 + universe.machine.random().nextInt(MOST_BYTES);
        return universe.ask(up -> SimulatedNode.shard(up).fetch(partition, from, maxBytes))
                .map(fetched -> records(partition, fetched, from));
    }

    private Chunk records(PartitionId partition, Fetched fetched, long from) {
        NavigableMap<Long, History.Known> records = new TreeMap<>();
        long next = from;
        for (ByteBuffer bytes : fetched.batches()) {
            for (RecordBatch batch : MemoryRecords.readableRecords(bytes).batches()) {
                batch.ensureValid();
                for (Record record : batch) {
                    if (record.offset() >= from) {
                        records.put(
                                record.offset(),
                                new History.Known(name(value(record.value())), record.timestamp()));
                    }
                }
                next = batch.nextOffset();
            }
        }
        if (universe.history.isCompacted(partition)) {
            if (next <= from && from < fetched.offsets().highWatermark()) {
                universe.machine.fail(
                        new AssertionError(
                                partition + " ends at " + from + " for a reader of " + fetched));
            }
        } else if (!records.isEmpty()
                && (records.firstKey() != from || records.lastKey() - from + 1 != records.size())) {
            universe.machine.fail(new AssertionError("holes from " + from + ": " + records));
        }
        return new Chunk(records, next);
    }

    private static byte[] value(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    /** The part of a record's value that names it. */
    static String name(byte[] value) {
        String text = new String(value, StandardCharsets.UTF_8);
        return text.substring(0, text.lastIndexOf(':'));
    }

    /** Reads everything there is, as long as it takes, and compares it with what is known. */
    void readAll() {
        universe.partitions().forEach(this::readAll);
    }

    private void readAll(PartitionId partition) {
        NavigableMap<Long, History.Known> read = new TreeMap<>();
        Offsets offsets = offsetsAtLast(partition);
        long next = offsets.logStart();
        while (next < offsets.highWatermark()) {
            Optional<Chunk> chunk = fetch(partition, next);
            chunk.ifPresent(found -> read.putAll(found.records()));
            // Retention and late producers move on meanwhile.
            offsets = offsetsAtLast(partition);
            read.headMap(offsets.logStart()).clear();
            next = Math.max(chunk.map(Chunk::next).orElse(next), offsets.logStart());
        }
        universe.history.complete(partition, offsets, read);
    }

    private Offsets offsetsAtLast(PartitionId partition) {
        while (true) {
            Optional<Offsets> offsets = offsets(partition);
            if (offsets.isPresent()) {
                return offsets.get();
            }
            universe.machine.pause(LONGEST_PAUSE_MILLIS, universe.clients);
        }
    }
}
