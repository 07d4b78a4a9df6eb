package io.tributary.storage.state;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.storage.AppendRequest.Ordinals;
import io.tributary.storage.log.Command.OrdinalRun;
import io.tributary.storage.log.Command.RetryNoted;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What became of an Idempotency-Key's records in one partition, by ordinal: the offsets of those
 * that were stored, and hashes that tell whether a retry brings the same. Guarded by the lock of
 * its {@link ShardState}.
 */
final class KnownRecords {
    /** Beyond as many ordinals the hash of every second is dropped, then of every fourth, … */
    static final int MAX_MARKS = 4_096;

    private static final int NO_MARK = 0;
    private static final int[] NO_MARKS = {};

    private final TreeMap<Long, KnownRun> runs = new TreeMap<>();

    /** At i the hash of all records below ordinal (i + 1) * stride. */
    private int[] marks = NO_MARKS;

    private int stride = 1;
    private long end;
    private int endMark = NO_MARK;

    /** Compares a part of a retry with what is known of the same ordinals. */
    EarlierTry.Part compare(Ordinals part) {
        int same = same(part);
        List<KnownRun> found = new ArrayList<>(1);
        long until = part.first() + same;
        Map.Entry<Long, KnownRun> first = runs.floorEntry(part.first());
        long from = first == null ? part.first() : first.getKey();
        for (KnownRun known : runs.subMap(from, until).values()) {
            long begin = Math.max(known.run().ordinal(), part.first());
            long stop = Math.min(known.run().end(), until);
            if (begin < stop) {
                found.add(known.slice(begin, stop));
            }
        }
        boolean inOrder = part.after().end() == 0 || stored(part.after().end() - 1);
        return new EarlierTry.Part(found, same, inOrder, end);
    }

    /** How many of the part's records have the same content as before, for all that is known. */
    private int same(Ordinals part) {
        if (differs(part.after().end(), part.after().hash())) {
            return 0;
        }
        long verified = part.first();
        long last = Math.min(end, part.end());
        for (long ordinal = part.first(); ordinal <= last; ordinal++) {
            if (differs(ordinal, part.hashAt(ordinal))) {
                return (int) (verified - part.first());
            }
            if (mark(ordinal) != NO_MARK) {
                verified = ordinal;
            }
        }
        return part.count();
    }

    private boolean differs(long ordinal, int hash) {
        int mark = mark(ordinal);
        return mark != NO_MARK && mark != hash;
    }

    private int mark(long ordinal) {
        if (ordinal == end) {
            return endMark;
        }
        if (ordinal == 0 || ordinal > end || ordinal % stride != 0) {
            return NO_MARK;
        }
        return marks[(int) (ordinal / stride) - 1];
    }

    private boolean stored(long ordinal) {
        Map.Entry<Long, KnownRun> known = runs.floorEntry(ordinal);
        return known != null && ordinal < known.getValue().run().end();
    }

    /**
     * Takes over what was decided; returns how many runs that makes more.
     *
     * @param exact whether runs of other times are kept apart, so that the times are known
     */
    int note(RetryNoted noted, long atMillis, boolean exact) {
        int before = runs.size();
        for (OrdinalRun run : noted.runs()) {
            add(run, atMillis, exact);
        }
        for (int i = 0; i < noted.hashes().limit(); i++) {
            if (noted.from() + i >= end) {
                mark(noted.from() + i + 1, noted.hashes().get(i));
            }
        }
        return runs.size() - before;
    }

    private void mark(long ordinal, int hash) {
        end = ordinal;
        endMark = hash;
        while (ordinal / stride > MAX_MARKS) {
            stride *= 2;
            int[] fewer = new int[marks.length / 2];
            for (int i = 0; i < fewer.length; i++) {
                fewer[i] = marks[2 * i + 1];
            }
            marks = fewer;
        }
        int count = (int) (ordinal / stride);
        if (count > marks.length) {
            marks = Arrays.copyOf(marks, Math.max(count, Math.min(2 * marks.length, MAX_MARKS)));
        }
        if (ordinal % stride == 0) {
            marks[count - 1] = hash;
        }
    }

    private void add(OrdinalRun run, long atMillis, boolean exact) {
        Map.Entry<Long, KnownRun> before = runs.lowerEntry(run.ordinal());
        if (before != null) {
            KnownRun last = before.getValue();
            if (last.isContinuedBy(run) && (!exact || last.appendedAtMillis() == atMillis)) {
                runs.put(before.getKey(), last.slice(last.run().ordinal(), run.end()));
                return;
            }
        }
        runs.put(run.ordinal(), new KnownRun(run, atMillis));
    }

    /**
     * Forgets the offsets from the given one on, so that a retry appends those records again;
     * returns how many runs less that makes.
     */
    int cut(long offset) {
        int before = runs.size();
        runs.values().removeIf(known -> known.run().baseOffset() >= offset);
        runs.replaceAll(
                (ordinal, known) ->
                        known.run().endOffset() <= offset
                                ? known
                                : known.slice(
                                        ordinal, ordinal + offset - known.run().baseOffset()));
        return before - runs.size();
    }

    void write(BinaryWriter out) {
        out.i32(runs.size());
        runs.values().forEach(known -> known.write(out));
        int count = (int) (end / stride);
        out.i64(end).i32(endMark).i32(stride).i32(count);
        for (int i = 0; i < count; i++) {
            out.i32(marks[i]);
        }
    }

    static KnownRecords read(BinaryReader in) {
        KnownRecords known = new KnownRecords();
        int runs = in.count(KnownRun.BYTES);
        for (int i = 0; i < runs; i++) {
            KnownRun run = KnownRun.read(in);
            known.runs.put(run.run().ordinal(), run);
        }
        known.end = in.i64();
        known.endMark = in.i32();
        known.stride = in.i32();
        known.marks = new int[in.count(Integer.BYTES)];
        for (int i = 0; i < known.marks.length; i++) {
            known.marks[i] = in.i32();
        }
        if (known.stride <= 0 || known.end / known.stride != known.marks.length) {
            throw new MalformedBytesException(
                    known.marks.length + " hashes of " + known.end + " records");
        }
        return known;
    }

    int runs() {
        return runs.size();
    }
}
