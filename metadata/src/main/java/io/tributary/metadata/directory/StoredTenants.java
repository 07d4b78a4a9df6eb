package io.tributary.metadata.directory;

import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.directory.RecordJson.StoredTenant;
import io.tributary.metadata.record.Change;
import io.tributary.metadata.record.VersionedRecord;
import io.tributary.metadata.record.VersionedRecords;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.metadata.tenant.Tenants;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Tenants as records. */
final class StoredTenants implements Tenants {
    /** How many records one change removes at most, to stay below the store's limit. */
    private static final int REMOVED_AT_ONCE = 200;

    private static final int MAX_TRIES = 100;
    private static final byte[] EMPTY = {};

    private final VersionedRecords records;
    private final StoredTopics topics;
    private final RecordCache<StoredTenant> cache;

    StoredTenants(VersionedRecords records, StoredTopics topics) {
        this.records = records;
        this.topics = topics;
        cache = new RecordCache<>(records, Paths.TENANTS, RecordJson::tenant);
    }

    @Override
    public boolean add(Tenant tenant, ApiKey firstKey, int maxTenants) throws IOException {
        List<Change> changes =
                List.of(
                        new Change.Create(
                                Paths.tenant(tenant.id()),
                                RecordJson.write(new StoredTenant(tenant, false))),
                        new Change.Create(Paths.topics(tenant.id()), EMPTY),
                        new Change.Create(Paths.tenantKeys(tenant.id()), EMPTY),
                        new Change.Create(Paths.key(firstKey.id()), RecordJson.write(firstKey)),
                        new Change.Create(Paths.tenantKey(tenant.id(), firstKey.id()), EMPTY));
        for (int i = 0; i < MAX_TRIES; i++) {
            VersionedRecord count = countRecord();
            int present = count(count);
            if (present >= maxTenants) {
                return false;
            }
            if (applyWith(count, present + 1, changes)) {
                return true;
            }
        }
        throw new IOException(
                "tenant " + tenant.id() + " or its key exists, or tenants are added too fast");
    }

    /** The root holds how many tenants there are, so that adding one need not read them all. */
    private VersionedRecord countRecord() throws IOException {
        return records.read(Paths.TENANTS)
                .orElseThrow(
                        () -> new IOException("metadata record " + Paths.TENANTS + " is gone"));
    }

    private static int count(VersionedRecord record) {
        String text = new String(record.value(), StandardCharsets.US_ASCII);
        return text.isEmpty() ? 0 : Integer.parseInt(text);
    }

    private boolean applyWith(VersionedRecord count, int now, List<Change> changes)
            throws IOException {
        List<Change> all = new ArrayList<>(changes);
        all.add(
                new Change.Replace(
                        Paths.TENANTS,
                        Integer.toString(now).getBytes(StandardCharsets.US_ASCII),
                        count.version()));
        return records.apply(all);
    }

    @Override
    public Optional<Tenant> find(TenantId id) throws IOException {
        return live(cache.find(Paths.tenant(id)));
    }

    @Override
    public Optional<Tenant> ifCached(TenantId id) {
        return live(cache.ifCached(Paths.tenant(id)));
    }

    private static Optional<Tenant> live(Optional<StoredTenant> stored) {
        return stored.filter(s -> !s.removing()).map(StoredTenant::tenant);
    }

    @Override
    public List<Tenant> list(Optional<TenantId> after, int limit) throws IOException {
        List<Tenant> found = new ArrayList<>();
        for (String id : records.children(Paths.TENANTS)) {
            if (found.size() == limit) {
                break;
            }
            if (after.isEmpty() || id.compareTo(after.get().value()) > 0) {
                find(new TenantId(id)).ifPresent(found::add);
            }
        }
        return found;
    }

    @Override
    public boolean setState(TenantId id, Tenant.State state) throws IOException {
        return change(
                id,
                stored ->
                        new StoredTenant(
                                new Tenant(
                                        id,
                                        stored.tenant().name(),
                                        state,
                                        stored.tenant().createdAt()),
                                stored.removing()));
    }

    private boolean change(TenantId id, UnaryOperator<StoredTenant> change) throws IOException {
        String path = Paths.tenant(id);
        for (int i = 0; i < MAX_TRIES; i++) {
            Optional<VersionedRecord> record = records.read(path);
            if (record.isEmpty()) {
                return false;
            }
            StoredTenant changed = change.apply(RecordJson.tenant(path, record.get().value()));
            if (records.apply(
                    List.of(
                            new Change.Replace(
                                    path, RecordJson.write(changed), record.get().version())))) {
                return true;
            }
        }
        throw new IOException("tenant " + id + " changes too fast");
    }

    @Override
    public boolean remove(TenantId id) throws IOException {
        if (!change(id, stored -> new StoredTenant(stored.tenant(), true))) {
            return false;
        }
        for (int i = 0; i < MAX_TRIES; i++) {
            topics.removeAll(id);
            removeKeys(id);
            VersionedRecord count = countRecord();
            if (applyWith(
                    count,
                    count(count) - 1,
                    List.of(
                            new Change.Delete(Paths.topics(id)),
                            new Change.Delete(Paths.tenantKeys(id)),
                            new Change.Delete(Paths.tenant(id))))) {
                return true;
            }
        }
        throw new IOException("tenant " + id + " is still being added to");
    }

    private void removeKeys(TenantId id) throws IOException {
        List<String> keys = records.children(Paths.tenantKeys(id));
        for (int from = 0; from < keys.size(); from += REMOVED_AT_ONCE) {
            List<Change> changes = new ArrayList<>();
            for (String key : keys.subList(from, Math.min(keys.size(), from + REMOVED_AT_ONCE))) {
                changes.add(new Change.Delete(Paths.tenantKey(id, key)));
                if (records.read(Paths.key(key)).isPresent()) {
                    changes.add(new Change.Delete(Paths.key(key)));
                }
                if (records.read(Paths.usage(key)).isPresent()) {
                    changes.add(new Change.Delete(Paths.usage(key)));
                }
            }
            // A conflict leaves them to the next round.
            records.apply(changes);
        }
    }
}
