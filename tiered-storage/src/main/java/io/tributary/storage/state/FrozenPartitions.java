package io.tributary.storage.state;

import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * Partitions nobody writes to, as the bytes a snapshot has for them: runs of records in the order
 * of partitions, found by the lower bound of their first. A run's bytes never change, another takes
 * their place. Beside each record is when its retention is to be looked at. Guarded by the lock of
 * its {@link ShardState}.
 */
final class FrozenPartitions {
    /** No time to look at a partition. */
    static final long NEVER = Long.MAX_VALUE;

    /** A run of more than one partition is no longer: what one change copies. */
    private static final int RUN_BYTES = 8 << 10;

    /** How full runs are made when there are no others yet. */
    private static final int FILLED_BYTES = RUN_BYTES * 3 / 4;

    static final PartitionId LOWEST =
            new PartitionId(new TopicId(new UUID(Long.MIN_VALUE, Long.MIN_VALUE)), 0);
    static final PartitionId HIGHEST =
            new PartitionId(
                    new TopicId(new UUID(Long.MAX_VALUE, Long.MAX_VALUE)), Integer.MAX_VALUE);

    private static final class Run {
        private ByteBuffer records;

        /** In the order of the records. */
        private long[] dues;

        private Run(ByteBuffer records, long[] dues) {
            this.records = records;
            this.dues = dues;
        }
    }

    /**
     * Where a partition's record is, or would be.
     *
     * @param number how many records are before it
     * @param length 0 where it is not there
     */
    private record Place(PartitionId bound, Run run, int number, int at, int length) {
        private int end() {
            return at + length;
        }
    }

    private final ObjectUses objects;

    /** By a lower bound of their records; the lowest is always there. */
    private final NavigableMap<PartitionId, Run> runs = new TreeMap<>();

    /** When something in a run is due, by its bound. */
    private final Dues dues = new Dues();

    private int count;

    FrozenPartitions(ObjectUses objects) {
        this.objects = objects;
        runs.put(LOWEST, new Run(ByteBuffer.allocate(0), new long[0]));
    }

    int count() {
        return count;
    }

    /** The records in their order, in some pieces; never changed. */
    List<ByteBuffer> records() {
        List<ByteBuffer> all = new ArrayList<>(runs.size());
        runs.values().forEach(run -> all.add(run.records));
        return all;
    }

    private Place place(PartitionId id) {
        Map.Entry<PartitionId, Run> entry = runs.floorEntry(id);
        ByteBuffer records = entry.getValue().records;
        int number = 0;
        int at = 0;
        while (at < records.limit()) {
            int order = PartitionRecord.compare(records, at, id);
            int length = PartitionRecord.length(records, at);
            if (order >= 0) {
                return new Place(
                        entry.getKey(), entry.getValue(), number, at, order == 0 ? length : 0);
            }
            at += length;
            number++;
        }
        return new Place(entry.getKey(), entry.getValue(), number, at, 0);
    }

    /** A partition to be read, no longer than the lock is held. */
    Optional<PartitionState> find(PartitionId id) {
        Place place = place(id);
        return place.length() == 0
                ? Optional.empty()
                : Optional.of(PartitionRecord.view(place.run().records, place.at(), objects));
    }

    /** A partition that is frozen no longer, and when it is due. */
    record Taken(PartitionState partition, long dueMillis) {}

    Optional<Taken> take(PartitionId id) {
        Place place = place(id);
        if (place.length() == 0) {
            return Optional.empty();
        }
        Run run = place.run();
        Taken taken =
                new Taken(
                        PartitionRecord.view(run.records, place.at(), objects).withRowsOfItsOwn(),
                        run.dues[place.number()]);
        run.records = spliced(run.records, place.at(), ByteBuffer.allocate(0), place.end());
        long[] left = Arrays.copyOf(run.dues, run.dues.length - 1);
        System.arraycopy(
                run.dues, place.number() + 1, left, place.number(), left.length - place.number());
        run.dues = left;
        count--;
        changed(place.bound(), run);
        joinLower(place.bound(), run);
        return Optional.of(taken);
    }

    /** Takes in a partition that is not there yet. */
    void put(PartitionRecord.Copy partition, long dueMillis) {
        BinaryWriter record = new BinaryWriter(partition.sizeBytes());
        PartitionRecord.write(record, partition);
        Place place = place(partition.id());
        Run run = place.run();
        run.records = spliced(run.records, place.at(), record.toBuffer(), place.at());
        long[] more = Arrays.copyOf(run.dues, run.dues.length + 1);
        System.arraycopy(
                run.dues,
                place.number(),
                more,
                place.number() + 1,
                more.length - place.number() - 1);
        more[place.number()] = dueMillis;
        run.dues = more;
        count++;
        if (run.records.limit() > RUN_BYTES && more.length > 1) {
            split(run);
        }
        changed(place.bound(), run);
    }

    private void split(Run run) {
        ByteBuffer records = run.records;
        int number = 0;
        int at = 0;
        while (number == 0 || (number < run.dues.length - 1 && at < records.limit() / 2)) {
            at += PartitionRecord.length(records, at);
            number++;
        }
        PartitionId bound = PartitionRecord.id(records, at);
        ByteBuffer none = ByteBuffer.allocate(0);
        Run upper =
                new Run(
                        spliced(records, 0, none, at),
                        Arrays.copyOfRange(run.dues, number, run.dues.length));
        run.records = spliced(records, at, none, records.limit());
        run.dues = Arrays.copyOf(run.dues, number);
        runs.put(bound, upper);
        changed(bound, upper);
    }

    /** A run that became small goes into the one before it where there is room. */
    private void joinLower(PartitionId bound, Run run) {
        Map.Entry<PartitionId, Run> entry = runs.lowerEntry(bound);
        if (entry == null) {
            return;
        }
        Run lower = entry.getValue();
        int end = lower.records.limit();
        if (run.dues.length > 0 && end + run.records.limit() > FILLED_BYTES) {
            return;
        }
        int before = lower.dues.length;
        lower.records = spliced(lower.records, end, run.records.slice(), end);
        lower.dues = Arrays.copyOf(lower.dues, before + run.dues.length);
        System.arraycopy(run.dues, 0, lower.dues, before, run.dues.length);
        runs.remove(bound);
        dues.forget(bound);
        changed(entry.getKey(), lower);
    }

    /** A copy with other bytes between two positions. */
    private static ByteBuffer spliced(ByteBuffer records, int from, ByteBuffer other, int to) {
        return ByteBuffer.allocate(records.limit() - (to - from) + other.remaining())
                .put(records.slice(0, from))
                .put(other)
                .put(records.slice(to, records.limit() - to))
                .flip();
    }

    private void changed(PartitionId bound, Run run) {
        long earliest = NEVER;
        for (long due : run.dues) {
            earliest = Math.min(earliest, due);
        }
        if (earliest == NEVER) {
            dues.forget(bound);
        } else {
            dues.at(bound, earliest);
        }
    }

    /** Looks at a partition then and no sooner; nothing where it is not frozen. */
    void dueAt(PartitionId id, long atMillis) {
        Place place = place(id);
        if (place.length() > 0) {
            place.run().dues[place.number()] = atMillis;
            changed(place.bound(), place.run());
        }
    }

    /** Looks at all partitions then or sooner, but for those there is nothing to look at in. */
    void allDueAtLatest(long atMillis) {
        runs.forEach(
                (bound, run) -> {
                    for (int i = 0; i < run.dues.length; i++) {
                        run.dues[i] =
                                run.dues[i] == NEVER ? NEVER : Math.min(run.dues[i], atMillis);
                    }
                    changed(bound, run);
                });
    }

    /** Partitions that are due; each is due again at {@code retryMillis}. */
    List<PartitionId> due(long nowMillis, long retryMillis, int limit) {
        List<PartitionId> due = new ArrayList<>();
        while (due.size() < limit) {
            List<PartitionId> next = dues.take(nowMillis, 1);
            if (next.isEmpty()) {
                break;
            }
            Run run = runs.get(next.getFirst());
            int at = 0;
            for (int i = 0; i < run.dues.length && due.size() < limit; i++) {
                if (run.dues[i] <= nowMillis) {
                    due.add(PartitionRecord.id(run.records, at));
                    run.dues[i] = retryMillis;
                }
                at += PartitionRecord.length(run.records, at);
            }
            changed(next.getFirst(), run);
        }
        return due;
    }

    /**
     * Shows some partitions in their order, to be read no longer than the lock is held.
     *
     * @param last inclusive
     * @param limit about so many of them
     * @return where to go on; empty when these were all
     */
    Optional<PartitionId> show(
            PartitionId from,
            PartitionId last,
            int limit,
            BiConsumer<PartitionId, PartitionState> to) {
        int shown = 0;
        for (Map.Entry<PartitionId, Run> entry :
                runs.subMap(runs.floorKey(from), true, last, true).entrySet()) {
            if (shown >= limit) {
                return Optional.of(entry.getKey());
            }
            ByteBuffer records = entry.getValue().records;
            int at = 0;
            while (at < records.limit() && PartitionRecord.compare(records, at, last) <= 0) {
                if (PartitionRecord.compare(records, at, from) >= 0) {
                    to.accept(
                            PartitionRecord.id(records, at),
                            PartitionRecord.view(records, at, objects));
                }
                at += PartitionRecord.length(records, at);
                shown++;
            }
        }
        return Optional.empty();
    }

    /** Takes in the records of a snapshot, which come in their order; all are due at once. */
    final class Filling {
        private BinaryWriter records = new BinaryWriter(RUN_BYTES);
        private long[] recordDues = new long[RUN_BYTES / PartitionRecord.MIN_BYTES];
        private int number;
        private Optional<PartitionId> first = Optional.empty();

        void add(PartitionId id, ByteBuffer record) {
            if (first.isEmpty()) {
                first = Optional.of(count == 0 ? LOWEST : id);
            }
            if (number == recordDues.length) {
                recordDues = Arrays.copyOf(recordDues, number * 2);
            }
            recordDues[number++] = PartitionRecord.hasSegments(record, 0) ? 0 : NEVER;
            records.raw(record);
            count++;
            if (records.size() >= FILLED_BYTES) {
                end();
            }
        }

        void end() {
            if (first.isPresent()) {
                Run run =
                        new Run(
                                ByteBuffer.wrap(records.toBytes()),
                                Arrays.copyOf(recordDues, number));
                runs.put(first.get(), run);
                changed(first.get(), run);
                records = new BinaryWriter(RUN_BYTES);
                number = 0;
                first = Optional.empty();
            }
        }
    }
}
