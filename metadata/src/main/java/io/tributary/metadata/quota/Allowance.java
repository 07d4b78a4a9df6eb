package io.tributary.metadata.quota;

import java.util.Optional;

/**
 * What the operator gave a tenant.
 *
 * @param plan its name; empty for the default one
 * @param own the tenant's own values, over the plan's
 */
public record Allowance(Optional<String> plan, Quotas own) {
    public static final Allowance DEFAULT = new Allowance(Optional.empty(), Quotas.NONE);
}
