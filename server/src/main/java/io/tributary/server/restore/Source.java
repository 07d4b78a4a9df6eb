package io.tributary.server.restore;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.metadata.backup.BackupName;
import io.tributary.metadata.backup.BackupReader.Backup;
import io.tributary.metadata.directory.Directory;
import io.tributary.metadata.directory.RestoredRecords;
import io.tributary.metadata.record.MemoryRecords;
import io.tributary.metadata.tenant.SystemTenant;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.metadata.topic.Topic;
import io.tributary.server.backup.StoredBackups;
import io.tributary.server.command.RefusedException;
import io.tributary.server.node.ManifestRecords;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The metadata of a node that is gone, by its newest readable backup. Not thread-safe. */
public final class Source {
    private static final int TENANTS_AT_ONCE = 1_000;

    private final Backup backup;
    private final List<String> warnings;
    private final MemoryRecords records;
    private final Directory directory;

    private Source(Backup backup, List<String> warnings, MemoryRecords records) throws IOException {
        this.backup = backup;
        this.warnings = warnings;
        this.records = records;
        directory = new Directory(records, Runnable::run);
    }

    /**
     * Reads the newest backup that can be read; blocks.
     *
     * @throws RefusedException there is none
     */
    public static Source newest(StoredBackups backups, String location) throws IOException {
        StoredBackups.Found found = backups.newest();
        if (found.newest().isEmpty() && found.damaged().isEmpty()) {
            throw new RefusedException(
                    "There is no backup of any metadata below "
                            + BackupName.PREFIX
                            + " in "
                            + location
                            + ": is it the right bucket and prefix?");
        }
        if (found.newest().isEmpty()) {
            throw new RefusedException(
                    "No backup of the metadata can be read:"
                            + System.lineSeparator()
                            + String.join(System.lineSeparator(), found.damaged()));
        }
        Backup newest = found.newest().get();
        return new Source(newest, found.damaged(), RestoredRecords.of(newest.records()));
    }

    public Backup backup() {
        return backup;
    }

    /** Newer backups that are damaged, for people. */
    public List<String> warnings() {
        return warnings;
    }

    public MemoryRecords records() {
        return records;
    }

    public Directory directory() {
        return directory;
    }

    public ManifestRecords manifests() throws IOException {
        return new ManifestRecords(records);
    }

    public List<Tenant> tenants() throws IOException {
        List<Tenant> all = new ArrayList<>();
        while (true) {
            Optional<TenantId> after =
                    all.isEmpty() ? Optional.empty() : Optional.of(all.getLast().id());
            List<Tenant> page = directory.tenants().list(after, TENANTS_AT_ONCE);
            all.addAll(page);
            if (page.size() < TENANTS_AT_ONCE) {
                return all;
            }
        }
    }

    /** Every topic with its tenant: the service's own, then tenant by tenant. */
    public List<Topic> topics() throws IOException {
        List<Topic> all = new ArrayList<>(directory.topics().list(SystemTenant.ID));
        for (Tenant tenant : tenants()) {
            all.addAll(directory.topics().list(tenant.id()));
        }
        return all;
    }

    /** Takes topics out of the metadata that are known to be removed; returns how many it had. */
    public int remove(Collection<TopicId> topics) throws IOException {
        int removed = 0;
        for (TopicId id : topics) {
            Optional<Topic> topic = directory.topics().find(id);
            if (topic.isPresent()) {
                directory.topics().remove(topic.get().tenant(), topic.get().name());
                removed++;
            }
        }
        return removed;
    }

    /** Where every partition belongs. */
    public SortedMap<PartitionId, ShardId> placement() throws IOException {
        SortedMap<PartitionId, ShardId> placement = new TreeMap<>();
        for (Topic topic : topics()) {
            for (int i = 0; i < topic.partitions(); i++) {
                placement.put(topic.partition(i), topic.shard(i));
            }
        }
        return placement;
    }

    /** Shards that have a manifest or a topic. */
    public SortedSet<ShardId> shards() throws IOException {
        SortedSet<ShardId> shards = new TreeSet<>(placement().values());
        shards.addAll(manifests().list());
        return shards;
    }
}
