package io.tributary.server.node;

import io.tributary.ingest.group.Coordination;
import io.tributary.kernel.id.TopicId;
import io.tributary.kernel.time.Scheduler;
import io.tributary.metadata.topic.Topics;
import io.tributary.storage.Receipt.Why;
import io.tributary.storage.Shards;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries topics' removal from the metadata to storage and to consumer groups, until both have it
 * for good.
 */
final class Removals {
    private static final Logger LOG = LoggerFactory.getLogger(Removals.class);
    private static final Duration RETRY = Duration.ofSeconds(2);

    private static final int AT_ONCE = 1_000;

    private final Topics topics;
    private final Shards shards;
    private final Coordination groups;
    private final Scheduler scheduler;
    private final ReentrantLock running = new ReentrantLock();
    private final AtomicBoolean waiting = new AtomicBoolean();

    Removals(Topics topics, Shards shards, Coordination groups, Scheduler scheduler) {
        this.topics = topics;
        this.shards = shards;
        this.groups = groups;
        this.scheduler = scheduler;
    }

    void start() {
        topics.onRemoval(this::wake);
        scheduler.after(Duration.ZERO, this::wake);
    }

    /** Whatever is heard while one runs, it sees or another one does: so one more is enough. */
    private void wake() {
        if (waiting.compareAndSet(false, true)) {
            run();
        }
    }

    private void run() {
        running.lock();
        try {
            waiting.set(false);
            List<Topics.Removal> pending;
            do {
                pending = topics.pendingRemovals(AT_ONCE);
                remove(pending, false, Why.TOPIC_DELETED);
                remove(pending, true, Why.TENANT_DELETED);
            } while (pending.size() == AT_ONCE);
        } catch (IOException e) {
            LOG.warn("topics cannot be removed yet problem={}", e.toString());
            scheduler.after(RETRY, this::wake);
        } finally {
            running.unlock();
        }
    }

    private void remove(List<Topics.Removal> pending, boolean withTenant, Why why)
            throws IOException {
        List<Topics.Removal> removals =
                pending.stream().filter(removal -> removal.withTenant() == withTenant).toList();
        List<TopicId> some = removals.stream().map(Topics.Removal::topic).toList();
        if (!some.isEmpty()) {
            shards.removeTopics(some, why);
            groups.topicsRemoved(removals);
            topics.removalsDone(some);
            LOG.info("topics removed count={} why={}", some.size(), why);
        }
    }
}
