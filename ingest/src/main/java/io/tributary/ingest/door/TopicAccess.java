package io.tributary.ingest.door;

import io.tributary.kernel.fault.Problem;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.TopicNames;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Finds the topic a request is about, if its caller may do with it what it wants. Another tenant's
 * cluster or topic is not there.
 */
public final class TopicAccess {
    private final IngestNode node;
    private final Problem absent;

    public TopicAccess(IngestNode node) {
        this(node, noTopic());
    }

    /** Says this of topics that are not there. */
    public TopicAccess(IngestNode node, Problem absent) {
        this.node = node;
        this.absent = absent;
    }

    /**
     * Hands the permission over, on the event loop and from memory where that is possible, or
     * answers the request with what is in the way. The body waits until the receiver resumes it.
     */
    public void with(
            RoutingContext request,
            String cluster,
            String name,
            Operation operation,
            Consumer<Permission> then) {
        Principal principal = request.get(AuthenticationGate.PRINCIPAL);
        Optional<Problem> refused = refused(principal, cluster, name);
        if (refused.isPresent()) {
            Replies.problem(request, refused.get());
            return;
        }
        Optional<Topic> cached = node.topics().ifCached(principal.tenant().orElseThrow(), name);
        if (cached.isPresent()) {
            granted(request, principal, cached, operation, then);
            return;
        }
        Bodies.hold(request);
        var context = request.vertx().getOrCreateContext();
        node.blocking()
                .execute(
                        () -> {
                            try {
                                Optional<Topic> found =
                                        node.topics().find(principal.tenant().orElseThrow(), name);
                                context.runOnContext(
                                        done ->
                                                granted(
                                                        request, principal, found, operation,
                                                        then));
                            } catch (IOException | RuntimeException e) {
                                Problem problem = Replies.toProblem(e);
                                context.runOnContext(done -> Replies.problem(request, problem));
                            }
                        });
    }

    private Optional<Problem> refused(Principal principal, String cluster, String name) {
        if (principal.tenant().filter(t -> t.clusterId().equals(cluster)).isEmpty()) {
            return Optional.of(Problem.of(404, "HTTP 404 Not Found"));
        }
        return TopicNames.legal(name) && principal.maySee(name)
                ? Optional.empty()
                : Optional.of(absent);
    }

    private void granted(
            RoutingContext request,
            Principal principal,
            Optional<Topic> topic,
            Operation operation,
            Consumer<Permission> then) {
        if (topic.isEmpty()) {
            Replies.problem(request, absent);
        } else if (!principal.may(operation, topic.get().name())) {
            Replies.problem(request, denied());
        } else {
            then.accept(new Permission(node, request, operation, topic.get(), absent));
        }
    }

    /** What is said to a caller that sees the topic but may not do this with it. */
    static Problem denied() {
        return Problem.of(403, 40301, "Not authorized to access this topic.");
    }

    /** What is said of a topic or partition that is not there. */
    public static Problem noTopic() {
        return Problem.of(404, 40403, "This server does not host this topic-partition.");
    }
}
