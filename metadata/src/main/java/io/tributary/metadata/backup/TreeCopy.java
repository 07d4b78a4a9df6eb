package io.tributary.metadata.backup;

import io.tributary.metadata.record.VersionedRecord;
import io.tributary.metadata.record.VersionedRecords;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Copies the records into backups and knows whether there is something new to copy. A copy is the
 * tree as it was at one moment: what changes while it is read is read again until nothing does. One
 * thread copies; changes are heard of on any.
 *
 * <p>Left out are the keys that sign tokens, which must not leave the node and are made anew, when
 * keys were last used, and what can be told from other records. Shard manifests are copied along
 * but are no reason for a copy: the shards' own snapshots say more.
 */
public final class TreeCopy {
    private static final Set<String> LEFT_OUT =
            Set.of("signing-keys", "key-usage", "topic-ids", "lineage");

    private static final String MANIFESTS = "shards";

    /** Beyond so many changes it is cheaper to read everything again. */
    private static final int MAX_CHANGES = 100_000;

    private static final int MAX_ROUNDS = 100;

    private final VersionedRecords records;
    private final Set<String> changed = ConcurrentHashMap.newKeySet();
    private volatile boolean anything = true;

    /** Begins to follow the records, all of which are new to it. */
    public TreeCopy(VersionedRecords records) {
        this.records = records;
        records.onChange(this::changed);
    }

    private void changed(String path) {
        String root = root(path);
        if (root.isEmpty()) {
            anything = true;
        } else if (!LEFT_OUT.contains(root) && !root.equals(MANIFESTS)) {
            if (changed.size() < MAX_CHANGES) {
                changed.add(path);
            } else {
                anything = true;
            }
        }
    }

    private static String root(String path) {
        int end = path.indexOf('/', 1);
        return path.substring(1, end < 0 ? path.length() : end);
    }

    /** Whether records have changed since the last copy began. */
    public boolean pending() {
        return anything || !changed.isEmpty();
    }

    /** The last copy came to nothing: everything is pending again. */
    public void retry() {
        anything = true;
    }

    /**
     * Copies everything; blocks on the records.
     *
     * @throws IOException they are out of reach, or change too fast; all is pending then
     */
    public void writeTo(BackupWriter out) throws IOException {
        boolean complete = false;
        try {
            changed.clear();
            anything = false;
            for (String root : records.children("/")) {
                if (!LEFT_OUT.contains(root)) {
                    records.readTree("/" + root, out::record);
                }
            }
            for (int round = 0; !changed.isEmpty() && !anything; round++) {
                if (round == MAX_ROUNDS) {
                    throw new IOException("the metadata changes too fast for a copy");
                }
                copyChanges(out);
            }
            if (anything) {
                throw new IOException("the metadata could not be followed while it was copied");
            }
            complete = true;
        } finally {
            if (!complete) {
                anything = true;
            }
        }
    }

    private void copyChanges(BackupWriter out) throws IOException {
        for (String path : List.copyOf(changed)) {
            changed.remove(path);
            Optional<VersionedRecord> now = records.read(path);
            if (now.isPresent()) {
                out.record(path, now.get().value());
            } else {
                out.removed(path);
            }
        }
    }
}
