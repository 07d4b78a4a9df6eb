package io.tributary.ingest.door;

import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.Authenticator;
import io.tributary.metadata.access.Principal;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Whose request it is, of a tenant, for as long as it lasts. Thread-safe. */
public final class TenantCaller {
    private final Authenticator authenticator;
    private final String credentials;
    private final TenantId tenant;
    private final String address;

    /**
     * Of a request that passed the gate.
     *
     * @throws io.tributary.kernel.fault.ProblemException 404: it is no tenant's
     */
    public TenantCaller(Authenticator authenticator, RoutingContext request) {
        this.authenticator = authenticator;
        credentials = request.request().getHeader("Authorization");
        address = request.request().remoteAddress().hostAddress();
        Principal principal = request.get(AuthenticationGate.PRINCIPAL);
        tenant =
                principal
                        .tenant()
                        .orElseThrow(() -> Problem.of(404, "HTTP 404 Not Found").asException());
    }

    public TenantId tenant() {
        return tenant;
    }

    /** Where the request comes from. */
    public InetAddress address() {
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            return InetAddress.getLoopbackAddress();
        }
    }

    /**
     * The caller with the grants of now; may block on the metadata store.
     *
     * @throws io.tributary.kernel.fault.ProblemException the request may not go on: 401; 503 when
     *     that cannot be found out
     */
    public Principal now() {
        Principal now =
                authenticator
                        .ifKnown(credentials)
                        .orElseGet(() -> authenticator.authenticate(credentials));
        if (!now.tenant().filter(tenant::equals).isPresent()) {
            throw Problem.of(401, "Unauthorized").asException();
        }
        return now;
    }
}
