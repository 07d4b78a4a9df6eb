package io.tributary.metadata.access;

import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.quota.Quotas;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An API key without its secret.
 *
 * @param id public, [A-Z2-7]{16}
 * @param tenant empty for the operator's
 * @param secretHash how the secret is recognised
 * @param expiresAt exclusive
 * @param lastUsedAt to about ten minutes
 * @param quotas its own, within its tenant's
 */
public record ApiKey(
        String id,
        Optional<TenantId> tenant,
        Role role,
        SecretHash secretHash,
        String description,
        List<Grant> grants,
        Instant createdAt,
        Optional<Instant> expiresAt,
        Optional<Instant> lastUsedAt,
        Quotas quotas) {

    /** A key without quotas of its own. */
    public ApiKey(
            String id,
            Optional<TenantId> tenant,
            Role role,
            SecretHash secretHash,
            String description,
            List<Grant> grants,
            Instant createdAt,
            Optional<Instant> expiresAt,
            Optional<Instant> lastUsedAt) {
        this(
                id,
                tenant,
                role,
                secretHash,
                description,
                grants,
                createdAt,
                expiresAt,
                lastUsedAt,
                Quotas.NONE);
    }

    public ApiKey {
        grants = List.copyOf(grants);
    }

    /** The same key, which may do this instead. */
    public ApiKey withGrants(List<Grant> others) {
        return with(others, lastUsedAt, quotas);
    }

    private ApiKey with(List<Grant> allowed, Optional<Instant> usedAt, Quotas now) {
        return new ApiKey(
                id,
                tenant,
                role,
                secretHash,
                description,
                allowed,
                createdAt,
                expiresAt,
                usedAt,
                now);
    }

    public ApiKey with(Quotas now) {
        return with(grants, lastUsedAt, now);
    }

    public ApiKey usedAt(Optional<Instant> at) {
        return with(grants, at, quotas);
    }

    public boolean expired(Instant now) {
        return expiresAt.isPresent() && !now.isBefore(expiresAt.get());
    }

    /** Whether it can administer its tenant for good. */
    public boolean lasting() {
        return role == Role.ADMIN && expiresAt.isEmpty();
    }

    public Principal principal() {
        return new Principal(tenant, id, role, grants);
    }
}
