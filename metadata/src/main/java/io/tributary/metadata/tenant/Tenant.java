package io.tributary.metadata.tenant;

import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.quota.Allowance;
import java.time.Instant;
import java.util.Map;

/**
 * An isolated customer. Names are labels: several tenants may have the same.
 *
 * @param brokerConfigs of its cluster, as far as the operator set them
 */
public record Tenant(
        TenantId id,
        String name,
        State state,
        Instant createdAt,
        Map<String, String> brokerConfigs,
        Allowance allowance) {
    public Tenant {
        brokerConfigs = Map.copyOf(brokerConfigs);
    }

    /** A tenant of the default plan, whose cluster is as the node is. */
    public Tenant(TenantId id, String name, State state, Instant createdAt) {
        this(id, name, state, createdAt, Map.of(), Allowance.DEFAULT);
    }

    /** What a tenant may do. */
    public enum State {
        ACTIVE,
        /** Its keys are refused; its data stays. */
        SUSPENDED
    }

    public Tenant with(State now) {
        return new Tenant(id, name, now, createdAt, brokerConfigs, allowance);
    }

    public Tenant with(Map<String, String> configs) {
        return new Tenant(id, name, state, createdAt, configs, allowance);
    }

    public Tenant with(Allowance now) {
        return new Tenant(id, name, state, createdAt, brokerConfigs, now);
    }

    public String clusterId() {
        return id.clusterId();
    }
}
