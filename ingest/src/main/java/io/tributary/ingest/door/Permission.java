package io.tributary.ingest.door;

import io.tributary.ingest.quota.Claim;
import io.tributary.kernel.fault.Problem;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.topic.Topic;
import io.vertx.core.Context;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a request may do with its topic, for as long as it lasts: its key may be revoked or expire,
 * its tenant be suspended, its topic be deleted or changed while it goes on. Thread-safe.
 */
public final class Permission {
    /** How soon what goes on by itself asks again: half of what a revocation may take. */
    public static final Duration RECHECK = Duration.ofMillis(500);

    private final IngestNode node;
    private final String credentials;
    private final Operation operation;
    private final Topic topic;
    private final Principal principal;
    private final Problem absent;
    private final long grantedAtMillis;

    Permission(
            IngestNode node,
            RoutingContext request,
            Operation operation,
            Topic topic,
            Problem absent) {
        this.node = node;
        this.operation = operation;
        this.topic = topic;
        principal = request.get(AuthenticationGate.PRINCIPAL);
        this.absent = absent;
        credentials = request.request().getHeader("Authorization");
        grantedAtMillis = node.clock().millis();
    }

    /** The topic as it was when the request began. */
    public Topic topic() {
        return topic;
    }

    /** What the caller takes from, with the quotas of now. */
    public Claim claim() {
        return node.accounts().claim(principal);
    }

    /** Whether the grant is so old that it should be asked for again before it is used. */
    public boolean stale() {
        return node.clock().millis() - grantedAtMillis >= RECHECK.toMillis();
    }

    /**
     * The topic as it is now; may block on the metadata store.
     *
     * @throws io.tributary.kernel.fault.ProblemException the request may not go on: 401, 403 or
     *     404; 503 when that cannot be found out
     */
    public Topic check() throws IOException {
        Principal principal =
                node.authenticator()
                        .ifKnown(credentials)
                        .orElseGet(() -> node.authenticator().authenticate(credentials));
        if (!principal.may(operation, topic.name())) {
            throw TopicAccess.denied().asException();
        }
        return node.topics()
                .find(topic.tenant(), topic.name())
                .filter(this::same)
                .orElseThrow(absent::asException);
    }

    /**
     * Checks on an event loop: at once where memory has the answer, else after a look-up elsewhere.
     * One of the two is called, on the event loop.
     *
     * @param granted takes the topic as it is now
     */
    public void check(Context loop, Consumer<Topic> granted, Consumer<Problem> refused) {
        Optional<Topic> known = ifKnown();
        if (known.isPresent()) {
            granted.accept(known.get());
            return;
        }
        node.blocking()
                .execute(
                        () -> {
                            try {
                                Topic now = check();
                                loop.runOnContext(done -> granted.accept(now));
                            } catch (IOException | RuntimeException e) {
                                Problem problem = Replies.toProblem(e);
                                loop.runOnContext(done -> refused.accept(problem));
                            }
                        });
    }

    private Optional<Topic> ifKnown() {
        return node.authenticator()
                .ifKnown(credentials)
                .filter(principal -> principal.may(operation, topic.name()))
                .flatMap(principal -> node.topics().ifCached(topic.tenant(), topic.name()))
                .filter(this::same);
    }

    private boolean same(Topic now) {
        return now.id().equals(topic.id());
    }
}
