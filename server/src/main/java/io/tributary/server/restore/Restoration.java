package io.tributary.server.restore;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.metadata.backup.BackupName;
import io.tributary.metadata.backup.BackupWriter;
import io.tributary.metadata.backup.Lineage;
import io.tributary.metadata.backup.TreeCopy;
import io.tributary.metadata.broker.BrokerView;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.metadata.topic.Topic;
import io.tributary.server.backup.Lineages;
import io.tributary.server.backup.StoredBackups;
import io.tributary.server.command.RefusedException;
import io.tributary.server.node.ConfiguredTopics;
import io.tributary.server.node.ManifestRecords;
import io.tributary.server.option.RestoreSettings;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.log.ManifestStore;
import io.tributary.storage.log.ShardManifest;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.restore.Additions;
import io.tributary.storage.restore.PartitionReport;
import io.tributary.storage.restore.Progress;
import io.tributary.storage.restore.ShardRestore;
import io.tributary.storage.restore.StoredShard;
import io.tributary.storage.restore.Survey;
import io.tributary.storage.restore.SurvivingLog;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** A node being put together from an object store. One thread uses it; blocks. */
final class Restoration implements AutoCloseable {
    /** The old node may have begun epochs that nothing in the store tells of. */
    private static final long EPOCH_MARGIN = 1_000;

    private static final String OWNER = "restore";

    private final ObjectStore store;
    private final RestoreSettings settings;
    private final Machine machine;
    private final Source source;
    private final SurvivingLog log;
    private final SortedMap<ShardId, ShardRestore> shards = new TreeMap<>();

    /** What a restore gets from the machine it runs on. */
    record Machine(
            InstantSource clock, RandomGenerator random, Executor requests, Progress progress) {}

    private Restoration(ObjectStore store, RestoreSettings settings, Machine machine, Source source)
            throws IOException {
        this.store = store;
        this.settings = settings;
        this.machine = machine;
        this.source = source;
        Map<PartitionId, ShardId> placement = source.placement();
        log =
                settings.ledgers().isPresent()
                        ? SurvivingLog.open(
                                settings.ledgers().get(),
                                id -> Optional.ofNullable(placement.get(id)))
                        : SurvivingLog.none();
    }

    /** What was found, and what would come back. */
    record Plan(Source source, List<ShardPlan> shards, List<String> warnings) {}

    /** What would come back of a shard. */
    record ShardPlan(
            ShardId shard,
            Optional<String> snapshot,
            int laterObjects,
            List<PartitionReport> partitions) {}

    static Restoration open(ObjectStore store, RestoreSettings settings, Machine machine)
            throws IOException {
        String location = settings.objects().location().orElseThrow().toString();
        return new Restoration(
                store, settings, machine, Source.newest(new StoredBackups(store), location));
    }

    /** Finds out what is there; changes nothing. */
    Plan plan() throws IOException {
        List<String> warnings = new ArrayList<>(source.warnings());
        warnings.addAll(log.warnings());
        Survey survey = new Survey(store, machine.requests(), machine.progress());
        SortedSet<ShardId> ids = source.shards();
        ids.addAll(survey.shards());
        Set<TopicId> removed = new HashSet<>(log.removedTopics());
        Map<ShardId, StoredShard> found = new HashMap<>();
        for (ShardId id : ids) {
            StoredShard stored = survey.shard(id);
            stored.warnings().forEach(warning -> warnings.add("shard " + id + ": " + warning));
            found.put(id, stored);
            shards.put(id, new ShardRestore(stored, log));
            removed.addAll(shards.get(id).removedTopics());
        }
        int gone = source.remove(removed);
        if (gone > 0) {
            warnings.add(gone + " topics were removed after the backup and stay so");
        }
        Map<ShardId, List<PartitionId>> alive = new HashMap<>();
        source.placement()
                .forEach(
                        (partition, shard) ->
                                alive.computeIfAbsent(shard, s -> new ArrayList<>())
                                        .add(partition));
        List<ShardPlan> plans = new ArrayList<>();
        for (ShardId id : ids) {
            plans.add(
                    new ShardPlan(
                            id,
                            found.get(id).snapshot().map(StoredShard.Loaded::key),
                            found.get(id).later().size(),
                            shards.get(id)
                                    .plan(
                                            alive.getOrDefault(id, List.of()),
                                            settings.offsetGap())));
        }
        return new Plan(source, plans, warnings);
    }

    /**
     * Carries the plan out, into a folder that is empty and ours. The store is the same, opened for
     * writing. First the store is claimed, so that an old node which is alive after all stops; last
     * the metadata gets its name, without which the folder is none to start with.
     */
    void complete(ObjectStore writable) throws IOException {
        Path data = settings.data();
        claim(writable, data.resolve("metadata-backup.new"));
        Map<TopicId, Optional<PartitionSettings>> topics = topics();
        int done = 0;
        for (ShardId shard : shards.keySet()) {
            complete(writable, shard, topics);
            machine.progress().at("restoring shards", ++done, shards.size());
        }
        new NewFolder(data, machine.clock(), machine.random()).write(source.records());
    }

    private void claim(ObjectStore writable, Path draft) throws IOException {
        StoredBackups backups = new StoredBackups(writable);
        Lineage lineage = Lineages.next(backups.list(), machine.random());
        lineage.create(source.records());
        BackupName name = new BackupName(lineage.generation(), 0, lineage.life());
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(draft))) {
            BackupWriter writer = new BackupWriter(out, name, machine.clock().millis());
            new TreeCopy(source.records()).writeTo(writer);
            writer.finish();
        }
        writable.put(name.key(), draft);
        Files.delete(draft);
        if (backups.list().stream().anyMatch(b -> lineage.supersededBy(b.name()))) {
            throw new RefusedException(
                    "Another restore from this object store runs at the same time.");
        }
    }

    private void complete(
            ObjectStore writable, ShardId id, Map<TopicId, Optional<PartitionSettings>> topics)
            throws IOException {
        ShardRestore restore = shards.get(id);
        ManifestRecords manifests = source.manifests();
        Optional<ManifestStore.Stored> last = manifests.read(id);
        long epoch =
                Math.max(restore.highestEpoch(), last.map(m -> m.manifest().epoch()).orElse(0L))
                        + EPOCH_MARGIN;
        ShardManifest manifest =
                restore.complete(
                        new Additions(
                                writable,
                                id,
                                epoch,
                                machine.clock().millis(),
                                settings.data(),
                                machine.random()),
                        new ShardRestore.Terms(
                                epoch,
                                settings.offsetGap(),
                                machine.clock().millis(),
                                OWNER,
                                topic -> topics.getOrDefault(topic, Optional.empty())));
        if (last.isPresent()) {
            manifests.replace(id, manifest, last.get().version());
        } else {
            manifests.create(id, manifest);
        }
    }

    private Map<TopicId, Optional<PartitionSettings>> topics() throws IOException {
        Map<TopicId, Optional<PartitionSettings>> settings = new HashMap<>();
        Map<TenantId, BrokerView> brokers = new HashMap<>();
        for (Tenant tenant : source.tenants()) {
            brokers.put(tenant.id(), new BrokerView(Map.of(), tenant.brokerConfigs()));
        }
        for (Topic topic : source.topics()) {
            BrokerView broker = brokers.get(topic.tenant());
            settings.put(
                    topic.id(),
                    Optional.of(
                            ConfiguredTopics.of(
                                    broker == null ? topic.configs() : broker.configs(topic))));
        }
        return settings;
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
