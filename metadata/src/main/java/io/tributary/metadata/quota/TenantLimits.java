package io.tributary.metadata.quota;

import io.tributary.kernel.id.TenantId;
import java.io.IOException;
import java.util.Optional;

/**
 * What tenants and their keys may, as it is now: changes are seen within a second on every node.
 * Thread-safe.
 */
public interface TenantLimits {
    /**
     * All limits of a tenant; of one that is not there, those of the default plan. May block on the
     * metadata store.
     */
    Quotas limits(TenantId tenant) throws IOException;

    /** From memory, never blocking; empty when unknown, changed since, or out of reach. */
    Optional<Quotas> ifCached(TenantId tenant);

    /** A key's own quotas, which may be none; from memory, never blocking, empty likewise. */
    Optional<Quotas> keyIfCached(String keyId);

    /** The plans there are. */
    Plans plans();
}
