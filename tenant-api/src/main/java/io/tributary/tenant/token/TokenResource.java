package io.tributary.tenant.token;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.tributary.kernel.fault.Problem;
import io.tributary.metadata.access.Principal;
import io.tributary.tenant.rest.CurrentRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Tokens over HTTP. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Tokens")
public class TokenResource {
    private final Tokens tokens;
    private final CurrentRequest request;

    TokenResource(Tokens tokens, CurrentRequest request) {
        this.tokens = tokens;
        this.request = request;
    }

    /** A token, as OAuth 2 clients expect it. */
    public record TokenAnswer(String accessToken, String tokenType, long expiresIn) {}

    @POST
    @Path("/v1/token")
    @Operation(summary = "Trade a key's id and secret for a short-lived bearer token")
    public Response issue() throws IOException {
        Principal principal = request.principal();
        if (!request.withSecret()) {
            throw Problem.of(
                            403,
                            "A token is made with a key's id and secret, not with another token.")
                    .asException();
        }
        Tokens.Issued issued = tokens.issue(principal);
        return Response.ok(new TokenAnswer(issued.token(), "Bearer", issued.lifetime().toSeconds()))
                .header("Cache-Control", "no-store")
                .build();
    }

    @GET
    @Path("/.well-known/jwks.json")
    @Operation(summary = "The public keys that tokens are signed with")
    public Response keySet() throws IOException {
        return Response.ok(tokens.keySet())
                .header("Cache-Control", "max-age=" + SigningKeys.CACHED_FOR.toSeconds())
                .build();
    }
}
