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
import java.util.Comparator;
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

    private final VersionedRecords records;
    private final Tally tally;
    private final RecordCache<Topic> cache;
    private final RecordCache<String> ids;
    private final List<Runnable> removalListeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<Optional<TopicId>>> changeListeners = new CopyOnWriteArrayList<>();

    StoredTopics(VersionedRecords records, Executor background) {
        this.records = records;
        tally = new Tally(records);
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
    public Addition add(Topic topic, Limits limits) throws IOException {
        String path = Paths.topic(topic.tenant(), topic.name());
        List<Change> changes =
                List.of(
                        new Change.Create(path, RecordJson.write(topic)),
                        new Change.Create(
                                Paths.topicId(topic.id()), path.getBytes(StandardCharsets.UTF_8)));
        return tally.change(
                        Paths.topics(topic.tenant()),
                        present -> {
                            Addition answer = check(topic, present, limits);
                            return answer == Addition.DONE
                                    ? new Tally.Step<>(
                                            answer, present.plus(1, topic.partitions()), changes)
                                    : Tally.Step.none(answer);
                        })
                .orElse(Addition.NO_TENANT);
    }

    @Override
    public Addition check(Topic topic, Limits limits) throws IOException {
        Optional<Tally.Counts> present = tally.read(Paths.topics(topic.tenant()));
        return present.isEmpty() ? Addition.NO_TENANT : check(topic, present.get(), limits);
    }

    private Addition check(Topic topic, Tally.Counts present, Limits limits) throws IOException {
        if (records.read(Paths.topic(topic.tenant(), topic.name())).isPresent()) {
            return Addition.EXISTS;
        }
        if (present.number() >= limits.topics()) {
            return Addition.TOO_MANY_TOPICS;
        }
        return topic.partitions() > limits.partitions() - present.weight()
                ? Addition.TOO_MANY_PARTITIONS
                : Addition.DONE;
    }

    @Override
    public Limits used(TenantId tenant) throws IOException {
        Tally.Counts present = tally.read(Paths.topics(tenant)).orElse(Tally.Counts.NONE);
        return new Limits(present.number(), present.weight());
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
        records.readTree(
                Paths.topics(tenant),
                (path, value) -> {
                    if (Paths.isTopic(path)) {
                        topics.add(RecordJson.topic(path, value));
                    }
                });
        topics.sort(Comparator.comparing(Topic::name));
        return topics;
    }

    @Override
    public Update update(
            TenantId tenant,
            String name,
            Limits limits,
            boolean dryRun,
            UnaryOperator<Topic> change)
            throws IOException {
        String path = Paths.topic(tenant, name);
        Optional<Update> updated =
                tally.change(
                        Paths.topics(tenant),
                        present -> {
                            Optional<VersionedRecord> record = records.read(path);
                            if (record.isEmpty()) {
                                return Tally.Step.none(new Update.NoTopic());
                            }
                            Topic old = RecordJson.topic(path, record.get().value());
                            Topic changed = change.apply(old);
                            int more = changed.partitions() - old.partitions();
                            if (more > Math.max(0, limits.partitions() - present.weight())) {
                                return Tally.Step.none(new Update.TooManyPartitions());
                            }
                            Update done = new Update.Done(changed);
                            return dryRun
                                    ? Tally.Step.none(done)
                                    : new Tally.Step<>(
                                            done,
                                            present.plus(0, more),
                                            List.of(
                                                    new Change.Replace(
                                                            path,
                                                            RecordJson.write(changed),
                                                            record.get().version())));
                        });
        cache.forget(path);
        return updated.orElseGet(Update.NoTopic::new);
    }

    @Override
    public Optional<Topic> remove(TenantId tenant, String name) throws IOException {
        String path = Paths.topic(tenant, name);
        Optional<Optional<Topic>> removed =
                tally.change(
                        Paths.topics(tenant),
                        present -> {
                            Optional<Topic> topic =
                                    records.read(path).map(r -> RecordJson.topic(path, r.value()));
                            return topic.isEmpty()
                                    ? Tally.Step.none(topic)
                                    : new Tally.Step<>(
                                            topic,
                                            present.plus(-1, -topic.get().partitions()),
                                            removal(topic.get(), false));
                        });
        return removed.flatMap(topic -> topic);
    }

    /** Removes all a tenant's topics and their folders, as far as nobody interferes. */
    void removeAll(TenantId tenant) throws IOException {
        String root = Paths.topics(tenant);
        for (String folder : records.children(root)) {
            String path = root + "/" + folder;
            List<String> names = records.children(path);
            for (int from = 0; from < names.size(); from += REMOVED_AT_ONCE) {
                List<Change> changes = new ArrayList<>();
                for (String name :
                        names.subList(from, Math.min(names.size(), from + REMOVED_AT_ONCE))) {
                    String topicPath = path + "/" + name;
                    records.read(topicPath)
                            .map(record -> RecordJson.topic(topicPath, record.value()))
                            .ifPresent(topic -> changes.addAll(removal(topic, true)));
                }
                // A conflict leaves them to the next round.
                tally.apply(changes);
            }
            records.apply(List.of(new Change.Delete(path)));
        }
    }

    private static List<Change> removal(Topic topic, boolean withTenant) {
        return List.of(
                new Change.Delete(Paths.topic(topic.tenant(), topic.name())),
                new Change.Delete(Paths.topicId(topic.id())),
                new Change.Create(
                        Paths.removal(topic.id()), RemovalBytes.write(topic, withTenant)));
    }

    @Override
    public List<Removal> pendingRemovals(int limit) throws IOException {
        List<Removal> pending = new ArrayList<>();
        for (String folder : records.children(Paths.REMOVALS)) {
            for (String id : records.children(Paths.REMOVALS + "/" + folder)) {
                if (pending.size() == limit) {
                    return pending;
                }
                TopicId topic = new TopicId(UUID.fromString(id));
                records.read(Paths.removal(topic))
                        .map(r -> RemovalBytes.read(topic, r.value()))
                        .ifPresent(pending::add);
            }
        }
        return pending;
    }

    @Override
    public void onChange(Consumer<Optional<TopicId>> callback) {
        changeListeners.add(callback);
    }

    @Override
    public void removalsDone(List<TopicId> topics) throws IOException {
        for (int from = 0; from < topics.size(); from += REMOVED_AT_ONCE) {
            List<Change> done =
                    topics.subList(from, Math.min(topics.size(), from + REMOVED_AT_ONCE)).stream()
                            .<Change>map(topic -> new Change.Delete(Paths.removal(topic)))
                            .toList();
            if (!records.apply(done)) {
                // Some are forgotten already.
                for (Change one : done) {
                    records.apply(List.of(one));
                }
            }
        }
    }

    @Override
    public void onRemoval(Runnable callback) {
        removalListeners.add(callback);
    }
}
