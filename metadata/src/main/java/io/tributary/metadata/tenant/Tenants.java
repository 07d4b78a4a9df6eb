package io.tributary.metadata.tenant;

import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.quota.Allowance;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The tenants there are. Thread-safe; every method may block on the metadata store unless it says
 * otherwise.
 */
public interface Tenants {
    /**
     * Adds a tenant with its first key, both or neither. False, and nothing changed, when there are
     * {@code maxTenants} or more.
     */
    boolean add(Tenant tenant, ApiKey firstKey, int maxTenants) throws IOException;

    /** Reads through a cache that follows changes, and fails when that cannot be trusted. */
    Optional<Tenant> find(TenantId id) throws IOException;

    /**
     * From memory, never blocking; empty when unknown, changed since, or the store is out of reach.
     */
    Optional<Tenant> ifCached(TenantId id);

    /** Tenants in the order of their ids, beyond {@code after}, at most {@code limit}. */
    List<Tenant> list(Optional<TenantId> after, int limit) throws IOException;

    /** False when there is no such tenant. */
    boolean setState(TenantId id, Tenant.State state) throws IOException;

    /** Changes what the tenant may, on every node within a second; false likewise. */
    boolean setAllowance(TenantId id, Allowance allowance) throws IOException;

    /**
     * Changes the broker configs of a tenant's cluster; the function may run again after a
     * conflict, and what it throws changes nothing. False when there is no such tenant.
     */
    boolean setBrokerConfigs(TenantId id, UnaryOperator<Map<String, String>> change)
            throws IOException;

    /**
     * Calls back, on a thread that may block, when a tenant may have changed; without a tenant when
     * it may be any.
     */
    void onChange(Consumer<Optional<TenantId>> callback);

    /**
     * Removes the tenant, its keys and its topics. Its topics become pending removals (see {@link
     * io.tributary.metadata.topic.Topics#pendingRemovals}); nothing of it is found afterwards. Can
     * be repeated after a failure half-way. False when there is no such tenant.
     */
    boolean remove(TenantId id) throws IOException;
}
