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

/** What an API key may and uses, over HTTP, for its own tenant. */
@Path("/v1/api-keys/{key_id}/quotas")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Quotas")
public class KeyQuotasResource {
    private final QuotaService quotas;
    private final CurrentRequest request;

    KeyQuotasResource(QuotaService quotas, CurrentRequest request) {
        this.quotas = quotas;
        this.request = request;
    }

    @GET
    @Operation(summary = "A key's quotas and what it uses of them")
    public QuotaBodies.KeyQuotasAnswer get(@PathParam("key_id") String key) throws IOException {
        return QuotaBodies.KeyQuotasAnswer.of(
                quotas.key(request.principal(), QuotaService.SELF, key));
    }

    @PUT
    @Operation(
            summary = "Say a key's own quotas, within the tenant's",
            description = "Replaces what was said before; what is not said is the tenant's alone.")
    public QuotaBodies.KeyQuotasAnswer set(
            @PathParam("key_id") String key, QuotaBodies.KeyQuotasRequest body) throws IOException {
        if (body == null) {
            throw Problem.of(422, "The body is empty.").asException();
        }
        Quotas wanted = body.read();
        return QuotaBodies.KeyQuotasAnswer.of(
                quotas.changeKey(
                        request.principal(), QuotaService.SELF, key, own -> wanted, false));
    }
}
