package io.tributary.storage.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.time.Scheduler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class DiskReserveTest {
    private static final long RESERVE = 800;

    /** Runs what is due when it is told. */
    private static final class Seconds implements Scheduler {
        private final Queue<Runnable> due = new ArrayDeque<>();

        @Override
        public Cancellable after(Duration delay, Runnable task) {
            assertEquals(Duration.ofSeconds(1), delay);
            due.add(task);
            return () -> due.remove(task);
        }

        void pass() {
            due.remove().run();
        }
    }

    private final Seconds seconds = new Seconds();
    private long free = 2_000;
    private long cached = 300;
    private boolean broken;
    private final DiskReserve reserve =
            new DiskReserve(this::free, RESERVE, List.of(this::release), seconds);

    private long free() throws IOException {
        if (broken) {
            throw new IOException("Input/output error");
        }
        return free;
    }

    private void release(long bytes) {
        long released = Math.min(bytes, cached);
        cached -= released;
        free += released;
    }

    @Test
    void cachesGiveBackBeforeProduceIsRefused() {
        reserve.start();
        assertEquals(2_000, reserve.usableBytes());
        free = 700;
        seconds.pass();
        assertFalse(reserve.low());
        assertEquals(100, cached);
        assertEquals(900, reserve.usableBytes());
        free = 500;
        seconds.pass();
        assertTrue(reserve.low());
        assertEquals(0, cached);
    }

    @Test
    void produceIsTakenAgainWithSomeRoomBeyondTheReserve() {
        cached = 0;
        free = 799;
        reserve.start();
        assertTrue(reserve.low());
        free = 899;
        seconds.pass();
        assertTrue(reserve.low());
        free = 900;
        seconds.pass();
        assertFalse(reserve.low());
        free = 800;
        seconds.pass();
        assertFalse(reserve.low());
    }

    @Test
    void produceFasterThanTheLooksStaysOutsideTheReserve() {
        cached = 0;
        reserve.start();
        assertTrue(reserve.admits(1_000));
        free = 1_000;
        assertTrue(reserve.admits(250));
        assertEquals(1_000, reserve.usableBytes());
        assertTrue(reserve.admits(150));
        free = 799;
        assertFalse(reserve.admits(51));
        assertTrue(reserve.low());
        free = 2_000;
        assertFalse(reserve.admits(1));
        seconds.pass();
        assertTrue(reserve.admits(1));
    }

    @Test
    void unknownRoomChangesNothingAndIsAskedForAgain() {
        reserve.start();
        broken = true;
        seconds.pass();
        assertFalse(reserve.low());
        broken = false;
        free = 0;
        cached = 0;
        seconds.pass();
        assertTrue(reserve.low());
        broken = true;
        seconds.pass();
        assertTrue(reserve.low());
    }

    @Test
    void closedReserveLooksNoMore() {
        reserve.start();
        reserve.close();
        seconds.pass();
        assertTrue(seconds.due.isEmpty());
    }
}
