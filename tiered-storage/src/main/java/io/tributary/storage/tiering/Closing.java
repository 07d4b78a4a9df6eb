package io.tributary.storage.tiering;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Tells work that waits for better times that its shard closes. Thread-safe. */
public final class Closing {
    private final CountDownLatch closed = new CountDownLatch(1);

    public void close() {
        closed.countDown();
    }

    public boolean isClosed() {
        return closed.getCount() == 0;
    }

    /** Waits; true when the shard closed meanwhile. */
    boolean awaitFor(Duration atMost) throws InterruptedException {
        return closed.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }
}
