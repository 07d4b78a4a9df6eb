package io.tributary.ingest.group;

import io.tributary.ingest.id.TopicUuid;
import io.tributary.kernel.id.TopicId;
import io.tributary.kernel.time.Scheduler;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metadata.TopicRecord;
import org.apache.kafka.image.AclsImage;
import org.apache.kafka.image.ClientQuotasImage;
import org.apache.kafka.image.ClusterImage;
import org.apache.kafka.image.ConfigurationsImage;
import org.apache.kafka.image.DelegationTokenImage;
import org.apache.kafka.image.FeaturesImage;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.MetadataProvenance;
import org.apache.kafka.image.ProducerIdsImage;
import org.apache.kafka.image.ScramImage;
import org.apache.kafka.image.TopicDelta;
import org.apache.kafka.image.TopicImage;
import org.apache.kafka.image.TopicsImage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the coordinator which topics changed. Changes are gathered for a moment, so that a tenant
 * that makes many topics costs everybody's groups little. Thread-safe.
 */
final class MetadataFeed {
    private static final Logger LOG = LoggerFactory.getLogger(MetadataFeed.class);
    private static final Duration GATHERING = Duration.ofMillis(100);
    private static final Duration RETRY = Duration.ofSeconds(1);

    /** Beyond this it is cheaper to look at every topic that groups use. */
    private static final int MAX_GATHERED = 10_000;

    private final GroupTopics known;
    private final Topics topics;
    private final Scheduler scheduler;
    private final BiConsumer<MetadataDelta, MetadataImage> coordinator;
    private final ReentrantLock gathering = new ReentrantLock();
    private final ReentrantLock telling = new ReentrantLock();
    private Set<TopicId> changed = new HashSet<>();
    private boolean any;
    private boolean due;
    private long version;
    private volatile boolean closed;

    MetadataFeed(
            GroupTopics known,
            Topics topics,
            Scheduler scheduler,
            BiConsumer<MetadataDelta, MetadataImage> coordinator) {
        this.known = known;
        this.topics = topics;
        this.scheduler = scheduler;
        this.coordinator = coordinator;
    }

    /** Hands over the topics that there are, and follows them from now on. */
    void start() {
        topics.onChange(this::changed);
        tell(TopicsImage.EMPTY, List.of(), List.of(), List.of());
    }

    void close() {
        closed = true;
    }

    private void changed(Optional<TopicId> topic) {
        gathering.lock();
        try {
            if (topic.isEmpty() || changed.size() >= MAX_GATHERED) {
                any = true;
            } else {
                changed.add(topic.get());
            }
            if (!due && !closed) {
                due = true;
                scheduler.after(GATHERING, this::tell);
            }
        } finally {
            gathering.unlock();
        }
    }

    private void tell() {
        Set<TopicId> some;
        boolean all;
        gathering.lock();
        try {
            some = changed;
            changed = new HashSet<>();
            all = any;
            any = false;
            due = false;
        } finally {
            gathering.unlock();
        }
        if (closed) {
            return;
        }
        try {
            tell(some, all);
        } catch (IOException | RuntimeException e) {
            LOG.warn("groups cannot be told of changed topics yet problem={}", e.toString());
            again(some, all);
        }
    }

    private void again(Set<TopicId> some, boolean all) {
        gathering.lock();
        try {
            changed.addAll(some);
            any |= all;
            if (!due && !closed) {
                due = true;
                scheduler.after(RETRY, this::tell);
            }
        } finally {
            gathering.unlock();
        }
    }

    private void tell(Set<TopicId> some, boolean all) throws IOException {
        List<TopicImage> changes = new ArrayList<>();
        List<TopicImage> found = new ArrayList<>();
        List<TopicImage> gone = new ArrayList<>();
        for (TopicId id : some) {
            Optional<Topic> topic = topics.find(id);
            if (topic.isPresent()) {
                TopicImage image = GroupTopics.image(topic.get());
                known.forget(topic.get().tenant(), image.name());
                changes.add(image);
                if (known.searches(topic.get().tenant())) {
                    found.add(image);
                }
            }
        }
        if (all) {
            known.forgetLists();
            for (String name : known.names()) {
                known.changed(name).ifPresent(gone::add);
            }
            // All that is left may have changed.
            for (String name : known.names()) {
                Optional.ofNullable(known.image().getTopic(name)).ifPresent(changes::add);
            }
        }
        tell(including(gone), changes, found, gone);
    }

    /**
     * Topics were removed; blocks until the groups that are led here have forgotten their offsets.
     */
    void removed(List<Topics.Removal> removals) {
        List<TopicImage> gone = new ArrayList<>();
        for (Topics.Removal removal : removals) {
            removal.was()
                    .ifPresent(
                            was -> {
                                String scoped = Scope.of(was.tenant()).in(was.topic());
                                known.forget(was.tenant(), scoped);
                                gone.add(
                                        new TopicImage(
                                                scoped, TopicUuid.of(removal.topic()), Map.of()));
                            });
        }
        tell(including(gone), List.of(), List.of(), gone);
    }

    private static TopicsImage including(List<TopicImage> some) {
        TopicsImage image = TopicsImage.EMPTY;
        for (TopicImage one : some) {
            image = image.including(one);
        }
        return image;
    }

    /**
     * Tells the coordinator.
     *
     * @param found topics that a regular expression may find now
     */
    private void tell(
            TopicsImage before,
            List<TopicImage> changes,
            List<TopicImage> found,
            List<TopicImage> gone) {
        telling.lock();
        try {
            version++;
            MetadataDelta delta =
                    new MetadataDelta.Builder().setImage(image(before, version - 1)).build();
            for (TopicImage one : found) {
                delta.replay(new TopicRecord().setName(one.name()).setTopicId(one.id()));
            }
            var topicsDelta = delta.getOrCreateTopicsDelta();
            for (TopicImage one : changes) {
                topicsDelta.changedTopics().put(one.id(), new TopicDelta(one));
            }
            for (TopicImage one : gone) {
                Uuid id = one.id();
                topicsDelta.deletedTopicIds().add(id);
            }
            coordinator.accept(delta, image(known.image(), version));
        } finally {
            telling.unlock();
        }
    }

    private static MetadataImage image(TopicsImage topics, long version) {
        return new MetadataImage(
                new MetadataProvenance(version, 1, 0, true),
                FeaturesImage.EMPTY,
                ClusterImage.EMPTY,
                topics,
                ConfigurationsImage.EMPTY,
                ClientQuotasImage.EMPTY,
                ProducerIdsImage.EMPTY,
                AclsImage.EMPTY,
                ScramImage.EMPTY,
                DelegationTokenImage.EMPTY);
    }
}
