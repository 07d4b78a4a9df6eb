package io.tributary.ingest.quota;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long START = Long.MAX_VALUE - 5 * SECOND;

    private static TokenBucket bucket(long perSecond, long now) {
        TokenBucket bucket = new TokenBucket(now);
        bucket.perSecond(perSecond, now);
        return bucket;
    }

    /** The clock begins just before it overflows: only differences count. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void whoWaitsForDebtNeverGetsMoreThanRateAndBurstAndNeverStarves(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long rate = random.nextLong(1, 10_000_000);
        long largest = random.nextLong(1, 5 * rate + 2);
        long now = START;
        TokenBucket bucket = bucket(rate, now);
        long taken = 0;
        for (int i = 0; i < 20_000; i++) {
            long amount = random.nextLong(1, largest + 1);
            long debt = bucket.debtNanos(now);
            // Nothing lasts longer than the largest request costs.
            assertTrue(debt <= largest * SECOND / rate + 2 * SECOND, "debt " + debt);
            now += debt;
            assertEquals(0, bucket.takeIfPaid(amount, now), "seed " + seed);
            taken += amount;
            double seconds = (double) (now - START) / SECOND;
            assertTrue(
                    taken <= rate * (seconds + 1) + largest + 1,
                    "seed " + seed + " took " + taken + " in " + seconds + " s at " + rate);
            if (random.nextInt(10) == 0) {
                now += random.nextLong(3 * SECOND);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whoAlwaysWantsMoreGetsTheWholeRate(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long rate = random.nextLong(1_000, 10_000_000);
        long now = START;
        TokenBucket bucket = bucket(rate, now);
        long taken = 0;
        while (now - START < 100 * SECOND) {
            now += bucket.debtNanos(now);
            long amount = random.nextLong(1, rate);
            bucket.take(amount, now);
            taken += amount;
        }
        assertTrue(taken >= rate * 99, taken + " of " + rate * 100);
    }

    @Test
    void requestLargerThanTheBucketPassesAndIsPaidForAfterwards() {
        TokenBucket bucket = bucket(1_000, 0);
        assertEquals(0, bucket.takeIfPaid(10_000, 0));
        assertEquals(9 * SECOND, bucket.debtNanos(0));
        assertEquals(9 * SECOND, bucket.takeIfPaid(1, 0));
        assertEquals(0, bucket.takeIfPaid(1, 9 * SECOND));
    }

    @Test
    void debtIsPaidSoonerWhenTheRateRises() {
        TokenBucket bucket = bucket(1_000, 0);
        bucket.take(11_000, 0);
        assertEquals(10 * SECOND, bucket.debtNanos(0));
        bucket.perSecond(10_000, 0);
        assertEquals(SECOND, bucket.debtNanos(0));
        bucket.perSecond(Long.MAX_VALUE, 0);
        assertEquals(0, bucket.debtNanos(0));
    }

    @Test
    void onlyASecondIsSaved() {
        TokenBucket bucket = bucket(100, 0);
        long later = 1_000 * SECOND;
        assertTrue(bucket.full(later));
        bucket.take(150, later);
        assertEquals(SECOND / 2, bucket.debtNanos(later));
    }

    @Test
    void manyThreadsTogetherGetNoMoreThanOne() throws Exception {
        TokenBucket bucket = bucket(1_000, 0);
        AtomicLong passed = new AtomicLong();
        CountDownLatch begin = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                threads.execute(
                        () -> {
                            try {
                                begin.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                                return;
                            }
                            for (int n = 0; n < 10_000; n++) {
                                if (bucket.takeIfPaid(1, 0) == 0) {
                                    passed.incrementAndGet();
                                }
                            }
                        });
            }
            begin.countDown();
        }
        // What is saved, and the one that goes into debt.
        assertEquals(1_001, passed.get());
    }
}
