package io.tributary.metadata.directory;

import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.metadata.record.Change;
import io.tributary.metadata.record.VersionedRecord;
import io.tributary.metadata.record.VersionedRecords;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Topics as records. */
final class StoredTopics implements Topics {
    /** How many topics one change removes at most, to stay below the store's limit. */
    private static final int REMOVED_AT_ONCE = 200;

    private static final int MAX_TRIES = 20;

    /** What the record of a removal says: the topic alone went, or its tenant. */
    private static final byte[] ALONE = {};

    private static final byte[] WITH_TENANT = {'t'};

    private final VersionedRecords records;
    private final RecordCache<Topic> cache;
    private final RecordCache<String> ids;
    private final List<Runnable> removalListeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<Optional<TopicId>>> changeListeners = new CopyOnWriteArrayList<>();

    StoredTopics(VersionedRecords records, Executor background) {
        this.records = records;
        cache = new RecordCache<>(records, Paths.TOPICS, RecordJson::topic);
        ids =
                new RecordCache<>(
                        records,
                        Paths.TOPIC_IDS,
                        (path, value) -> new String(value, StandardCharsets.UTF_8));
        records.onChange(
                path -> {
                    if (path.equals("/") || path.startsWith(Paths.REMOVALS)) {
                        removalListeners.forEach(background::execute);
                    }
                    if (path.equals("/") || Paths.isTopic(path)) {
                        background.execute(() -> changed(path));
                    }
                });
    }

    private void changed(String path) {
        Optional<TopicId> topic = Optional.empty();
        if (!path.equals("/")) {
            try {
                topic = cache.find(path).map(Topic::id);
                if (topic.isEmpty()) {
                    return;
                }
            } catch (IOException | UncheckedIOException e) {
                // Which topic it is cannot be told: it may be any.
                topic = Optional.empty();
            }
        }
        Optional<TopicId> which = topic;
        changeListeners.forEach(listener -> listener.accept(which));
    }

    @Override
    public boolean add(Topic topic) throws IOException {
        String path = Paths.topic(topic.tenant(), topic.name());
        return records.apply(
                List.of(
                        new Change.Create(path, RecordJson.write(topic)),
                        new Change.Create(
                                Paths.topicId(topic.id()), path.getBytes(StandardCharsets.UTF_8))));
    }

    @Override
    public Optional<Topic> find(TenantId tenant, String name) throws IOException {
        return cache.find(Paths.topic(tenant, name));
    }

    @Override
    public Optional<Topic> ifCached(TenantId tenant, String name) {
        return cache.ifCached(Paths.topic(tenant, name));
    }

    @Override
    public Optional<Topic> find(TopicId id) throws IOException {
        Optional<String> path = ids.find(Paths.topicId(id));
        return path.isEmpty()
                ? Optional.empty()
                : cache.find(path.get()).filter(topic -> topic.id().equals(id));
    }

    @Override
    public List<Topic> list(TenantId tenant) throws IOException {
        List<Topic> topics = new ArrayList<>();
        for (String name : records.children(Paths.topics(tenant))) {
            find(tenant, name).ifPresent(topics::add);
        }
        return topics;
    }

    @Override
    public int count(TenantId tenant) throws IOException {
        return records.children(Paths.topics(tenant)).size();
    }

    @Override
    public Optional<Topic> update(TenantId tenant, String name, UnaryOperator<Topic> change)
            throws IOException {
        String path = Paths.topic(tenant, name);
        for (int i = 0; i < MAX_TRIES; i++) {
            Optional<VersionedRecord> record = records.read(path);
            if (record.isEmpty()) {
                return Optional.empty();
            }
            Topic changed = change.apply(RecordJson.topic(path, record.get().value()));
            if (records.apply(
                    List.of(
                            new Change.Replace(
                                    path, RecordJson.write(changed), record.get().version())))) {
                cache.forget(path);
                return Optional.of(changed);
            }
        }
        throw new IOException("topic " + name + " changes too fast");
    }

    @Override
    public Optional<Topic> remove(TenantId tenant, String name) throws IOException {
        for (int i = 0; i < MAX_TRIES; i++) {
            String path = Paths.topic(tenant, name);
            Optional<VersionedRecord> record = records.read(path);
            if (record.isEmpty()) {
                return Optional.empty();
            }
            Topic topic = RecordJson.topic(path, record.get().value());
            if (records.apply(removal(topic, ALONE))) {
                return Optional.of(topic);
            }
        }
        throw new IOException("topic " + name + " changes too fast");
    }

    /** Removes all a tenant's topics, as far as nobody interferes. */
    void removeAll(TenantId tenant) throws IOException {
        List<String> names = records.children(Paths.topics(tenant));
        for (int from = 0; from < names.size(); from += REMOVED_AT_ONCE) {
            List<Change> changes = new ArrayList<>();
            for (String name :
                    names.subList(from, Math.min(names.size(), from + REMOVED_AT_ONCE))) {
                String path = Paths.topic(tenant, name);
                records.read(path)
                        .map(record -> RecordJson.topic(path, record.value()))
                        .ifPresent(topic -> changes.addAll(removal(topic, WITH_TENANT)));
            }
            // A conflict leaves them to the next round.
            records.apply(changes);
        }
    }

    private static List<Change> removal(Topic topic, byte[] how) {
        return List.of(
                new Change.Delete(Paths.topic(topic.tenant(), topic.name())),
                new Change.Delete(Paths.topicId(topic.id())),
                new Change.Create(Paths.removal(topic.id()), how));
    }

    @Override
    public List<Removal> pendingRemovals() throws IOException {
        List<Removal> pending = new ArrayList<>();
        for (String id : records.children(Paths.REMOVALS)) {
            TopicId topic = new TopicId(UUID.fromString(id));
            records.read(Paths.removal(topic))
                    .ifPresent(
                            record ->
                                    pending.add(
                                            new Removal(
                                                    topic,
                                                    Arrays.equals(record.value(), WITH_TENANT))));
        }
        return pending;
    }

    @Override
    public void onChange(Consumer<Optional<TopicId>> callback) {
        changeListeners.add(callback);
    }

    @Override
    public void removalsDone(List<TopicId> topics) throws IOException {
        for (TopicId topic : topics) {
            records.apply(List.of(new Change.Delete(Paths.removal(topic))));
        }
    }

    @Override
    public void onRemoval(Runnable callback) {
        removalListeners.add(callback);
    }
}
