package io.tributary.metadata.tenant;

import io.tributary.kernel.id.TenantId;
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
        Map<String, String> brokerConfigs) {
    public Tenant {
        brokerConfigs = Map.copyOf(brokerConfigs);
    }

    /** A tenant whose cluster is as the node is. */
    public Tenant(TenantId id, String name, State state, Instant createdAt) {
        this(id, name, state, createdAt, Map.of());
    }

    /** What a tenant may do. */
    public enum State {
        ACTIVE,
        /** Its keys are refused; its data stays. */
        SUSPENDED
    }

    public String clusterId() {
        return id.clusterId();
    }
}
