package io.tributary.tenant.quota;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.tributary.kernel.fault.Problem;
import io.tributary.metadata.quota.Quotas;
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

/** What an API key of any tenant may and uses, over HTTP, for the operator. */
@Path("/v1/tenants/{tenant_id}/api-keys/{key_id}/quotas")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Quotas")
public class TenantKeyQuotasResource {
    private final QuotaService quotas;
    private final CurrentRequest request;

    TenantKeyQuotasResource(QuotaService quotas, CurrentRequest request) {
        this.quotas = quotas;
        this.request = request;
    }

    @GET
    @Operation(summary = "The quotas of a tenant's key and what it uses of them (operator)")
    public QuotaBodies.KeyQuotasAnswer get(
            @PathParam("tenant_id") String tenant, @PathParam("key_id") String key)
            throws IOException {
        return QuotaBodies.KeyQuotasAnswer.of(quotas.key(request.principal(), tenant, key));
    }

    @PUT
    @Operation(summary = "Say the own quotas of a tenant's key (operator)")
    public QuotaBodies.KeyQuotasAnswer set(
            @PathParam("tenant_id") String tenant,
            @PathParam("key_id") String key,
            QuotaBodies.KeyQuotasRequest body)
            throws IOException {
        if (body == null) {
            throw Problem.of(422, "The body is empty.").asException();
        }
        Quotas wanted = body.read();
        return QuotaBodies.KeyQuotasAnswer.of(
                quotas.changeKey(request.principal(), tenant, key, own -> wanted, false));
    }
}
