package io.tributary.ingest.door;

import io.tributary.ingest.quota.Accounts;
import io.tributary.ingest.quota.Excess;
import io.tributary.kernel.fault.Problem;
import io.tributary.metadata.access.Authenticator;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.quota.Quota;
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
import java.util.concurrent.Semaphore;

/**
 * Stands in front of every route: lets pass who has proven who they are and has requests left in
 * its quotas, leaving the {@link Principal} in the context, and what is public. Everything else
 * ends here.
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

    /** How many are looked at at once from addresses that fail too often: some may be right. */
    private static final int DOUBTFUL_AT_ONCE = 4;

    private final Authenticator authenticator;
    private final AttemptLimiter limiter;
    private final Accounts accounts;
    private final Executor blocking;
    private final Semaphore doubtful = new Semaphore(DOUBTFUL_AT_ONCE);

    /**
     * Makes the gate.
     *
     * @param blocking runs the look-ups that cannot be answered from memory
     */
    public AuthenticationGate(
            Authenticator authenticator,
            AttemptLimiter limiter,
            Accounts accounts,
            Executor blocking) {
        this.authenticator = authenticator;
        this.limiter = limiter;
        this.accounts = accounts;
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
        if (blocked.isPresent() && !doubtful.tryAcquire()) {
            Replies.problem(request, tooManyFailures(blocked.get()));
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
                        Problem problem = refused(e, address, blocked);
                        context.runOnContext(done -> Replies.problem(request, problem));
                    } finally {
                        if (blocked.isPresent()) {
                            doubtful.release();
                        }
                    }
                });
    }

    /** Counts a failure; who fails too often is told that instead. */
    private Problem refused(RuntimeException e, String address, Optional<Duration> blocked) {
        Problem problem = Replies.toProblem(e);
        if (problem.status() != 401) {
            return problem;
        }
        limiter.failed(address);
        return blocked.map(AuthenticationGate::tooManyFailures).orElse(problem);
    }

    private static Problem tooManyFailures(Duration wait) {
        return Problem.retryLater(
                429,
                "Too many failed authentications from this address. The next is looked at in "
                        + Replies.seconds(wait)
                        + " s.",
                wait);
    }

    private void pass(RoutingContext request, Principal principal) {
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
        if (!path.startsWith("/q/") && principal.tenant().isPresent()) {
            Optional<Excess> excess =
                    accounts.claim(principal).takeIfPaid(Quota.REQUESTS_PER_SECOND, 1);
            if (excess.isPresent()) {
                Replies.excess(request, excess.get());
                return;
            }
        }
        request.put(PRINCIPAL, principal);
        request.next();
    }
}
