package io.tributary.tenant.rest;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.tributary.kernel.fault.Problem;
import io.tributary.metadata.access.Principal;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Optional;

/** Who makes the present request, and from where, as the gate in front of all routes found. */
@RequestScoped
public class CurrentRequest {
    /** Under which the gate leaves the {@link Principal} in the routing context. */
    public static final String PRINCIPAL = "tributary.principal";

    private final CurrentVertxRequest request;

    CurrentRequest(CurrentVertxRequest request) {
        this.request = request;
    }

    /** The proven caller; 401 where there is none. */
    public Principal principal() {
        return ifPrincipal().orElseThrow(() -> Problem.of(401, "Unauthorized").asException());
    }

    public Optional<Principal> ifPrincipal() {
        return Optional.ofNullable(context().get(PRINCIPAL));
    }

    /** Whether the caller showed a key's secret itself, and not a token made with it. */
    public boolean withSecret() {
        String authorization = context().request().getHeader(HttpHeaders.AUTHORIZATION);
        return authorization != null && authorization.regionMatches(true, 0, "Basic ", 0, 6);
    }

    /** The caller's network address. */
    public String address() {
        return context().request().remoteAddress().hostAddress();
    }

    /** Where the caller reached the service, such as {@code https://localhost:8443}. */
    public String baseUrl() {
        return "https://" + context().request().authority();
    }

    private RoutingContext context() {
        return request.getCurrent();
    }
}
