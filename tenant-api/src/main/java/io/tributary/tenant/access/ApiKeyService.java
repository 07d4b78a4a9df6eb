package io.tributary.tenant.access;

import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.access.ApiKeys;
import io.tributary.metadata.access.Grant;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.access.SecretHash;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.quota.TenantLimits;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What a tenant's administrators do with its keys. */
public final class ApiKeyService {
    static final int MAX_GRANTS = 100;
    private static final int MAX_DESCRIPTION_LENGTH = 200;

    private final ApiKeys keys;
    private final Secrets secrets;
    private final InstantSource clock;
    private final TenantLimits limits;

    public ApiKeyService(ApiKeys keys, Secrets secrets, InstantSource clock, TenantLimits limits) {
        this.keys = keys;
        this.secrets = secrets;
        this.clock = clock;
        this.limits = limits;
    }

    /** What a new key of a tenant should be. */
    public record Wish(
            String description, Role role, List<Grant> grants, Optional<Instant> expiresAt) {
        public Wish {
            if (role == Role.OPERATOR) {
                throw new IllegalArgumentException("the operator's key belongs to no tenant");
            }
        }
    }

    /** Makes a key; the secret cannot be had again. */
    public NewKey create(Principal principal, Wish wish) throws IOException {
        TenantId tenant = administered(principal);
        Instant now = clock.instant();
        check(wish, now);
        NewKey made = make(tenant, wish, now);
        int most = limits.limits(tenant).count(Quota.API_KEYS);
        if (!keys.add(made.key(), most)) {
            throw Problem.of(403, "The tenant has as many API keys as it may: " + most + ".")
                    .asException();
        }
        return made;
    }

    /** A key of a tenant, not stored yet. */
    public NewKey make(TenantId tenant, Wish wish, Instant now) {
        String secret = secrets.newSecret();
        return new NewKey(
                new ApiKey(
                        secrets.newId(),
                        Optional.of(tenant),
                        wish.role(),
                        SecretHash.of(secret, secrets.random()),
                        wish.description(),
                        wish.grants(),
                        now,
                        wish.expiresAt(),
                        Optional.empty()),
                secret);
    }

    private static void check(Wish wish, Instant now) {
        if (wish.description().length() > MAX_DESCRIPTION_LENGTH) {
            throw Problem.of(
                            400,
                            "description has more than " + MAX_DESCRIPTION_LENGTH + " characters.")
                    .asException();
        }
        checkGrants(wish.grants());
        if (wish.role() == Role.ADMIN && !wish.grants().isEmpty()) {
            throw Problem.of(400, "An ADMIN key may do everything; grants are for CLIENT keys.")
                    .asException();
        }
        if (wish.expiresAt().filter(at -> !at.isAfter(now)).isPresent()) {
            throw Problem.of(400, "expires_at is in the past.").asException();
        }
    }

    private static void checkGrants(List<Grant> grants) {
        if (grants.size() > MAX_GRANTS) {
            throw Problem.of(400, "grants has more than " + MAX_GRANTS + " entries.").asException();
        }
    }

    /**
     * Changes what a CLIENT key may do, from now on also where it is connected already; the
     * function may run again after a conflict.
     */
    public void changeGrants(Principal principal, String id, UnaryOperator<List<Grant>> change)
            throws IOException {
        TenantId tenant = administered(principal);
        Optional<ApiKey> key =
                Secrets.isId(id)
                        ? keys.find(id).filter(found -> found.tenant().equals(principal.tenant()))
                        : Optional.empty();
        if (key.isPresent() && key.get().role() == Role.ADMIN) {
            throw Problem.of(400, "An ADMIN key may do everything; grants are for CLIENT keys.")
                    .asException();
        }
        boolean there =
                key.isPresent()
                        && keys.setGrants(
                                tenant,
                                id,
                                old -> {
                                    List<Grant> grants = change.apply(old);
                                    checkGrants(grants);
                                    return grants;
                                });
        if (!there) {
            throw Problem.of(404, "There is no such API key.").asException();
        }
    }

    public List<ApiKey> list(Principal principal) throws IOException {
        return keys.list(administered(principal));
    }

    /** Revokes a key, except the last that can administer the tenant for good. */
    public void delete(Principal principal, String id) throws IOException {
        switch (keys.remove(administered(principal), id)) {
            case DONE -> {}
            case UNKNOWN -> throw Problem.of(404, "There is no such API key.").asException();
            case LAST ->
                    throw Problem.of(
                                    409,
                                    "The tenant's last ADMIN key that does not expire cannot be"
                                            + " deleted.")
                            .asException();
        }
    }

    private static TenantId administered(Principal principal) {
        if (principal.role() != Role.ADMIN) {
            throw Problem.of(403, "Only an ADMIN key of a tenant may do this.").asException();
        }
        return principal.tenant().orElseThrow();
    }
}
