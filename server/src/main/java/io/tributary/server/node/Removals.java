package io.tributary.server.node;

import io.tributary.kernel.id.TopicId;
import io.tributary.kernel.time.Scheduler;
import io.tributary.metadata.topic.Topics;
import io.tributary.storage.Shards;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries topics' removal from the metadata to storage, until storage has it for good. */
final class Removals {
    private static final Logger LOG = LoggerFactory.getLogger(Removals.class);
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final Topics topics;
    private final Shards shards;
    private final Scheduler scheduler;
    private final ReentrantLock running = new ReentrantLock();

    Removals(Topics topics, Shards shards, Scheduler scheduler) {
        this.topics = topics;
        this.shards = shards;
        this.scheduler = scheduler;
    }

    void start() {
        topics.onRemoval(this::run);
        scheduler.after(Duration.ZERO, this::run);
    }

    private void run() {
        running.lock();
        try {
            List<TopicId> pending = topics.pendingRemovals();
            if (!pending.isEmpty()) {
                shards.removeTopics(pending);
                topics.removalsDone(pending);
                LOG.info("topics removed count={}", pending.size());
            }
        } catch (IOException e) {
            LOG.warn("topics cannot be removed yet problem={}", e.toString());
            scheduler.after(RETRY, this::run);
        } finally {
            running.unlock();
        }
    }
}
