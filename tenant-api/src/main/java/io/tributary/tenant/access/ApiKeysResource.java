package io.tributary.tenant.access;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.tributary.kernel.fault.Problem;
import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.access.Grant;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.topic.TopicNames;
import io.tributary.tenant.rest.CurrentRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** A tenant's API keys over HTTP. */
@Path("/v1/api-keys")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "API keys")
public class ApiKeysResource {
    private final ApiKeyService keys;
    private final CurrentRequest request;

    ApiKeysResource(ApiKeyService keys, CurrentRequest request) {
        this.keys = keys;
        this.request = request;
    }

    /** A grant; operation and pattern are taken in any case and answered in upper case. */
    public record GrantBody(
            @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_VALUES)
                    io.tributary.metadata.access.Operation operation,
            @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_VALUES)
                    Grant.Pattern pattern,
            String topic) {
        Grant grant() {
            boolean prefix = pattern == Grant.Pattern.PREFIX;
            if (operation == null || topic == null) {
                throw Problem.of(400, "A grant needs operation and topic.").asException();
            }
            if (!(prefix && topic.isEmpty())) {
                TopicNames.check(topic);
            }
            return new Grant(operation, prefix ? pattern : Grant.Pattern.LITERAL, topic);
        }

        static GrantBody of(Grant grant) {
            return new GrantBody(grant.operation(), grant.pattern(), grant.topic());
        }
    }

    /** Roles that a tenant's keys can have. */
    public enum KeyRole {
        ADMIN,
        CLIENT
    }

    /** A wish for a key. */
    public record KeyRequest(
            String description,
            @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_VALUES) KeyRole role,
            String expiresAt,
            List<GrantBody> grants) {}

    /** A key just made, with its secret, which is shown here and nowhere else. */
    public record NewKeyAnswer(
            String id,
            String secret,
            String description,
            String role,
            List<GrantBody> grants,
            String createdAt,
            Optional<String> expiresAt) {
        static NewKeyAnswer of(NewKey made) {
            KeyAnswer key = KeyAnswer.of(made.key());
            return new NewKeyAnswer(
                    key.id(),
                    made.secret(),
                    key.description(),
                    key.role(),
                    key.grants(),
                    key.createdAt(),
                    key.expiresAt());
        }
    }

    /** A key without its secret. */
    public record KeyAnswer(
            String id,
            String description,
            String role,
            List<GrantBody> grants,
            String createdAt,
            Optional<String> expiresAt,
            Optional<String> lastUsedAt) {
        static KeyAnswer of(ApiKey key) {
            return new KeyAnswer(
                    key.id(),
                    key.description(),
                    key.role().name(),
                    key.grants().stream().map(GrantBody::of).toList(),
                    key.createdAt().toString(),
                    key.expiresAt().map(Instant::toString),
                    key.lastUsedAt().map(Instant::toString));
        }
    }

    /** A tenant's keys. */
    public record KeysAnswer(List<KeyAnswer> data) {}

    @GET
    @Operation(summary = "List the tenant's keys")
    public KeysAnswer list() throws IOException {
        return new KeysAnswer(keys.list(request.principal()).stream().map(KeyAnswer::of).toList());
    }

    @POST
    @Operation(summary = "Make a key; its secret is shown once")
    public Response create(KeyRequest body) throws IOException {
        if (body == null) {
            throw Problem.of(422, "The body is empty.").asException();
        }
        List<Grant> grants = new ArrayList<>();
        for (GrantBody grant : Optional.ofNullable(body.grants()).orElse(List.of())) {
            grants.add(grant.grant());
        }
        NewKey made =
                keys.create(
                        request.principal(),
                        new ApiKeyService.Wish(
                                Optional.ofNullable(body.description()).orElse(""),
                                body.role() == KeyRole.ADMIN ? Role.ADMIN : Role.CLIENT,
                                grants,
                                instant(body.expiresAt())));
        return Response.status(Response.Status.CREATED).entity(NewKeyAnswer.of(made)).build();
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.ofNullable(text).map(Instant::parse);
        } catch (DateTimeParseException e) {
            throw Problem.of(400, "expires_at is not a time such as 2030-01-31T12:00:00Z.")
                    .asException();
        }
    }

    @DELETE
    @Path("/{key_id}")
    @Operation(summary = "Revoke a key; it is refused everywhere within a second")
    public void delete(@PathParam("key_id") String id) throws IOException {
        keys.delete(request.principal(), id);
    }
}
