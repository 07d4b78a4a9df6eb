package io.tributary.metadata.directory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.access.ApiKeys;
import io.tributary.metadata.access.Grant;
import io.tributary.metadata.quota.Quotas;
import io.tributary.metadata.record.Change;
import io.tributary.metadata.record.VersionedRecord;
import io.tributary.metadata.record.VersionedRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** API keys as records. */
final class StoredApiKeys implements ApiKeys {
    private static final Logger LOG = LoggerFactory.getLogger(StoredApiKeys.class);

    /** A key's use is written no more often than this. */
    private static final Duration USAGE_GRAIN = Duration.ofMinutes(10);

    private static final int MAX_REMEMBERED_USES = 100_000;
    private static final int MAX_TRIES = 100;
    private static final byte[] EMPTY = {};

    private final VersionedRecords records;
    private final Tally tally;
    private final Executor background;
    private final RecordCache<ApiKey> cache;
    private final Cache<String, Instant> written =
            Caffeine.newBuilder().maximumSize(MAX_REMEMBERED_USES).executor(Runnable::run).build();

    StoredApiKeys(VersionedRecords records, Executor background) {
        this.records = records;
        tally = new Tally(records);
        this.background = background;
        cache = new RecordCache<>(records, Paths.KEYS, RecordJson::key);
    }

    @Override
    public boolean add(ApiKey key, int maxKeys) throws IOException {
        TenantId tenant = key.tenant().orElseThrow();
        List<Change> changes =
                List.of(
                        new Change.Create(Paths.key(key.id()), RecordJson.write(key)),
                        new Change.Create(Paths.tenantKey(tenant, key.id()), EMPTY));
        Optional<Boolean> added =
                tally.change(
                        Paths.tenantKeys(tenant),
                        present ->
                                present.number() >= maxKeys
                                        ? Tally.Step.none(false)
                                        : new Tally.Step<>(
                                                true, present.plus(1, weight(key)), changes));
        return added.orElseThrow(() -> new IOException("tenant " + tenant + " is gone"));
    }

    /** A tenant's keys weigh as many as can administer it for good. */
    static int weight(ApiKey key) {
        return key.lasting() ? 1 : 0;
    }

    @Override
    public void setOperator(ApiKey key) throws IOException {
        VersionedRecord current =
                records.read(Paths.OPERATOR_KEY)
                        .orElseThrow(
                                () ->
                                        new IOException(
                                                "metadata record "
                                                        + Paths.OPERATOR_KEY
                                                        + " is gone"));
        String old = new String(current.value(), StandardCharsets.US_ASCII);
        List<Change> changes = new ArrayList<>();
        if (!old.isEmpty()) {
            changes.add(new Change.Delete(Paths.key(old)));
            if (records.read(Paths.usage(old)).isPresent()) {
                changes.add(new Change.Delete(Paths.usage(old)));
            }
        }
        changes.add(new Change.Create(Paths.key(key.id()), RecordJson.write(key)));
        changes.add(
                new Change.Replace(
                        Paths.OPERATOR_KEY,
                        key.id().getBytes(StandardCharsets.US_ASCII),
                        current.version()));
        if (!tally.apply(changes)) {
            throw new IOException(
                    "API key " + key.id() + " is a tenant's, or the operator's key changes");
        }
    }

    @Override
    public Removal remove(TenantId tenant, String keyId) throws IOException {
        String listed = Paths.tenantKey(tenant, keyId);
        Removal answer =
                tally.change(Paths.tenantKeys(tenant), present -> removal(listed, keyId, present))
                        .orElse(Removal.UNKNOWN);
        if (answer == Removal.DONE && records.read(Paths.usage(keyId)).isPresent()) {
            records.apply(List.of(new Change.Delete(Paths.usage(keyId))));
        }
        return answer;
    }

    @Override
    public boolean setGrants(TenantId tenant, String keyId, UnaryOperator<List<Grant>> change)
            throws IOException {
        return change(tenant, keyId, key -> key.withGrants(change.apply(key.grants())));
    }

    @Override
    public boolean setQuotas(TenantId tenant, String keyId, UnaryOperator<Quotas> change)
            throws IOException {
        return change(tenant, keyId, key -> key.with(change.apply(key.quotas())));
    }

    private boolean change(TenantId tenant, String keyId, UnaryOperator<ApiKey> change)
            throws IOException {
        String path = Paths.key(keyId);
        for (int i = 0; i < MAX_TRIES; i++) {
            Optional<VersionedRecord> record =
                    records.read(Paths.tenantKey(tenant, keyId)).isEmpty()
                            ? Optional.empty()
                            : records.read(path);
            if (record.isEmpty()) {
                return false;
            }
            ApiKey changed = change.apply(RecordJson.key(path, record.get().value()));
            if (records.apply(
                    List.of(
                            new Change.Replace(
                                    path, RecordJson.write(changed), record.get().version())))) {
                cache.forget(path);
                return true;
            }
        }
        throw new IOException("API key " + keyId + " changes too fast");
    }

    private Tally.Step<Removal> removal(String listed, String keyId, Tally.Counts present)
            throws IOException {
        Optional<VersionedRecord> key =
                records.read(listed).isEmpty() ? Optional.empty() : records.read(Paths.key(keyId));
        if (key.isEmpty()) {
            return Tally.Step.none(Removal.UNKNOWN);
        }
        int weight = weight(RecordJson.key(Paths.key(keyId), key.get().value()));
        if (weight > 0 && present.weight() == weight) {
            return Tally.Step.none(Removal.LAST);
        }
        return new Tally.Step<>(
                Removal.DONE,
                present.plus(-1, -weight),
                List.of(new Change.Delete(listed), new Change.Delete(Paths.key(keyId))));
    }

    @Override
    public int count(TenantId tenant) throws IOException {
        return tally.read(Paths.tenantKeys(tenant)).map(Tally.Counts::number).orElse(0);
    }

    @Override
    public Optional<ApiKey> find(String keyId) throws IOException {
        return cache.find(Paths.key(keyId));
    }

    @Override
    public Optional<ApiKey> ifCached(String keyId) {
        return cache.ifCached(Paths.key(keyId));
    }

    @Override
    public List<ApiKey> list(TenantId tenant) throws IOException {
        List<ApiKey> keys = new ArrayList<>();
        for (String id : records.children(Paths.tenantKeys(tenant))) {
            Optional<ApiKey> key = find(id);
            if (key.isPresent()) {
                keys.add(withUsage(key.get()));
            }
        }
        return keys;
    }

    private ApiKey withUsage(ApiKey key) throws IOException {
        Optional<Instant> usedAt =
                records.read(Paths.usage(key.id()))
                        .map(r -> Instant.parse(new String(r.value(), StandardCharsets.UTF_8)));
        return key.usedAt(usedAt);
    }

    @Override
    public void used(String keyId, Instant at) {
        Instant last = written.getIfPresent(keyId);
        if (last == null || Duration.between(last, at).compareTo(USAGE_GRAIN) >= 0) {
            written.put(keyId, at);
            background.execute(() -> write(keyId, at));
        }
    }

    private void write(String keyId, Instant at) {
        byte[] value = at.toString().getBytes(StandardCharsets.UTF_8);
        String path = Paths.usage(keyId);
        try {
            if (records.read(Paths.key(keyId)).isEmpty()) {
                return;
            }
            Optional<VersionedRecord> old = records.read(path);
            Change change =
                    old.isPresent()
                            ? new Change.Replace(path, value, old.get().version())
                            : new Change.Create(path, value);
            // Another node that wrote meanwhile knows the same within the grain.
            tally.apply(List.of(change));
        } catch (IOException e) {
            LOG.warn("use of a key not noted key={} problem={}", keyId, e.getMessage());
        }
    }
}
