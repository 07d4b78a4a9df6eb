package io.tributary.metadata.access;

import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.quota.Quotas;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The API keys there are. Thread-safe; every method may block on the metadata store unless it says
 * otherwise.
 */
public interface ApiKeys {
    /**
     * Adds a tenant's key; durable when this returns. False, and nothing changed, when the tenant
     * has {@code maxKeys} or more, however many add at once.
     */
    boolean add(ApiKey key, int maxKeys) throws IOException;

    /**
     * Makes this key the operator's only one; durable when this returns. The one before it is gone
     * in the same moment.
     */
    void setOperator(ApiKey key) throws IOException;

    /** What became of a key that was to be removed; only {@code DONE} changed anything. */
    enum Removal {
        DONE,
        UNKNOWN,
        /** It is the last that can administer the tenant for good. */
        LAST
    }

    /** Removes a tenant's key. Every node refuses it within a second. */
    Removal remove(TenantId tenant, String keyId) throws IOException;

    /**
     * Changes what a tenant's key may do; the function may run again after a conflict, and what it
     * throws changes nothing. Every node goes by it within a second. False when there is no such
     * key.
     */
    boolean setGrants(TenantId tenant, String keyId, UnaryOperator<List<Grant>> change)
            throws IOException;

    /**
     * Changes a key's own quotas, on every node within a second; the function may run again after a
     * conflict, and what it throws changes nothing. False when the tenant has no such key.
     */
    boolean setQuotas(TenantId tenant, String keyId, UnaryOperator<Quotas> change)
            throws IOException;

    /** How many keys a tenant has. */
    int count(TenantId tenant) throws IOException;

    /**
     * Any key by its id; reads through a cache that follows changes, and fails when that cannot be
     * trusted.
     */
    Optional<ApiKey> find(String keyId) throws IOException;

    /**
     * From memory, never blocking; empty when unknown, changed since, or the store is out of reach.
     */
    Optional<ApiKey> ifCached(String keyId);

    /** A tenant's keys in the order of their ids. */
    List<ApiKey> list(TenantId tenant) throws IOException;

    /** Notes a use, in memory; written now and then. Never blocks. */
    void used(String keyId, Instant at);
}
