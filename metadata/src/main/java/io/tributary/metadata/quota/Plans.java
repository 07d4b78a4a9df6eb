package io.tributary.metadata.quota;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The plans there are.
 *
 * @param byName each complete: it says something of every quota
 * @param byDefault the name of the plan of tenants without one
 */
public record Plans(Map<String, Quotas> byName, String byDefault) {
    /** The name of the plan that is always there. */
    public static final String DEFAULT = "default";

    public Plans {
        byName = new TreeMap<>(byName);
        if (!byName.containsKey(byDefault)) {
            throw new IllegalArgumentException("there is no plan " + byDefault);
        }
    }

    /** One plan alone, for all tenants. */
    public static Plans of(Quotas only) {
        return new Plans(Map.of(DEFAULT, only), DEFAULT);
    }

    public boolean has(String name) {
        return byName.containsKey(name);
    }

    /** The name of the plan that counts: a plan that is not there any more is the default one. */
    public String effective(Optional<String> name) {
        return name.filter(this::has).orElse(byDefault);
    }

    /** What a tenant may. */
    public Quotas of(Allowance allowance) {
        return allowance.own().over(byName.get(effective(allowance.plan())));
    }
}
