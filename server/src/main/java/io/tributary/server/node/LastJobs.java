package io.tributary.server.node;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node does before it ends, each for a bounded time. */
final class LastJobs {
    private static final Logger LOG = LoggerFactory.getLogger(LastJobs.class);

    private final ExecutorService threads;

    LastJobs(ExecutorService threads) {
        this.threads = threads;
    }

    interface Step {
        void run() throws IOException;
    }

    /** Waits for a step; one that takes longer is left. */
    void within(Duration limit, String what, Step step) {
        Future<?> done =
                threads.submit(
                        () -> {
                            step.run();
                            return true;
                        });
        try {
            done.get(limit.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            LOG.warn("{} failed", what, e.getCause());
        } catch (TimeoutException e) {
            LOG.warn("{} takes too long and is left limit={}", what, limit);
        }
    }
}
