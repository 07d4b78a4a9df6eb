package io.tributary.tenant.quota;

import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.access.ApiKeys;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.quota.Allowance;
import io.tributary.metadata.quota.Plans;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.quota.Quotas;
import io.tributary.metadata.quota.TenantLimits;
import io.tributary.metadata.quota.Usage;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.metadata.tenant.Tenants;
import io.tributary.metadata.topic.Topics;
import io.tributary.tenant.access.Secrets;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What tenants and their keys may, and what they use of it. The operator says it of tenants, a
 * tenant's administrators of its keys, within that.
 */
public final class QuotaService {
    /** The tenant a caller belongs to. */
    public static final String SELF = "self";

    private final Tenants tenants;
    private final ApiKeys keys;
    private final Topics topics;
    private final TenantLimits limits;
    private final Usage usage;

    public QuotaService(
            Tenants tenants, ApiKeys keys, Topics topics, TenantLimits limits, Usage usage) {
        this.tenants = tenants;
        this.keys = keys;
        this.topics = topics;
        this.limits = limits;
        this.usage = usage;
    }

    /**
     * A tenant's limits.
     *
     * @param plan the one that counts
     * @param own values over the plan's
     * @param limits all of them
     * @param used of each that is known
     */
    public record OfTenant(
            Tenant tenant, String plan, Quotas own, Quotas limits, Map<Quota, Long> used) {}

    /**
     * A key's limits.
     *
     * @param own what was set for it
     * @param limits the lower of these and the tenant's
     */
    public record OfKey(String keyId, Quotas own, Quotas limits, Map<Quota, Long> used) {}

    public Plans plans(Principal principal) {
        requireOperator(principal);
        return limits.plans();
    }

    /** A tenant's limits, for the operator or the tenant itself, which is called {@code self}. */
    public OfTenant get(Principal principal, String tenant) throws IOException {
        return of(find(seen(principal, tenant)));
    }

    private OfTenant of(Tenant tenant) throws IOException {
        TenantId id = tenant.id();
        Map<Quota, Long> used = new EnumMap<>(usage.of(id));
        Topics.Limits present = topics.used(id);
        used.put(Quota.TOPICS, (long) present.topics());
        used.put(Quota.PARTITIONS, (long) present.partitions());
        used.put(Quota.API_KEYS, (long) keys.count(id));
        Allowance allowance = tenant.allowance();
        return new OfTenant(
                tenant,
                limits.plans().effective(allowance.plan()),
                allowance.own(),
                limits.plans().of(allowance),
                used);
    }

    /** Says anew what a tenant may: its plan, and its own values, all of them. */
    public OfTenant set(Principal principal, String tenant, Allowance allowance)
            throws IOException {
        requireOperator(principal);
        TenantId id = seen(principal, tenant);
        if (allowance.plan().filter(plan -> !limits.plans().has(plan)).isPresent()) {
            throw Problem.of(
                            400,
                            "There is no plan "
                                    + allowance.plan().get()
                                    + "; there are: "
                                    + String.join(", ", limits.plans().byName().keySet())
                                    + ".")
                    .asException();
        }
        if (!tenants.setAllowance(id, allowance)) {
            throw noTenant();
        }
        return of(find(id));
    }

    /** The limits of all keys of the caller's tenant; for its administrators. */
    public List<OfKey> keys(Principal principal) throws IOException {
        TenantId tenant = administered(principal);
        Quotas whole = limits.limits(tenant);
        return keys.list(tenant).stream().map(key -> of(key, tenant, whole)).toList();
    }

    /** A key's limits; for its tenant's administrators, the operator, and who calls with it. */
    public OfKey key(Principal principal, String tenant, String keyId) throws IOException {
        TenantId id = seen(principal, tenant);
        if (principal.role() == Role.CLIENT && !principal.keyId().equals(keyId)) {
            throw denied();
        }
        return of(find(id, keyId), id, limits.limits(id));
    }

    private OfKey of(ApiKey key, TenantId tenant, Quotas whole) {
        return new OfKey(
                key.id(), key.quotas(), key.quotas().within(whole), usage.of(tenant, key.id()));
    }

    /**
     * Changes what a key may, within what its tenant may, or says whether that could be done.
     *
     * @param change of what is set for it; may run again after another change in between
     */
    public OfKey changeKey(
            Principal principal,
            String tenant,
            String keyId,
            UnaryOperator<Quotas> change,
            boolean validateOnly)
            throws IOException {
        if (principal.role() == Role.CLIENT) {
            throw denied();
        }
        TenantId id = seen(principal, tenant);
        requireId(keyId);
        Quotas whole = limits.limits(id);
        UnaryOperator<Quotas> within = own -> requireWithin(change.apply(own), whole);
        if (validateOnly) {
            Quotas _ = within.apply(find(id, keyId).quotas());
        } else if (!keys.setQuotas(id, keyId, within)) {
            throw noKey();
        }
        return of(find(id, keyId), id, whole);
    }

    private static Quotas requireWithin(Quotas quotas, Quotas whole) {
        Optional<Quota> beyond = quotas.beyond(whole);
        if (beyond.isPresent()) {
            Quota quota = beyond.get();
            throw Problem.of(
                            400,
                            quota.isOfKeys()
                                    ? quota.label()
                                            + " is more than the tenant's: "
                                            + Quotas.text(whole.limit(quota))
                                            + "."
                                    : quota.label() + " is the tenant's alone, not a key's.")
                    .asException();
        }
        return quotas;
    }

    private Tenant find(TenantId id) throws IOException {
        return tenants.find(id).orElseThrow(QuotaService::noTenant);
    }

    private ApiKey find(TenantId tenant, String keyId) throws IOException {
        requireId(keyId);
        return keys.find(keyId)
                .filter(key -> key.tenant().equals(Optional.of(tenant)))
                .orElseThrow(QuotaService::noKey);
    }

    /** What cannot be an id is nobody's, and no name of a record either. */
    private static void requireId(String keyId) {
        if (!Secrets.isId(keyId)) {
            throw noKey();
        }
    }

    /** The tenant that is meant, if the caller may know that it is there. */
    private static TenantId seen(Principal principal, String tenant) {
        if (tenant.equals(SELF)) {
            return principal
                    .tenant()
                    .orElseThrow(
                            () -> Problem.of(404, "The operator has no tenant.").asException());
        }
        requireOperator(principal);
        try {
            return new TenantId(tenant);
        } catch (IllegalArgumentException e) {
            throw noTenant();
        }
    }

    private static TenantId administered(Principal principal) {
        if (principal.role() != Role.ADMIN) {
            throw denied();
        }
        return principal.tenant().orElseThrow();
    }

    private static void requireOperator(Principal principal) {
        if (principal.role() != Role.OPERATOR) {
            throw Problem.of(403, "Only the operator may do this.").asException();
        }
    }

    private static ProblemException denied() {
        return Problem.of(403, "Only an ADMIN key of a tenant may do this.").asException();
    }

    private static ProblemException noTenant() {
        return Problem.of(404, "There is no such tenant.").asException();
    }

    private static ProblemException noKey() {
        return Problem.of(404, "There is no such API key.").asException();
    }
}
