package io.tributary.ingest.group;

import io.tributary.ingest.id.TopicUuid;
import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.tenant.SystemTenant;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.TopicNames;
import io.tributary.metadata.topic.Topics;
import java.io.IOException;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.metadata.PartitionRecord;
import org.apache.kafka.image.TopicImage;
import org.apache.kafka.image.TopicsImage;
import org.apache.kafka.metadata.PartitionRegistration;
import org.jspecify.annotations.Nullable;

/**
 * All tenants' topics as the coordinator asks for them: under scoped names, looked up in the
 * metadata one by one. Only what groups subscribe to is remembered, until it changes; topics that
 * no group uses take nothing. Thread-safe; may block on the metadata store.
 */
final class GroupTopics {
    private final Topics topics;
    private final Map<String, TopicImage> remembered = new ConcurrentHashMap<>();

    private final AtomicLong changes = new AtomicLong();

    /**
     * Tenants that subscribe by regular expression, and their topics' scoped names as last seen.
     */
    private final Map<TenantId, Optional<List<String>>> searched = new ConcurrentHashMap<>();

    GroupTopics(Topics topics) {
        this.topics = topics;
    }

    /** The topics as an image that never changes its identity, only its content. */
    TopicsImage image() {
        return new TopicsImage(
                new LazyMap<>(id -> byId((Uuid) id), List::of),
                new LazyMap<>(name -> byName((String) name), this::searchedNames));
    }

    static TopicImage image(Topic topic) {
        return new TopicImage(
                Scope.of(topic.tenant()).in(topic.name()),
                TopicUuid.of(topic.id()),
                new Count(topic.partitions()));
    }

    private @Nullable TopicImage byName(String scoped) {
        TopicImage known = remembered.get(scoped);
        if (known != null) {
            return known;
        }
        Optional<TenantId> owner = Scope.owner(scoped);
        if (owner.isEmpty() || owner.get().equals(SystemTenant.ID)) {
            return null;
        }
        String name = Scope.of(owner.get()).out(scoped);
        if (!TopicNames.legal(name)) {
            return null;
        }
        return remember(() -> topics.find(owner.get(), name));
    }

    private @Nullable TopicImage byId(Uuid id) {
        return remember(
                () ->
                        topics.find(TopicUuid.topicId(id))
                                .filter(one -> !one.tenant().equals(SystemTenant.ID)));
    }

    private interface LookUp {
        Optional<Topic> find() throws IOException;
    }

    private @Nullable TopicImage remember(LookUp lookUp) {
        Optional<Topic> found;
        long before = changes.get();
        try {
            found = lookUp.find();
        } catch (IOException e) {
            throw new CoordinatorNotAvailableException("topics cannot be looked up now", e);
        }
        if (found.isEmpty()) {
            return null;
        }
        TopicImage image = image(found.get());
        remembered.put(image.name(), image);
        if (changes.get() != before) {
            // It may have been looked up before a change and remembered after.
            remembered.remove(image.name(), image);
        }
        return image;
    }

    /** Topics that groups subscribe to. */
    Set<String> names() {
        return Set.copyOf(remembered.keySet());
    }

    /** Looks at a topic anew; returns it as it was where it is gone. */
    Optional<TopicImage> changed(String scoped) {
        changes.incrementAndGet();
        TopicImage before = remembered.remove(scoped);
        try {
            return byName(scoped) == null ? Optional.ofNullable(before) : Optional.empty();
        } catch (RuntimeException e) {
            // Whoever asks again has to find that it was there.
            if (before != null) {
                remembered.putIfAbsent(scoped, before);
            }
            throw e;
        }
    }

    /** A topic was made or changed, or is gone. */
    void forget(TenantId tenant, String scoped) {
        changes.incrementAndGet();
        remembered.remove(scoped);
        searched.computeIfPresent(tenant, (id, names) -> Optional.empty());
    }

    /** Whatever is remembered of lists may be wrong. */
    void forgetLists() {
        changes.incrementAndGet();
        searched.replaceAll((id, names) -> Optional.empty());
    }

    /** A group of this tenant subscribes by regular expression. */
    void search(TenantId tenant) {
        searched.putIfAbsent(tenant, Optional.empty());
    }

    boolean searches(TenantId tenant) {
        return searched.containsKey(tenant);
    }

    private List<String> searchedNames() {
        List<String> all = new ArrayList<>();
        for (TenantId tenant : searched.keySet()) {
            all.addAll(names(tenant));
        }
        return all;
    }

    private List<String> names(TenantId tenant) {
        Optional<List<String>> known = searched.getOrDefault(tenant, Optional.empty());
        if (known.isPresent()) {
            return known.get();
        }
        Scope scope = Scope.of(tenant);
        long before = changes.get();
        try {
            List<String> names =
                    topics.list(tenant).stream().map(topic -> scope.in(topic.name())).toList();
            searched.put(tenant, Optional.of(names));
            if (changes.get() != before) {
                searched.put(tenant, Optional.empty());
            }
            return names;
        } catch (IOException e) {
            throw new CoordinatorNotAvailableException("topics cannot be listed now", e);
        }
    }

    /**
     * So many partitions, all of them nowhere: the coordinator counts them, and asks for the racks
     * of where they are.
     */
    private static final class Count extends AbstractMap<Integer, PartitionRegistration> {
        private static final PartitionRegistration NOWHERE =
                new PartitionRegistration(new PartitionRecord());

        private final int size;

        Count(int size) {
            this.size = size;
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public @Nullable PartitionRegistration get(@Nullable Object key) {
            return key instanceof Integer index && index >= 0 && index < size ? NOWHERE : null;
        }

        @Override
        public Set<Entry<Integer, PartitionRegistration>> entrySet() {
            throw new UnsupportedOperationException("partitions are only counted");
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Count count && count.size == size;
        }

        @Override
        public int hashCode() {
            return size;
        }
    }
}
