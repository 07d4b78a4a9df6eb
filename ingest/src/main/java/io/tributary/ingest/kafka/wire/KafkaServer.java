package io.tributary.ingest.kafka.wire;

import io.tributary.ingest.door.IngestMetrics;
import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.door.KafkaRefusal;
import io.tributary.ingest.door.Permission;
import io.tributary.ingest.quota.Excess;
import io.tributary.metadata.access.Principal;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for Kafka clients, authenticates them and hands their requests over. Who was let in is
 * asked about again twice a second, so that a revoked key's connections end.
 */
public final class KafkaServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaServer.class);
    private static final long AUTHENTICATION_MILLIS = 10_000;

    /** How long a stop waits for answers that are under way. */
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(5);

    /** What all requests together may take that have arrived and have no answer yet. */
    private static final long MAX_FRAME_BYTES = 128 << 20;

    /** Beyond that, for requests that have to come to an end so that others find room. */
    private static final long MAX_FAVOUR_BYTES = 48 << 20;

    private final Vertx vertx;
    private final IngestNode node;
    private final Bounds bounds;
    private final Consumer<KafkaRequest> requests;
    private final Consumer<NetSocket> accepted;
    private final Sasl sasl;
    private final FrameMemory memory = new FrameMemory(MAX_FRAME_BYTES, MAX_FAVOUR_BYTES);
    private final RequestQuota quota;
    private final Set<KafkaConnection> connections = ConcurrentHashMap.newKeySet();
    private final List<String> listeners = new CopyOnWriteArrayList<>();
    private final long rechecking;

    /**
     * How many connections are taken, and how long one may be silent.
     *
     * @param idle whole seconds, at least one
     */
    public record Bounds(int connections, Duration idle) {}

    /**
     * A server that does not listen yet.
     *
     * @param requests takes each request of an authenticated client, on an event loop
     * @param accepted looks at each new connection first, on its event loop
     */
    public KafkaServer(
            Vertx vertx,
            IngestNode node,
            Bounds bounds,
            Consumer<KafkaRequest> requests,
            Consumer<NetSocket> accepted) {
        this.vertx = vertx;
        this.node = node;
        this.bounds = bounds;
        this.requests = requests;
        this.accepted = accepted;
        sasl = new Sasl(node);
        quota = new RequestQuota(node.accounts());
        rechecking = vertx.setPeriodic(Permission.RECHECK.toMillis(), tick -> recheck());
    }

    /**
     * Listens; blocks until it does.
     *
     * @param options with host and port, and TLS where it is to be
     */
    public void listen(Endpoint endpoint, NetServerOptions options) {
        options.setIdleTimeout((int) bounds.idle().toSeconds());
        listeners.add(
                vertx.deployVerticle(
                                () -> new Listener(endpoint, options),
                                new DeploymentOptions()
                                        .setInstances(Runtime.getRuntime().availableProcessors()))
                        .toCompletionStage()
                        .toCompletableFuture()
                        .join());
    }

    /**
     * Listens no more and ends every connection, once what has begun on it is answered or a few
     * seconds are over. Blocks.
     */
    @Override
    public void close() {
        vertx.cancelTimer(rechecking);
        List<KafkaConnection> last = List.copyOf(connections);
        CountDownLatch ended = new CountDownLatch(last.size());
        last.forEach(one -> one.onLoop(() -> one.finish(ended::countDown)));
        try {
            if (!ended.await(LAST_ANSWERS.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn(
                        "kafka clients are left without an answer connections={}",
                        ended.getCount());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        listeners.forEach(vertx::undeploy);
        connections.forEach(connection -> connection.onLoop(() -> connection.close("the stop")));
    }

    /** One event loop's share of the connections. */
    private final class Listener extends AbstractVerticle {
        private final Endpoint endpoint;
        private final NetServerOptions options;

        Listener(Endpoint endpoint, NetServerOptions options) {
            this.endpoint = endpoint;
            this.options = options;
        }

        @Override
        public void start(Promise<Void> listening) {
            vertx.createNetServer(options)
                    .connectHandler(this::connected)
                    .listen()
                    .<Void>mapEmpty()
                    .onComplete(listening);
        }

        private void connected(NetSocket socket) {
            accepted.accept(socket);
            KafkaConnection connection =
                    new KafkaConnection(
                            socket, vertx.getOrCreateContext(), KafkaServer.this, endpoint);
            connections.add(connection);
            if (node.stopping().begun()) {
                connection.close("the stop");
                return;
            }
            if (connections.size() > bounds.connections()) {
                connection.refuse(KafkaRefusal.CONNECTIONS, "too many connections");
                return;
            }
            if (endpoint.everybody().isPresent()) {
                connection.hold();
                Session unproven = connection.session();
                node.blocking().execute(() -> lookUp(connection, unproven));
            }
            vertx.setTimer(
                    AUTHENTICATION_MILLIS,
                    late -> {
                        if (!connection.session().authenticated()) {
                            connection.refuse(
                                    KafkaRefusal.UNAUTHENTICATED, "not authenticated in time");
                        }
                    });
        }
    }

    IngestMetrics metrics() {
        return node.metrics();
    }

    FrameMemory memory() {
        return memory;
    }

    RequestQuota quota() {
        return quota;
    }

    IngestNode node() {
        return node;
    }

    Sasl sasl() {
        return sasl;
    }

    void gone(KafkaConnection connection) {
        connections.remove(connection);
    }

    /** How many clients are connected. */
    public int connected() {
        return connections.size();
    }

    void dispatch(KafkaConnection connection, KafkaRequest request) {
        switch (request.api()) {
            case API_VERSIONS -> request.answer(Apis.versions((ApiVersionsRequest) request.body()));
            case SASL_HANDSHAKE -> sasl.handshake(connection, request);
            case SASL_AUTHENTICATE -> sasl.authenticate(connection, request);
            default -> {
                if (connection.session().authenticated()) {
                    requests.accept(request);
                } else {
                    request.close(request.api() + " before authentication");
                }
            }
        }
    }

    private void recheck() {
        for (KafkaConnection connection : connections) {
            Session session = connection.session();
            if (!session.authenticated()) {
                continue;
            }
            if (!node.clock().instant().isBefore(session.expiresAt())) {
                connection.onLoop(
                        () -> connection.refuse(KafkaRefusal.REVOKED, "the session has expired"));
                continue;
            }
            Optional<Principal> known =
                    session.credentials().flatMap(node.authenticator()::ifKnown);
            if (known.isPresent()) {
                refresh(connection, session, known);
            } else {
                node.blocking().execute(() -> lookUp(connection, session));
            }
        }
    }

    private void lookUp(KafkaConnection connection, Session before) {
        try {
            Optional<String> credentials = before.credentials();
            refresh(
                    connection,
                    before,
                    credentials.isPresent()
                            ? Optional.of(node.authenticator().authenticate(credentials.get()))
                            : before.endpoint().everybody().orElseThrow().who());
        } catch (IOException | RuntimeException e) {
            LOG.debug("a connection's client cannot be looked up", e);
            refresh(connection, before, Optional.empty());
        }
    }

    /** Takes the grants of now, unless the connection has authenticated again meanwhile. */
    private static void refresh(
            KafkaConnection connection, Session before, Optional<Principal> now) {
        if (before.principal().equals(now) && now.isPresent()) {
            return;
        }
        connection.onLoop(
                () -> {
                    if (!connection.session().equals(before)) {
                        return;
                    }
                    if (now.isEmpty()) {
                        connection.refuse(KafkaRefusal.REVOKED, "no longer authenticated");
                        return;
                    }
                    if (!before.authenticated()) {
                        Optional<Excess> excess = connection.connect(now.get());
                        if (excess.isPresent()) {
                            connection.close(excess.get().message());
                            return;
                        }
                    }
                    connection.prove(before.refreshed(now.get()));
                    if (!before.authenticated()) {
                        connection.release();
                    }
                });
    }
}
