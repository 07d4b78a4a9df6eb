package io.tributary.ingest.quota;

import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.time.Ticks;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.quota.Quotas;
import io.tributary.metadata.quota.TenantLimits;
import io.tributary.metadata.quota.Usage;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The accounts of who was here of late, on this node: one for each tenant and one for each key.
 * Those that nobody would miss are forgotten. Thread-safe; never blocks.
 */
public final class Accounts implements Usage {
    /** As many at a time; the keys that come then are held by their tenants' quotas alone. */
    private static final int MAX_ACCOUNTS = 100_000;

    private static final long SWEEP_NANOS = 10_000_000_000L;

    private final TenantLimits limits;
    private final Ticks ticks;
    private final QuotaMetrics metrics;
    private final int mostConnections;
    private final Map<TenantId, Account> tenants = new ConcurrentHashMap<>();
    private final Map<String, Account> keys = new ConcurrentHashMap<>();
    private final AtomicLong sweptAt;

    /**
     * Accounts of nobody yet.
     *
     * @param mostConnections no tenant has more to this node, whatever its plan
     */
    public Accounts(TenantLimits limits, Ticks ticks, QuotaMetrics metrics, int mostConnections) {
        this.limits = limits;
        this.ticks = ticks;
        this.metrics = metrics;
        this.mostConnections = mostConnections;
        sweptAt = new AtomicLong(ticks.nanos());
    }

    /** What a tenant's caller takes from; the operator has no account. */
    public Claim claim(Principal who) {
        long now = ticks.nanos();
        sweep(now);
        TenantId tenant = who.tenant().orElseThrow();
        Account whole = tenants.get(tenant);
        if (whole == null) {
            whole = tenants.computeIfAbsent(tenant, id -> account(id, now));
        }
        whole.touch(now);
        Account part = keys.get(who.keyId());
        if (part == null) {
            part =
                    tenants.size() + keys.size() < MAX_ACCOUNTS
                            ? keys.computeIfAbsent(who.keyId(), id -> account(id, now))
                            : account(who.keyId(), now);
        }
        part.touch(now);
        return new Claim(whole, part, ticks, metrics, mostConnections);
    }

    private Account account(TenantId tenant, long now) {
        Supplier<Optional<Quotas>> known = () -> limits.ifCached(tenant);
        Quotas byDefault = limits.plans().byName().get(limits.plans().byDefault());
        return new Account(known, byDefault, now);
    }

    private Account account(String keyId, long now) {
        return new Account(() -> limits.keyIfCached(keyId), Quotas.NONE, now);
    }

    private void sweep(long now) {
        long before = sweptAt.get();
        if (now - before > SWEEP_NANOS && sweptAt.compareAndSet(before, now)) {
            tenants.values().removeIf(account -> account.idle(now));
            keys.values().removeIf(account -> account.idle(now));
        }
    }

    /** How many accounts are kept. */
    int size() {
        return tenants.size() + keys.size();
    }

    @Override
    public Map<Quota, Long> of(TenantId tenant) {
        return used(Optional.ofNullable(tenants.get(tenant)));
    }

    @Override
    public Map<Quota, Long> of(TenantId tenant, String keyId) {
        return used(Optional.ofNullable(keys.get(keyId)));
    }

    private Map<Quota, Long> used(Optional<Account> account) {
        long now = ticks.nanos();
        Map<Quota, Long> used = new EnumMap<>(Quota.class);
        for (Quota quota : Quota.values()) {
            if (quota.isRate()) {
                used.put(quota, account.map(a -> a.meter(quota).perSecond(now)).orElse(0L));
            }
        }
        used.put(Quota.CONNECTIONS, account.map(a -> (long) a.connections()).orElse(0L));
        return used;
    }
}
