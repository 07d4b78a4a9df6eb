package io.tributary.server.node;

import io.tributary.kernel.time.Scheduler;
import io.tributary.metadata.zookeeper.EmbeddedZooKeeper;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets deleted metadata leave the disk within a bounded time. */
final class Forgetting implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Forgetting.class);
    private static final Duration PAUSE = Duration.ofMinutes(15);

    /** A start leaves the log to replay as it is; it is not to be replayed often. */
    private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);

    private final EmbeddedZooKeeper zooKeeper;
    private final Scheduler scheduler;
    private volatile boolean closed;

    Forgetting(EmbeddedZooKeeper zooKeeper, Scheduler scheduler) {
        this.zooKeeper = zooKeeper;
        this.scheduler = scheduler;
    }

    void start() {
        scheduler.after(FIRST_PAUSE, this::run);
    }

    private void run() {
        if (closed) {
            return;
        }
        try {
            zooKeeper.forgetDeleted();
        } catch (IOException e) {
            LOG.warn("deleted metadata stays on the disk for now problem={}", e.toString());
        }
        scheduler.after(PAUSE, this::run);
    }

    @Override
    public void close() {
        closed = true;
    }
}
