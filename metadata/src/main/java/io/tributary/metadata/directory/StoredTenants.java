package io.tributary.metadata.directory;

import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.directory.RecordJson.StoredTenant;
import io.tributary.metadata.quota.Allowance;
import io.tributary.metadata.record.Change;
import io.tributary.metadata.record.VersionedRecord;
import io.tributary.metadata.record.VersionedRecords;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.metadata.tenant.Tenants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Tenants as records. */
final class StoredTenants implements Tenants {
    /** How many records one change removes at most, to stay below the store's limit. */
    private static final int REMOVED_AT_ONCE = 200;

    private static final int MAX_TRIES = 100;
    private static final byte[] EMPTY = {};

    private final VersionedRecords records;
    private final Tally tally;
    private final StoredTopics topics;
    private final RecordCache<StoredTenant> cache;
    private final List<Consumer<Optional<TenantId>>> listeners = new CopyOnWriteArrayList<>();

    StoredTenants(VersionedRecords records, StoredTopics topics, Executor background) {
        this.records = records;
        tally = new Tally(records);
        this.topics = topics;
        cache = new RecordCache<>(records, Paths.TENANTS, RecordJson::tenant);
        records.onChange(
                path -> {
                    boolean any = path.equals("/");
                    if (any || Paths.isTenant(path)) {
                        Optional<TenantId> tenant =
                                any ? Optional.empty() : Optional.of(Paths.tenantOf(path));
                        background.execute(() -> listeners.forEach(one -> one.accept(tenant)));
                    }
                });
    }

    @Override
    public boolean add(Tenant tenant, ApiKey firstKey, int maxTenants) throws IOException {
        TenantId id = tenant.id();
        List<Change> changes =
                List.of(
                        new Change.Create(
                                Paths.tenant(id),
                                RecordJson.write(new StoredTenant(tenant, false))),
                        new Change.Create(Paths.topics(id), EMPTY),
                        new Change.Create(
                                Paths.tenantKeys(id),
                                Tally.Counts.NONE
                                        .plus(1, StoredApiKeys.weight(firstKey))
                                        .toBytes()),
                        new Change.Create(Paths.key(firstKey.id()), RecordJson.write(firstKey)),
                        new Change.Create(Paths.tenantKey(id, firstKey.id()), EMPTY));
        // The root holds how many tenants there are.
        return changeCount(
                present -> {
                    if (present.number() >= maxTenants) {
                        return Tally.Step.none(false);
                    }
                    if (records.read(Paths.tenant(id)).isPresent()
                            || records.read(Paths.key(firstKey.id())).isPresent()) {
                        throw new IOException("tenant " + id + " or its key exists");
                    }
                    return new Tally.Step<>(true, present.plus(1, 0), changes);
                });
    }

    private boolean changeCount(Tally.Decision<Boolean> decision) throws IOException {
        return tally.change(Paths.TENANTS, decision)
                .orElseThrow(
                        () -> new IOException("metadata record " + Paths.TENANTS + " is gone"));
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
        for (String folder : records.children(Paths.TENANTS)) {
            if (after.isPresent() && folder.compareTo(Paths.folder(after.get())) < 0) {
                continue;
            }
            for (String id : records.children(Paths.TENANTS + "/" + folder)) {
                if (found.size() == limit) {
                    return found;
                }
                if (after.isEmpty() || id.compareTo(after.get().value()) > 0) {
                    find(new TenantId(id)).ifPresent(found::add);
                }
            }
        }
        return found;
    }

    @Override
    public boolean setState(TenantId id, Tenant.State state) throws IOException {
        return change(
                id, stored -> new StoredTenant(stored.tenant().with(state), stored.removing()));
    }

    @Override
    public boolean setAllowance(TenantId id, Allowance allowance) throws IOException {
        return change(
                id, stored -> new StoredTenant(stored.tenant().with(allowance), stored.removing()));
    }

    @Override
    public boolean setBrokerConfigs(TenantId id, UnaryOperator<Map<String, String>> change)
            throws IOException {
        if (find(id).isEmpty()) {
            return false;
        }
        return change(
                id,
                stored -> {
                    Tenant old = stored.tenant();
                    return new StoredTenant(
                            old.with(change.apply(old.brokerConfigs())), stored.removing());
                });
    }

    @Override
    public void onChange(Consumer<Optional<TenantId>> callback) {
        listeners.add(callback);
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
                cache.forget(path);
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
            if (changeCount(present -> removal(id, present))) {
                return true;
            }
        }
        throw new IOException("tenant " + id + " is still being added to");
    }

    /** Removes what is left of a tenant; answers false where there is more than that. */
    private Tally.Step<Boolean> removal(TenantId id, Tally.Counts present) throws IOException {
        if (records.read(Paths.tenant(id)).isEmpty()) {
            return Tally.Step.none(true);
        }
        if (!records.children(Paths.topics(id)).isEmpty()
                || !records.children(Paths.tenantKeys(id)).isEmpty()) {
            return Tally.Step.none(false);
        }
        return new Tally.Step<>(
                true,
                present.plus(-1, 0),
                List.of(
                        new Change.Delete(Paths.topics(id)),
                        new Change.Delete(Paths.tenantKeys(id)),
                        new Change.Delete(Paths.tenant(id))));
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
