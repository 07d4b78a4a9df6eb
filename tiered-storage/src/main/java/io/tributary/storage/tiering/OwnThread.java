package io.tributary.storage.tiering;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A thread for work that computes for long: the system takes turns between it and readers, which it
 * does not between virtual threads.
 */
final class OwnThread {
    private OwnThread() {}

    /** Work that may fail. */
    interface Work {
        void run() throws IOException;
    }

    /** Does the work on a thread of its own; blocks until it is done. */
    static void run(ShardContext shard, Work work) throws IOException {
        FutureTask<Void> task =
                new FutureTask<>(
                        () -> {
                            work.run();
                            return null;
                        });
        Thread thread = shard.node().environment().threads().newThread(task);
        thread.setName("tributary-compaction-" + shard.shard());
        thread.start();
        try {
            task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException problem -> throw problem;
                case RuntimeException problem -> throw problem;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }
}
