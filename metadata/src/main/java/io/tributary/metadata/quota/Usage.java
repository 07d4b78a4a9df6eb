package io.tributary.metadata.quota;

import io.tributary.kernel.id.TenantId;
import java.util.Map;

/** What is used of rates and connections, on this node and now. Thread-safe; never blocks. */
public interface Usage {
    /** Of a tenant, of each quota that is measured. */
    Map<Quota, Long> of(TenantId tenant);

    /** Of one of its keys. */
    Map<Quota, Long> of(TenantId tenant, String keyId);
}
