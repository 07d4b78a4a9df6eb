package io.tributary.metadata.tenant;

import io.tributary.kernel.id.TenantId;

/**
 * Whose the service's own topics are. There is no such tenant: it has no record and no key, is in
 * no list and cannot be suspended or removed, so nobody reaches its topics through any door.
 */
public final class SystemTenant {
    public static final TenantId ID = new TenantId("t-tributarysystem2");

    private SystemTenant() {}
}
