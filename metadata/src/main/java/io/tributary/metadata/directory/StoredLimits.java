package io.tributary.metadata.directory;

import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.access.ApiKeys;
import io.tributary.metadata.quota.Allowance;
import io.tributary.metadata.quota.Plans;
import io.tributary.metadata.quota.Quotas;
import io.tributary.metadata.quota.TenantLimits;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.metadata.tenant.Tenants;
import java.io.IOException;
import java.util.Optional;

/** Limits as the records of tenants and keys, and this node's plans, say them. */
final class StoredLimits implements TenantLimits {
    private final Tenants tenants;
    private final ApiKeys keys;
    private final Plans plans;

    StoredLimits(Tenants tenants, ApiKeys keys, Plans plans) {
        this.tenants = tenants;
        this.keys = keys;
        this.plans = plans;
    }

    @Override
    public Quotas limits(TenantId tenant) throws IOException {
        return plans.of(tenants.find(tenant).map(Tenant::allowance).orElse(Allowance.DEFAULT));
    }

    @Override
    public Optional<Quotas> ifCached(TenantId tenant) {
        return tenants.ifCached(tenant).map(Tenant::allowance).map(plans::of);
    }

    @Override
    public Optional<Quotas> keyIfCached(String keyId) {
        return keys.ifCached(keyId).map(ApiKey::quotas);
    }

    @Override
    public Plans plans() {
        return plans;
    }
}
