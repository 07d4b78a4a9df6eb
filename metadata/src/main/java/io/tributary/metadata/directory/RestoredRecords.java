package io.tributary.metadata.directory;

import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.record.Change;
import io.tributary.metadata.record.MemoryRecords;
import io.tributary.metadata.record.VersionedRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;

/**
 * Makes records from a backup fit to begin with again: what is not in a backup is made from the
 * rest, and tenants whose removal had begun are gone. Topics' removals stay, for storage and groups
 * to carry out: what comes back of them may know of the topics.
 */
public final class RestoredRecords {
    /** How many records one change writes, to stay below the store's limit. */
    private static final int WRITTEN_AT_ONCE = 200;

    private RestoredRecords() {}

    /** A backup's records, mended, in memory. */
    public static MemoryRecords of(NavigableMap<String, byte[]> backup) throws IOException {
        MemoryRecords records = new MemoryRecords();
        List<Change> all = new ArrayList<>();
        backup.forEach((path, value) -> all.add(new Change.Create(path, value)));
        all.add(new Change.Create(Paths.TOPIC_IDS, new byte[0]));
        Set<String> folders = new HashSet<>();
        for (Map.Entry<String, byte[]> record : backup.entrySet()) {
            String path = record.getKey();
            if (Paths.isTopic(path)) {
                String byId = Paths.topicId(RecordJson.topic(path, record.getValue()).id());
                if (folders.add(Paths.parent(byId))) {
                    all.add(new Change.Create(Paths.parent(byId), new byte[0]));
                }
                all.add(new Change.Create(byId, path.getBytes(StandardCharsets.UTF_8)));
            }
        }
        if (!records.apply(all)) {
            throw new IOException("the backup's records do not fit together");
        }
        mend(records);
        return records;
    }

    private static void mend(MemoryRecords records) throws IOException {
        Directory directory = new Directory(records, Runnable::run);
        for (String folder : records.children(Paths.TENANTS)) {
            for (String id : records.children(Paths.TENANTS + "/" + folder)) {
                TenantId tenant = new TenantId(id);
                if (directory.tenants().find(tenant).isEmpty()) {
                    directory.tenants().remove(tenant);
                }
            }
        }
    }

    /** Writes all of them into a store that has none yet; blocks. */
    public static void write(MemoryRecords from, VersionedRecords to) throws IOException {
        List<Change> changes = new ArrayList<>();
        for (String root : from.children("/")) {
            from.readTree("/" + root, (path, value) -> changes.add(new Change.Create(path, value)));
        }
        for (int at = 0; at < changes.size(); at += WRITTEN_AT_ONCE) {
            List<Change> some = changes.subList(at, Math.min(changes.size(), at + WRITTEN_AT_ONCE));
            if (!to.apply(some)) {
                throw new IOException("there are records already: " + some.getFirst().path());
            }
        }
    }
}
