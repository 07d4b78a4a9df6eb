package io.tributary.metadata.tenant;

import io.tributary.kernel.id.TenantId;
import java.time.Instant;

/** An isolated customer. Names are labels: several tenants may have the same. */
public record Tenant(TenantId id, String name, State state, Instant createdAt) {
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
