package io.tributary.storage.tiering;

import io.tributary.kernel.time.Scheduler;
import io.tributary.kernel.time.Scheduler.Cancellable;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Tells work that waits for better times that its shard closes. Thread-safe. */
public final class Closing {
    private final Scheduler scheduler;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    public Closing(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    public void close() {
        closed.complete(null);
    }

    public boolean isClosed() {
        return closed.isDone();
    }

    /** Waits; true when the shard closed meanwhile. */
    public boolean awaitFor(Duration atMost) throws InterruptedException {
        CompletableFuture<Void> over = new CompletableFuture<>();
        Cancellable timer = scheduler.after(atMost, () -> over.complete(null));
        try {
            CompletableFuture.anyOf(closed, over).get();
            return isClosed();
        } catch (ExecutionException e) {
            throw new IllegalStateException("neither ever fails", e);
        } finally {
            timer.cancel();
        }
    }
}
