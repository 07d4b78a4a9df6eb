package io.tributary.storage.state;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.storage.BatchOutcome.Flaw;
import io.tributary.storage.Shard.KnownProducer;
import io.tributary.storage.segment.ProducerStamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An idempotent producer as one partition knows it: its epoch and its newest batches of that epoch,
 * the oldest first, at least one and at most {@link #KEPT}. Kafka's rules, as its
 * ProducerAppendInfo and ProducerStateEntry have them.
 */
public record Producer(long id, short epoch, long lastUsedMillis, List<Batch> batches) {
    /** As many batches as a producer may have under way. */
    static final int KEPT = 5;

    public Producer {
        batches = List.copyOf(batches);
    }

    /**
     * A batch it appended.
     *
     * @param maxTimestamp of its records, milliseconds
     */
    public record Batch(int baseSequence, int lastOffsetDelta, long baseOffset, long maxTimestamp) {
        static final int BYTES = 4 + 4 + 8 + 8;

        private int lastSequence() {
            // The sign bit is what runs over.
            return (baseSequence + lastOffsetDelta) & Integer.MAX_VALUE;
        }

        private long endOffset() {
            return baseOffset + lastOffsetDelta + 1;
        }
    }

    /** What is to be done with a batch. */
    public sealed interface Verdict {
        /** It is the producer's next. */
        record Next() implements Verdict {}

        /** It is there already. */
        record Duplicate(Batch of) implements Verdict {}

        /** It must not be appended. */
        record Refused(Flaw flaw, String what) implements Verdict {}
    }

    /** A batch's verdict by what is known of its producer. */
    public static Verdict verdict(Optional<Producer> known, ProducerStamp stamp) {
        if (known.isEmpty()) {
            // As in Kafka: what it wrote before may have expired.
            return new Verdict.Next();
        }
        Producer producer = known.get();
        if (stamp.epoch() < producer.epoch) {
            return new Verdict.Refused(
                    Flaw.INVALID_PRODUCER_EPOCH,
                    "producer " + stamp.producerId() + " has epoch " + producer.epoch);
        }
        if (stamp.epoch() > producer.epoch) {
            return stamp.baseSequence() == 0
                    ? new Verdict.Next()
                    : outOfOrder(stamp, "a new epoch begins with sequence 0");
        }
        for (Batch batch : producer.batches) {
            if (batch.baseSequence == stamp.baseSequence()
                    && batch.lastOffsetDelta == stamp.lastOffsetDelta()) {
                return new Verdict.Duplicate(batch);
            }
        }
        int next = (producer.batches.getLast().lastSequence() + 1) & Integer.MAX_VALUE;
        return stamp.baseSequence() == next
                ? new Verdict.Next()
                : outOfOrder(stamp, "its next sequence is " + next);
    }

    private static Verdict outOfOrder(ProducerStamp stamp, String what) {
        return new Verdict.Refused(
                Flaw.OUT_OF_ORDER_SEQUENCE_NUMBER,
                String.format(
                        java.util.Locale.ROOT,
                        "producer %d, epoch %d sent sequence %d: %s",
                        stamp.producerId(),
                        stamp.epoch(),
                        stamp.baseSequence(),
                        what));
    }

    /** The producer once a batch, its next, is appended. */
    public static Producer after(
            Optional<Producer> known,
            ProducerStamp stamp,
            long baseOffset,
            long maxTimestamp,
            long nowMillis) {
        List<Batch> batches = new ArrayList<>(KEPT);
        if (known.isPresent() && known.get().epoch == stamp.epoch()) {
            List<Batch> before = known.get().batches;
            batches.addAll(before.subList(Math.max(0, before.size() - KEPT + 1), before.size()));
        }
        batches.add(
                new Batch(stamp.baseSequence(), stamp.lastOffsetDelta(), baseOffset, maxTimestamp));
        return new Producer(stamp.producerId(), stamp.epoch(), nowMillis, batches);
    }

    /** As others may know it. */
    KnownProducer known() {
        Batch last = batches.getLast();
        return new KnownProducer(id, epoch, last.lastSequence(), last.maxTimestamp);
    }

    /** Whether it appended something that lies at or beyond the offset. */
    boolean reachesBeyond(long offset) {
        return batches.getLast().endOffset() > offset;
    }

    void write(BinaryWriter out) {
        out.i64(id).i32(epoch).i64(lastUsedMillis).i32(batches.size());
        for (Batch batch : batches) {
            out.i32(batch.baseSequence).i32(batch.lastOffsetDelta);
            out.i64(batch.baseOffset).i64(batch.maxTimestamp);
        }
    }

    static Producer read(BinaryReader in) {
        long id = in.i64();
        short epoch = (short) in.i32();
        long lastUsedMillis = in.i64();
        int count = in.count(Batch.BYTES);
        if (count == 0) {
            throw new MalformedBytesException("producer " + id + " without a batch");
        }
        List<Batch> batches = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            batches.add(new Batch(in.i32(), in.i32(), in.i64(), in.i64()));
        }
        return new Producer(id, epoch, lastUsedMillis, batches);
    }
}
