package io.tributary.metadata.access;

import io.tributary.kernel.id.TenantId;
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
        Optional<Instant> lastUsedAt) {

    public ApiKey {
        grants = List.copyOf(grants);
    }

    /** The same key, which may do this instead. */
    public ApiKey withGrants(List<Grant> others) {
        return new ApiKey(
                id,
                tenant,
                role,
                secretHash,
                description,
                others,
                createdAt,
                expiresAt,
                lastUsedAt);
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
