package io.tributary.storage.state;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.Receipt;
import io.tributary.storage.Receipt.Records;
import io.tributary.storage.Receipt.Why;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A shard's receipts for what left, the newest of them: a function of its log, so that they are
 * there after a crash. Guarded by the lock of its {@link ShardState}.
 */
final class Receipts {
    /** Receipts that are kept; the oldest go first. */
    static final int MAX_RECEIPTS = 10_000;

    /** Keys of objects that are kept with them, of all receipts together. */
    static final int MAX_OBJECTS = 20_000;

    /** Of those, receipts for compaction: it goes on for ever and must not push out the others. */
    static final int MAX_COMPACTED = 2_000;

    /** A receipt does not grow beyond so many objects. */
    static final int MAX_OBJECTS_EACH = 100;

    private static final long GROWS_MILLIS = Duration.ofHours(1).toMillis();
    private static final int MIN_BYTES = 8 + 1 + 1 + 8 * 6 + 4;

    /** A receipt that may still grow or wait for the object store. */
    private static final class Entry {
        private final long number;
        private final Why why;
        private final Optional<PartitionId> partition;
        private final long startOffset;
        private final long beganMillis;
        private final Set<String> objects = new LinkedHashSet<>();
        private final Set<String> unconfirmed = new LinkedHashSet<>();
        private long endOffset;
        private long bytes;
        private long decidedMillis;
        private long confirmedMillis;

        private Entry(
                long number,
                Why why,
                Optional<PartitionId> partition,
                long startOffset,
                long beganMillis) {
            this.number = number;
            this.why = why;
            this.partition = partition;
            this.startOffset = startOffset;
            this.beganMillis = beganMillis;
        }

        private Receipt toReceipt(ShardId shard) {
            return new Receipt(
                    shard,
                    number,
                    why,
                    partition.map(id -> new Records(id, startOffset, endOffset)),
                    bytes,
                    List.copyOf(objects),
                    decidedMillis,
                    unconfirmed.isEmpty()
                            ? OptionalLong.of(Math.max(decidedMillis, confirmedMillis))
                            : OptionalLong.empty());
        }
    }

    /** By their numbers, which rise. */
    private final SequencedMap<Long, Entry> entries = new LinkedHashMap<>();

    private final Map<PartitionId, Entry> newest = new HashMap<>();

    /** Those for compaction, and the newest of each partition. */
    private final Deque<Entry> compacted = new ArrayDeque<>();

    private final Map<PartitionId, Entry> newestCompacted = new HashMap<>();
    private final Map<String, List<Entry>> waiting = new HashMap<>();
    private final SortedSet<String> orphans = new TreeSet<>();
    private long nextNumber;
    private int objectCount;

    /**
     * What leaves of a partition.
     *
     * @param segments those that hold any of it, in order; the last may hold more than that
     * @param loggedBytes of batches that lay in the log only
     */
    record Leaving(Records records, List<StoredSegment> segments, long loggedBytes) {}

    /** Records left. */
    void left(Why why, Leaving leaving, long atMillis) {
        PartitionId partition = leaving.records().partition();
        long from = leaving.records().startOffset();
        long end = leaving.records().endOffset();
        for (StoredSegment segment : leaving.segments()) {
            Entry entry = growing(why, partition, from, atMillis);
            from = Math.max(from, Math.min(segment.info().endOffset(), end));
            entry.endOffset = from;
            if (segment.info().endOffset() <= end) {
                entry.bytes += segment.info().lengthBytes();
            }
            await(entry, segment.object().key());
        }
        if (from < end) {
            Entry entry = growing(why, partition, from, atMillis);
            entry.endOffset = end;
            entry.bytes += leaving.loggedBytes();
        }
        trim();
    }

    private Entry growing(Why why, PartitionId partition, long from, long atMillis) {
        Entry entry = newest.get(partition);
        if (entry == null
                || entry.why != why
                || entry.endOffset != from
                || atMillis - entry.beganMillis >= GROWS_MILLIS
                || entry.objects.size() >= MAX_OBJECTS_EACH) {
            entry = add(why, Optional.of(partition), from, atMillis);
            newest.put(partition, entry);
        }
        entry.decidedMillis = atMillis;
        return entry;
    }

    /**
     * Records between two offsets were superseded.
     *
     * @param segments those that hold any of them
     * @param bytes what they took
     */
    void compacted(Records records, List<StoredSegment> segments, long bytes, long atMillis) {
        Entry entry = growingCompacted(records, atMillis);
        entry.bytes += bytes;
        for (StoredSegment segment : segments) {
            entry = growingCompacted(records, atMillis);
            await(entry, segment.object().key());
        }
        trim();
    }

    private Entry growingCompacted(Records records, long atMillis) {
        Entry entry = newestCompacted.get(records.partition());
        if (entry == null
                || entry.startOffset > records.startOffset()
                || atMillis - entry.beganMillis >= GROWS_MILLIS
                || entry.objects.size() >= MAX_OBJECTS_EACH) {
            entry =
                    add(
                            Why.COMPACTED,
                            Optional.of(records.partition()),
                            records.startOffset(),
                            atMillis);
            indexCompacted(entry);
        }
        entry.endOffset = Math.max(entry.endOffset, records.endOffset());
        entry.decidedMillis = atMillis;
        return entry;
    }

    private void indexCompacted(Entry entry) {
        compacted.add(entry);
        newestCompacted.put(entry.partition.orElseThrow(), entry);
    }

    /** Objects go that hold nothing anybody could miss. */
    void left(Why why, Map<String, Long> sizesByKey, long atMillis) {
        List<String> some = new ArrayList<>();
        long bytes = 0;
        var left = sizesByKey.entrySet().iterator();
        while (left.hasNext()) {
            Map.Entry<String, Long> object = left.next();
            some.add(object.getKey());
            bytes += object.getValue();
            if (some.size() == MAX_OBJECTS_EACH || !left.hasNext()) {
                Entry entry = add(why, Optional.empty(), 0, atMillis);
                entry.bytes = bytes;
                entry.decidedMillis = atMillis;
                some.forEach(key -> await(entry, key));
                some.clear();
                bytes = 0;
            }
        }
        trim();
    }

    /** An object came to hold records after they had left: their receipt waits for it as well. */
    void heldBy(PartitionId partition, long startOffset, String key) {
        Entry entry = newest.get(partition);
        if (entry != null && startOffset < entry.endOffset) {
            await(entry, key);
        }
    }

    /** The store has the object no more. */
    void deleted(String key, long atMillis) {
        orphans.remove(key);
        List<Entry> waited = waiting.remove(key);
        if (waited != null) {
            for (Entry entry : waited) {
                entry.unconfirmed.remove(key);
                entry.confirmedMillis = atMillis;
            }
        }
    }

    /** Keys of orphans that are still to be deleted, in their order. */
    List<String> orphans() {
        return List.copyOf(orphans);
    }

    /** Those asked for, in no order. */
    List<Receipt> find(ShardId shard, long sinceMillis, Optional<TopicId> topic) {
        return entries.values().stream()
                .filter(
                        entry ->
                                topic.isEmpty()
                                        || entry.partition.map(PartitionId::topic).equals(topic))
                .map(entry -> entry.toReceipt(shard))
                .filter(receipt -> receipt.changedAtMillis() >= sinceMillis)
                .toList();
    }

    private Entry add(Why why, Optional<PartitionId> partition, long startOffset, long atMillis) {
        Entry entry = new Entry(nextNumber++, why, partition, startOffset, atMillis);
        entries.put(entry.number, entry);
        return entry;
    }

    private void await(Entry entry, String key) {
        if (entry.objects.add(key)) {
            objectCount++;
        }
        if (entry.unconfirmed.add(key)) {
            waitFor(entry, key);
        }
    }

    private void waitFor(Entry entry, String key) {
        waiting.computeIfAbsent(key, k -> new ArrayList<>(1)).add(entry);
        if (entry.why == Why.ORPHANED) {
            orphans.add(key);
        }
    }

    private void trim() {
        while (compacted.size() > MAX_COMPACTED) {
            forget(compacted.getFirst());
        }
        while (entries.size() > MAX_RECEIPTS || (objectCount > MAX_OBJECTS && entries.size() > 1)) {
            forget(entries.firstEntry().getValue());
        }
    }

    private void forget(Entry gone) {
        entries.remove(gone.number);
        objectCount -= gone.objects.size();
        if (gone.why == Why.COMPACTED) {
            // The oldest of all is the oldest of its kind.
            compacted.removeFirst();
            gone.partition.ifPresent(id -> newestCompacted.remove(id, gone));
        } else {
            gone.partition.ifPresent(id -> newest.remove(id, gone));
        }
        orphans.removeAll(gone.why == Why.ORPHANED ? gone.unconfirmed : Set.of());
        for (String key : gone.unconfirmed) {
            waiting.computeIfPresent(
                    key,
                    (k, waited) -> {
                        waited.remove(gone);
                        return waited.isEmpty() ? null : waited;
                    });
        }
    }

    void write(BinaryWriter out) {
        out.i64(nextNumber).i32(entries.size());
        for (Entry entry : entries.values()) {
            out.i64(entry.number).u8(entry.why.code()).u8(entry.partition.isPresent() ? 1 : 0);
            entry.partition.ifPresent(id -> out.uuid(id.topic().value()).i32(id.index()));
            out.i64(entry.startOffset).i64(entry.endOffset).i64(entry.bytes);
            out.i64(entry.beganMillis).i64(entry.decidedMillis).i64(entry.confirmedMillis);
            out.i32(entry.objects.size());
            for (String key : entry.objects) {
                out.string(key).u8(entry.unconfirmed.contains(key) ? 1 : 0);
            }
        }
    }

    /** Reads into receipts that hold none. */
    void read(BinaryReader in) {
        nextNumber = in.i64();
        int count = in.count(MIN_BYTES);
        for (int i = 0; i < count; i++) {
            long number = in.i64();
            int code = in.u8();
            Why why =
                    Why.of(code)
                            .orElseThrow(
                                    () -> new MalformedBytesException("receipt of kind " + code));
            Optional<PartitionId> partition =
                    in.u8() == 0
                            ? Optional.empty()
                            : Optional.of(new PartitionId(new TopicId(in.uuid()), in.i32()));
            long startOffset = in.i64();
            long endOffset = in.i64();
            long bytes = in.i64();
            Entry entry = new Entry(number, why, partition, startOffset, in.i64());
            entry.endOffset = endOffset;
            entry.bytes = bytes;
            entry.decidedMillis = in.i64();
            entry.confirmedMillis = in.i64();
            int objects = in.count(4 + 1);
            for (int o = 0; o < objects; o++) {
                String key = in.string();
                entry.objects.add(key);
                if (in.u8() == 1) {
                    entry.unconfirmed.add(key);
                    waitFor(entry, key);
                }
            }
            objectCount += objects;
            entries.put(number, entry);
            if (why == Why.COMPACTED) {
                indexCompacted(entry);
            } else {
                partition.ifPresent(id -> newest.put(id, entry));
            }
        }
    }
}
