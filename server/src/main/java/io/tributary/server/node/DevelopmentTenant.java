package io.tributary.server.node;

import io.tributary.ingest.kafka.wire.Endpoint;
import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.metadata.tenant.Tenants;
import io.tributary.server.option.OptionException;
import io.tributary.tenant.signup.TenantService;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The tenant whose cluster the port for development is: whoever connects there administers it. */
public final class DevelopmentTenant implements Endpoint.Everybody {
    private static final int PAGE = 1_000;
    private static final String KEY_ID = "kafka-dev-port";
    private static final Principal OPERATOR =
            new Principal(Optional.empty(), KEY_ID, Role.OPERATOR, List.of());

    private final Tenants tenants;
    private final Principal administrator;

    private DevelopmentTenant(Tenants tenants, TenantId id) {
        this.tenants = tenants;
        administrator = new Principal(Optional.of(id), KEY_ID, Role.ADMIN, List.of());
    }

    /**
     * Finds the tenant of this name, or makes it; blocks.
     *
     * @throws OptionException there are several
     */
    public static DevelopmentTenant named(String name, Tenants tenants, TenantService service)
            throws IOException {
        List<TenantId> found = new ArrayList<>();
        Optional<TenantId> after = Optional.empty();
        List<Tenant> page;
        do {
            page = tenants.list(after, PAGE);
            page.stream().filter(t -> t.name().equals(name)).map(Tenant::id).forEach(found::add);
            after = page.isEmpty() ? after : Optional.of(page.getLast().id());
        } while (page.size() == PAGE);
        if (found.size() > 1) {
            throw new OptionException(
                    "Option --kafka-dev-tenant: several tenants have the name " + name + ".");
        }
        TenantId id =
                found.isEmpty()
                        ? service.signUp(Optional.of(OPERATOR), "localhost", name).tenant().id()
                        : found.getFirst();
        return new DevelopmentTenant(tenants, id);
    }

    @Override
    public Optional<Principal> who() throws IOException {
        return tenants.find(administrator.tenant().orElseThrow())
                .filter(tenant -> tenant.state() == Tenant.State.ACTIVE)
                .map(active -> administrator);
    }
}
