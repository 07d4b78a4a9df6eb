package io.tributary.tenant.quota;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.tributary.kernel.fault.Problem;
import io.tributary.tenant.rest.CurrentRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** What a tenant may and uses, over HTTP. */
@Path("/v1/tenants/{tenant_id}/quotas")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Quotas")
public class TenantQuotasResource {
    private final QuotaService quotas;
    private final CurrentRequest request;

    TenantQuotasResource(QuotaService quotas, CurrentRequest request) {
        this.quotas = quotas;
        this.request = request;
    }

    @GET
    @Operation(
            summary = "A tenant's quotas and what it uses of them; self for the caller's tenant",
            description =
                    "Rates and connections are those of the node that answers. usage has the"
                            + " rates of the last second.")
    public QuotaBodies.QuotasAnswer get(@PathParam("tenant_id") String tenant) throws IOException {
        return QuotaBodies.QuotasAnswer.of(quotas.get(request.principal(), tenant));
    }

    @PUT
    @Operation(
            summary = "Say a tenant's plan and its own values over the plan's (operator)",
            description =
                    "Replaces what was said before. Without plan it has the default one. It holds"
                            + " within a second, on open connections too.")
    public QuotaBodies.QuotasAnswer set(
            @PathParam("tenant_id") String tenant, QuotaBodies.AllowanceRequest body)
            throws IOException {
        if (body == null) {
            throw Problem.of(422, "The body is empty.").asException();
        }
        return QuotaBodies.QuotasAnswer.of(
                quotas.set(request.principal(), tenant, body.allowance()));
    }
}
