package io.tributary.tenant.broker;

import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.broker.BrokerConfigs;
import io.tributary.metadata.broker.BrokerSettings;
import io.tributary.metadata.broker.BrokerView;
import io.tributary.metadata.tenant.Tenants;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** What the operator decides about a tenant's cluster: its broker configs. */
public final class BrokerConfigService {
    private final Tenants tenants;
    private final BrokerSettings brokers;

    public BrokerConfigService(Tenants tenants, BrokerSettings brokers) {
        this.tenants = tenants;
        this.brokers = brokers;
    }

    public BrokerView get(Principal principal, String id) throws IOException {
        TenantId tenant = parse(principal, id);
        if (tenants.find(tenant).isEmpty()) {
            throw noTenant();
        }
        return brokers.find(tenant);
    }

    /** Makes these the only ones that the tenant has of its own. */
    public BrokerView replace(Principal principal, String id, Map<String, String> configs)
            throws IOException {
        TenantId tenant = parse(principal, id);
        configs.keySet().forEach(BrokerConfigs::requireOfTenant);
        BrokerConfigs.validate(configs);
        if (!tenants.setBrokerConfigs(tenant, old -> configs)) {
            throw noTenant();
        }
        return brokers.find(tenant);
    }

    /**
     * Changes some.
     *
     * @param changes by name; null puts one back to the node's
     */
    public BrokerView change(Principal principal, String id, Map<String, String> changes)
            throws IOException {
        TenantId tenant = parse(principal, id);
        changes.keySet().forEach(BrokerConfigs::requireOfTenant);
        Map<String, String> set = new TreeMap<>(changes);
        set.values().removeIf(Objects::isNull);
        BrokerConfigs.validate(set);
        boolean there =
                tenants.setBrokerConfigs(
                        tenant,
                        old -> {
                            Map<String, String> configs = new TreeMap<>(old);
                            configs.keySet().removeAll(changes.keySet());
                            configs.putAll(set);
                            return configs;
                        });
        if (!there) {
            throw noTenant();
        }
        return brokers.find(tenant);
    }

    private static TenantId parse(Principal principal, String id) {
        if (principal.role() != Role.OPERATOR) {
            throw Problem.of(403, "Only the operator may do this.").asException();
        }
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
