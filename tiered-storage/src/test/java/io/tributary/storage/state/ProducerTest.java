package io.tributary.storage.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.tributary.storage.BatchOutcome.Flaw;
import io.tributary.storage.segment.ProducerStamp;
import io.tributary.storage.state.Producer.Verdict;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProducerTest {
    private Optional<Producer> producer = Optional.empty();
    private long nextOffset = 100;

    private static ProducerStamp stamp(int epoch, int sequence, int count) {
        return new ProducerStamp(7, (short) epoch, sequence, count - 1);
    }

    private void next(int epoch, int sequence, int count) {
        ProducerStamp stamp = stamp(epoch, sequence, count);
        assertInstanceOf(Verdict.Next.class, Producer.verdict(producer, stamp));
        producer = Optional.of(Producer.after(producer, stamp, nextOffset, 1, 1));
        nextOffset += count;
    }

    private void duplicate(int epoch, int sequence, int count, long offset) {
        Verdict verdict = Producer.verdict(producer, stamp(epoch, sequence, count));
        assertEquals(offset, assertInstanceOf(Verdict.Duplicate.class, verdict).of().baseOffset());
    }

    private void refused(Flaw flaw, int epoch, int sequence, int count) {
        Verdict verdict = Producer.verdict(producer, stamp(epoch, sequence, count));
        assertEquals(flaw, assertInstanceOf(Verdict.Refused.class, verdict).flaw());
    }

    @Test
    void batchesFollowEachOtherAndTheLastFiveAreKnown() {
        for (int i = 0; i < 6; i++) {
            next(0, i * 10, 10);
        }
        refused(Flaw.OUT_OF_ORDER_SEQUENCE_NUMBER, 0, 0, 10);
        for (int i = 1; i < 6; i++) {
            duplicate(0, i * 10, 10, 100 + i * 10);
        }
        refused(Flaw.OUT_OF_ORDER_SEQUENCE_NUMBER, 0, 50, 9);
        refused(Flaw.OUT_OF_ORDER_SEQUENCE_NUMBER, 0, 55, 5);
        refused(Flaw.OUT_OF_ORDER_SEQUENCE_NUMBER, 0, 61, 1);
        next(0, 60, 1);
    }

    @Test
    void unknownProducerMayBeginAnywhere() {
        next(3, 1_000, 5);
        next(3, 1_005, 1);
    }

    @Test
    void newEpochBeginsAtZeroAndEndsTheOldOne() {
        next(0, 0, 3);
        refused(Flaw.OUT_OF_ORDER_SEQUENCE_NUMBER, 1, 3, 1);
        next(1, 0, 3);
        refused(Flaw.INVALID_PRODUCER_EPOCH, 0, 0, 3);
        refused(Flaw.INVALID_PRODUCER_EPOCH, 0, 3, 1);
        duplicate(1, 0, 3, 103);
        next(1, 3, 1);
    }

    @Test
    void sequencesBeginAgainBehindTheLargest() {
        next(0, Integer.MAX_VALUE - 2, 2);
        refused(Flaw.OUT_OF_ORDER_SEQUENCE_NUMBER, 0, 0, 1);
        next(0, Integer.MAX_VALUE, 1);
        next(0, 0, 2);
        producer = Optional.empty();
        next(0, Integer.MAX_VALUE - 2, 5);
        duplicate(0, Integer.MAX_VALUE - 2, 5, 105);
        refused(Flaw.OUT_OF_ORDER_SEQUENCE_NUMBER, 0, 3, 1);
        next(0, 2, 1);
    }
}
