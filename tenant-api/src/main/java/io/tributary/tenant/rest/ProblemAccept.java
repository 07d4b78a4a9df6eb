package io.tributary.tenant.rest;

import io.tributary.kernel.fault.ProblemJson;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Takes a caller that accepts problem+json as one that takes JSON: its errors come as the former
 * (see {@link Errors}), its answers as the latter.
 */
public class ProblemAccept {
    @ServerRequestFilter(preMatching = true)
    void widen(ContainerRequestContext request) {
        if (ProblemJson.wanted(request.getHeaderString(HttpHeaders.ACCEPT))) {
            request.getHeaders().add(HttpHeaders.ACCEPT, ProblemJson.JSON);
        }
    }
}
