package io.tributary.tenant.signup;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.tenant.rest.CurrentRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Sign-up and tenants over HTTP. */
@Path("/v1/tenants")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Tenants")
public class TenantsResource {
    private static final int PAGE_SIZE = 100;
    private static final int MAX_PAGE_SIZE = 1_000;

    private final TenantService tenants;
    private final CurrentRequest request;

    TenantsResource(TenantService tenants, CurrentRequest request) {
        this.tenants = tenants;
        this.request = request;
    }

    /** A sign-up. */
    public record SignUpRequest(String name) {}

    /** The first key, with its secret, which is shown here and nowhere else. */
    public record FirstKey(String id, String secret, String role) {}

    /** What a new tenant gets. */
    public record SignedUpAnswer(String tenantId, String clusterId, String name, FirstKey apiKey) {}

    /** A tenant. */
    public record TenantAnswer(
            String tenantId, String clusterId, String name, String state, String createdAt) {
        static TenantAnswer of(Tenant tenant) {
            return new TenantAnswer(
                    tenant.id().value(),
                    tenant.clusterId(),
                    tenant.name(),
                    tenant.state().name(),
                    tenant.createdAt().toString());
        }
    }

    /** A page of tenants; the token asks for the next one. */
    public record TenantsAnswer(List<TenantAnswer> data, Optional<String> nextPageToken) {}

    /** A new state. */
    public record StateRequest(
            @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_VALUES)
                    Tenant.State state) {}

    @POST
    @Operation(summary = "Sign up: makes a tenant and its first key, whose secret is shown once")
    public Response signUp(SignUpRequest body) throws IOException {
        if (body == null) {
            throw Problem.of(422, "The body is empty.").asException();
        }
        TenantService.SignedUp made =
                tenants.signUp(request.ifPrincipal(), request.address(), body.name());
        return Response.status(Response.Status.CREATED)
                .entity(
                        new SignedUpAnswer(
                                made.tenant().id().value(),
                                made.tenant().clusterId(),
                                made.tenant().name(),
                                new FirstKey(
                                        made.key().key().id(),
                                        made.key().secret(),
                                        made.key().key().role().name())))
                .build();
    }

    @GET
    @Operation(summary = "List tenants (operator)")
    public TenantsAnswer list(
            @QueryParam("page_size") String pageSize, @QueryParam("page_token") String pageToken)
            throws IOException {
        int size = pageSize == null ? PAGE_SIZE : pageSize(pageSize);
        Optional<TenantId> after;
        try {
            after = Optional.ofNullable(pageToken).map(TenantId::new);
        } catch (IllegalArgumentException e) {
            throw Problem.of(400, "page_token is not one of ours.").asException();
        }
        List<Tenant> page = tenants.list(request.principal(), after, size);
        return new TenantsAnswer(
                page.stream().map(TenantAnswer::of).toList(),
                page.size() < size ? Optional.empty() : Optional.of(page.getLast().id().value()));
    }

    private static int pageSize(String text) {
        if (text.matches("[0-9]{1,4}")) {
            int size = Integer.parseInt(text);
            if (size >= 1 && size <= MAX_PAGE_SIZE) {
                return size;
            }
        }
        throw Problem.of(400, "page_size must be 1 to " + MAX_PAGE_SIZE + ".").asException();
    }

    @GET
    @Path("/self")
    @Operation(summary = "The caller's tenant")
    public TenantAnswer self() throws IOException {
        return TenantAnswer.of(tenants.self(request.principal()));
    }

    @DELETE
    @Path("/self")
    @Operation(summary = "Delete the caller's tenant with all its topics, records and keys")
    public void deleteSelf() throws IOException {
        tenants.deleteSelf(request.principal());
    }

    @GET
    @Path("/{tenant_id}")
    @Operation(summary = "One tenant (operator)")
    public TenantAnswer get(@PathParam("tenant_id") String id) throws IOException {
        return TenantAnswer.of(tenants.get(request.principal(), id));
    }

    @PATCH
    @Path("/{tenant_id}")
    @Operation(summary = "Suspend a tenant or let it go on (operator)")
    public TenantAnswer setState(@PathParam("tenant_id") String id, StateRequest body)
            throws IOException {
        if (body == null || body.state() == null) {
            throw Problem.of(400, "state must be ACTIVE or SUSPENDED.").asException();
        }
        return TenantAnswer.of(tenants.setState(request.principal(), id, body.state()));
    }

    @DELETE
    @Path("/{tenant_id}")
    @Operation(summary = "Delete a tenant with everything it has (operator)")
    public void delete(@PathParam("tenant_id") String id) throws IOException {
        tenants.delete(request.principal(), id);
    }
}
