package io.tributary.tenant.signup;

import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.metadata.tenant.Tenants;
import io.tributary.tenant.access.ApiKeyService;
import io.tributary.tenant.access.NewKey;
import io.tributary.tenant.access.RateLimiter;
import io.tributary.tenant.access.Secrets;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Signing up, and what becomes of tenants. */
public final class TenantService {
    private static final int MAX_NAME_LENGTH = 100;

    private final Tenants tenants;
    private final ApiKeyService keys;
    private final Secrets secrets;
    private final InstantSource clock;
    private final Policy policy;
    private final RateLimiter limiter;

    /**
     * Who may sign up.
     *
     * @param open anybody; otherwise the operator only
     */
    public record Policy(boolean open, int perMinuteAndAddress, int maxTenants) {}

    public TenantService(
            Tenants tenants,
            ApiKeyService keys,
            Secrets secrets,
            InstantSource clock,
            Policy policy) {
        this.tenants = tenants;
        this.keys = keys;
        this.secrets = secrets;
        this.clock = clock;
        this.policy = policy;
        limiter =
                new RateLimiter(
                        policy.perMinuteAndAddress() / 60.0, policy.perMinuteAndAddress(), clock);
    }

    /** A tenant just made, with its first key. */
    public record SignedUp(Tenant tenant, NewKey key) {}

    /**
     * Makes a tenant with a first ADMIN key.
     *
     * @param principal who asks, where anybody has proven who they are
     */
    public SignedUp signUp(Optional<Principal> principal, String address, String name)
            throws IOException {
        boolean operator = principal.filter(p -> p.role() == Role.OPERATOR).isPresent();
        if (!operator) {
            admit(principal, address);
        }
        checkName(name);
        TenantId id = new TenantId("t-" + secrets.newId().toLowerCase(Locale.ROOT));
        Instant now = clock.instant();
        Tenant tenant = new Tenant(id, name, Tenant.State.ACTIVE, now);
        NewKey key =
                keys.make(
                        id,
                        new ApiKeyService.Wish(
                                "made at sign-up", Role.ADMIN, List.of(), Optional.empty()),
                        now);
        if (!tenants.add(tenant, key.key(), policy.maxTenants())) {
            throw Problem.of(403, "This service takes no more tenants.").asException();
        }
        return new SignedUp(tenant, key);
    }

    private void admit(Optional<Principal> principal, String address) {
        if (!policy.open()) {
            throw (principal.isPresent()
                            ? Problem.of(403, "Only the operator may add tenants here.")
                            : Problem.of(401, "Unauthorized"))
                    .asException();
        }
        Optional<RateLimiter.Exceeded> exceeded = limiter.take(address);
        if (exceeded.isPresent()) {
            Duration wait = exceeded.get().clearsIn();
            throw Problem.retryLater(
                            429,
                            "Too many sign-ups from this address: "
                                    + policy.perMinuteAndAddress()
                                    + " a minute are allowed, "
                                    + exceeded.get().perMinute()
                                    + " a minute are tried; the next may come in "
                                    + Math.max(1, wait.plusMillis(999).toSeconds())
                                    + " s.",
                            wait)
                    .asException();
        }
    }

    private static void checkName(String name) {
        if (name == null || name.isBlank() || name.length() > MAX_NAME_LENGTH) {
            throw Problem.of(400, "name must have 1 to " + MAX_NAME_LENGTH + " characters.")
                    .asException();
        }
        if (name.chars().anyMatch(Character::isISOControl)) {
            throw Problem.of(400, "name must not have control characters.").asException();
        }
    }

    public Tenant self(Principal principal) throws IOException {
        return find(own(principal));
    }

    /** Removes the caller's own tenant, for good. */
    public void deleteSelf(Principal principal) throws IOException {
        if (principal.role() != Role.ADMIN) {
            throw Problem.of(403, "Only an ADMIN key of the tenant may do this.").asException();
        }
        tenants.remove(own(principal));
    }

    public List<Tenant> list(Principal principal, Optional<TenantId> after, int limit)
            throws IOException {
        requireOperator(principal);
        return tenants.list(after, limit);
    }

    public Tenant get(Principal principal, String id) throws IOException {
        requireOperator(principal);
        return find(parse(id));
    }

    public Tenant setState(Principal principal, String id, Tenant.State state) throws IOException {
        requireOperator(principal);
        if (!tenants.setState(parse(id), state)) {
            throw noTenant();
        }
        return find(parse(id));
    }

    public void delete(Principal principal, String id) throws IOException {
        requireOperator(principal);
        if (!tenants.remove(parse(id))) {
            throw noTenant();
        }
    }

    private Tenant find(TenantId id) throws IOException {
        return tenants.find(id).orElseThrow(TenantService::noTenant);
    }

    private static TenantId own(Principal principal) {
        return principal
                .tenant()
                .orElseThrow(() -> Problem.of(404, "The operator has no tenant.").asException());
    }

    private static void requireOperator(Principal principal) {
        if (principal.role() != Role.OPERATOR) {
            throw Problem.of(403, "Only the operator may do this.").asException();
        }
    }

    private static TenantId parse(String id) {
        try {
            return new TenantId(id);
        } catch (IllegalArgumentException e) {
            throw noTenant();
        }
    }

    private static ProblemException noTenant() {
        return Problem.of(404, "There is no such tenant.").asException();
    }
}
