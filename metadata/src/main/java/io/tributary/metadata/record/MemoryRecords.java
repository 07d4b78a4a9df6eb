package io.tributary.metadata.record;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Records in memory: for tests, and whoever needs no durability. */
public final class MemoryRecords implements VersionedRecords {
    private static final char AFTER_SLASH = '/' + 1;

    private final NavigableMap<String, VersionedRecord> records = new TreeMap<>();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

    @Override
    public synchronized Optional<VersionedRecord> read(String path) {
        return Optional.ofNullable(records.get(path));
    }

    @Override
    public synchronized List<String> children(String path) {
        String prefix = path.equals("/") ? "/" : path + "/";
        List<String> names = new ArrayList<>();
        String next = records.higherKey(prefix);
        while (next != null && next.startsWith(prefix)) {
            int end = next.indexOf('/', prefix.length());
            if (end < 0) {
                names.add(next.substring(prefix.length()));
                next = records.higherKey(next);
            } else {
                // What lies deeper ends before this.
                next = records.ceilingKey(next.substring(0, end) + AFTER_SLASH);
            }
        }
        return names;
    }

    @Override
    public void readTree(String path, Visitor visitor) throws IOException {
        NavigableMap<String, VersionedRecord> copy = new TreeMap<>();
        synchronized (this) {
            read(path).ifPresent(record -> copy.put(path, record));
            String prefix = path.equals("/") ? "/" : path + "/";
            copy.putAll(records.subMap(prefix, true, prefix + Character.MAX_VALUE, true));
        }
        for (Map.Entry<String, VersionedRecord> record : copy.entrySet()) {
            visitor.record(record.getKey(), record.getValue().value());
        }
    }

    @Override
    public boolean apply(List<Change> changes) {
        synchronized (this) {
            Map<String, Optional<VersionedRecord>> before = new HashMap<>();
            for (Change change : changes) {
                before.putIfAbsent(change.path(), read(change.path()));
                if (!apply(change)) {
                    before.forEach(this::reset);
                    return false;
                }
            }
        }
        changes.forEach(change -> listeners.forEach(l -> l.accept(change.path())));
        return true;
    }

    private void reset(String path, Optional<VersionedRecord> before) {
        records.remove(path);
        before.ifPresent(record -> records.put(path, record));
    }

    private boolean apply(Change change) {
        VersionedRecord old = records.get(change.path());
        return switch (change) {
            case Change.Create c -> {
                String parent = c.path().substring(0, c.path().lastIndexOf('/'));
                boolean possible = old == null && (parent.isEmpty() || records.containsKey(parent));
                if (possible) {
                    records.put(c.path(), new VersionedRecord(c.value().clone(), 0));
                }
                yield possible;
            }
            case Change.Replace c -> {
                boolean possible = old != null && old.version() == c.version();
                if (possible) {
                    records.put(
                            c.path(), new VersionedRecord(c.value().clone(), old.version() + 1));
                }
                yield possible;
            }
            case Change.Delete c -> {
                boolean possible = old != null && children(c.path()).isEmpty();
                if (possible) {
                    records.remove(c.path());
                }
                yield possible;
            }
        };
    }

    @Override
    public boolean following() {
        return true;
    }

    @Override
    public void onChange(Consumer<String> listener) {
        listeners.add(listener);
    }
}
