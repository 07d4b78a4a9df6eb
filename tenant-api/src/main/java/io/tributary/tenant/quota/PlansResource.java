package io.tributary.tenant.quota;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.tributary.tenant.rest.CurrentRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The plans that tenants can have, over HTTP. */
@Path("/v1/plans")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Quotas")
public class PlansResource {
    private final QuotaService quotas;
    private final CurrentRequest request;

    PlansResource(QuotaService quotas, CurrentRequest request) {
        this.quotas = quotas;
        this.request = request;
    }

    @GET
    @Operation(summary = "The plans this node knows, with their quotas (operator)")
    public QuotaBodies.PlansAnswer list() {
        return QuotaBodies.PlansAnswer.of(quotas.plans(request.principal()));
    }
}
