package io.tributary.server.cat;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.metadata.topic.Topic;
import io.tributary.server.backup.StoredBackups;
import io.tributary.server.command.RefusedException;
import io.tributary.server.option.CatSettings;
import io.tributary.server.restore.Source;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.restore.StoredShard;
import io.tributary.storage.restore.Survey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The partitions that a name or an id stands for, and where they belong.
 *
 * @param partitions rising
 */
record CatTopic(SortedMap<PartitionId, ShardId> partitions) {

    /**
     * Finds the topic: by its name through the newest backup of the metadata; by its id in the
     * objects themselves, whether the metadata knows it or not.
     *
     * @throws RefusedException there is none, or more than one
     */
    static CatTopic find(ObjectStore store, Survey survey, CatSettings settings)
            throws IOException {
        SortedMap<PartitionId, ShardId> all =
                settings.topic().matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
                        ? byId(survey, new TopicId(UUID.fromString(settings.topic())))
                        : byName(store, settings);
        if (settings.partition().isEmpty()) {
            return new CatTopic(all);
        }
        SortedMap<PartitionId, ShardId> one = new TreeMap<>(all);
        one.keySet().removeIf(id -> id.index() != settings.partition().getAsInt());
        if (one.isEmpty()) {
            throw new RefusedException(
                    "The topic has no partition " + settings.partition().getAsInt() + ".");
        }
        return new CatTopic(one);
    }

    private static SortedMap<PartitionId, ShardId> byId(Survey survey, TopicId id)
            throws IOException {
        SortedMap<PartitionId, ShardId> found = new TreeMap<>();
        for (ShardId shard : survey.shards()) {
            StoredShard stored = survey.shard(shard);
            stored.partitions(id).forEach(partition -> found.put(partition, shard));
        }
        if (found.isEmpty()) {
            throw new RefusedException("No object has records of a topic " + id + ".");
        }
        return found;
    }

    private static SortedMap<PartitionId, ShardId> byName(ObjectStore store, CatSettings settings)
            throws IOException {
        Source source =
                Source.newest(
                        new StoredBackups(store),
                        settings.objects().location().orElseThrow().toString());
        List<Tenant> tenants = new ArrayList<>();
        List<Topic> topics = new ArrayList<>();
        for (Tenant tenant : source.tenants()) {
            if (settings.tenant().isPresent()
                    && !settings.tenant().get().equals(tenant.name())
                    && !settings.tenant().get().equals(tenant.id().value())) {
                continue;
            }
            Optional<Topic> topic = source.directory().topics().find(tenant.id(), settings.topic());
            if (topic.isPresent()) {
                tenants.add(tenant);
                topics.add(topic.get());
            }
        }
        if (topics.isEmpty()) {
            throw new RefusedException(
                    "There is no topic "
                            + settings.topic()
                            + settings.tenant().map(tenant -> " of tenant " + tenant).orElse("")
                            + " in the metadata as of "
                            + source.backup().writtenAt()
                            + ".");
        }
        if (topics.size() > 1) {
            throw new RefusedException(
                    "More than one tenant has a topic "
                            + settings.topic()
                            + "; choose with --tenant: "
                            + tenants.stream()
                                    .map(tenant -> tenant.id() + " (" + tenant.name() + ")")
                                    .collect(Collectors.joining(", ")));
        }
        SortedMap<PartitionId, ShardId> partitions = new TreeMap<>();
        Topic topic = topics.getFirst();
        for (int i = 0; i < topic.partitions(); i++) {
            partitions.put(topic.partition(i), topic.shard(i));
        }
        return partitions;
    }
}
