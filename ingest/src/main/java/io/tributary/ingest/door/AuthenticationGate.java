package io.tributary.ingest.door;

import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.access.Authenticator;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Stands in front of every route: lets pass who has proven who they are, leaving the {@link
 * Principal} in the context, and what is public. Everything else ends here.
 */
public final class AuthenticationGate implements Handler<RoutingContext> {
    /** Where the principal of a request is found. */
    public static final String PRINCIPAL = "tributary.principal";

    private static final Set<String> PUBLIC =
            Set.of(
                    "/q/health",
                    "/q/health/live",
                    "/q/health/ready",
                    "/q/health/started",
                    "/q/health/well",
                    "/q/openapi",
                    "/.well-known/jwks.json");
    private static final String METRICS = "/q/metrics";
    private static final String SIGN_UP = "/v1/tenants";

    private final Authenticator authenticator;
    private final AttemptLimiter limiter;
    private final Executor blocking;

    /**
     * Makes the gate.
     *
     * @param blocking runs the look-ups that cannot be answered from memory
     */
    public AuthenticationGate(
            Authenticator authenticator, AttemptLimiter limiter, Executor blocking) {
        this.authenticator = authenticator;
        this.limiter = limiter;
        this.blocking = blocking;
    }

    @Override
    public void handle(RoutingContext request) {
        if (!PathRules.plain(request.request().uri())) {
            Replies.problem(request, Problem.of(400, "The request's path is not plain."));
            return;
        }
        String path = request.request().path();
        List<String> credentials = request.request().headers().getAll("Authorization");
        if (credentials.size() > 1) {
            Replies.problem(request, Problem.of(400, "More than one Authorization header."));
        } else if (PUBLIC.contains(path)) {
            request.next();
        } else if (credentials.size() == 1) {
            authenticate(request, credentials.getFirst());
        } else if (open(request, path)) {
            request.next();
        } else {
            Replies.problem(request, Problem.of(401, "Unauthorized"));
        }
    }

    /** What needs no credentials but may have them. */
    private static boolean open(RoutingContext request, String path) {
        return (path.equals(SIGN_UP) && request.request().method().equals(HttpMethod.POST))
                || (path.equals(METRICS) && local(request));
    }

    /** From this machine, and not on behalf of another. */
    private static boolean local(RoutingContext request) {
        MultiMap headers = request.request().headers();
        if (headers.contains("X-Forwarded-For") || headers.contains("Forwarded")) {
            return false;
        }
        try {
            return InetAddress.getByName(address(request)).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static String address(RoutingContext request) {
        return request.request().remoteAddress().hostAddress();
    }

    private void authenticate(RoutingContext request, String credentials) {
        Optional<Principal> known = authenticator.ifKnown(credentials);
        if (known.isPresent()) {
            pass(request, known.get());
            return;
        }
        String address = address(request);
        Optional<Duration> blocked = limiter.blockedFor(address);
        if (blocked.isPresent()) {
            Replies.problem(
                    request,
                    Problem.retryLater(
                            429,
                            "Too many failed authentications from this address.",
                            blocked.get()));
            return;
        }
        Bodies.hold(request);
        var context = request.vertx().getOrCreateContext();
        blocking.execute(
                () -> {
                    try {
                        Principal principal = authenticator.authenticate(credentials);
                        context.runOnContext(done -> pass(request, principal));
                    } catch (RuntimeException e) {
                        if (e instanceof ProblemException p && p.problem().status() == 401) {
                            limiter.failed(address);
                        }
                        Problem problem = Replies.toProblem(e);
                        context.runOnContext(done -> Replies.problem(request, problem));
                    }
                });
    }

    private static void pass(RoutingContext request, Principal principal) {
        String path = request.request().path();
        if (path.startsWith("/q/")
                && !(path.equals(METRICS)
                        && (principal.role() == Role.OPERATOR || local(request)))) {
            Replies.problem(
                    request,
                    path.equals(METRICS)
                            ? Problem.of(403, "Only the operator may do this.")
                            : Problem.of(404, "HTTP 404 Not Found"));
            return;
        }
        request.put(PRINCIPAL, principal);
        request.next();
    }
}
