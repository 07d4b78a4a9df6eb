package io.tributary.ingest.kafka.wire;

import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.door.Replies;
import io.tributary.ingest.quota.Excess;
import io.tributary.kernel.fault.Problem;
import io.tributary.metadata.access.Principal;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.apache.kafka.common.message.SaslAuthenticateResponseData;
import org.apache.kafka.common.message.SaslHandshakeResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.SaslAuthenticateRequest;
import org.apache.kafka.common.requests.SaslAuthenticateResponse;
import org.apache.kafka.common.requests.SaslHandshakeRequest;
import org.apache.kafka.common.requests.SaslHandshakeResponse;

/**
 * Authenticates connections, and again those that have to (KIP-368), with API keys (PLAIN) and our
 * own tokens (OAUTHBEARER). Called on the connection's event loop.
 */
final class Sasl {
    private static final short TOKENS_IN_REQUESTS = 1;

    /** How long a refused client waits for the end of its connection, as with Kafka. */
    private static final long REFUSAL_MILLIS = 100;

    /** How many are looked at at once from addresses that fail too often: some may be right. */
    private static final int DOUBTFUL_AT_ONCE = 4;

    private final IngestNode node;
    private final Semaphore doubtful = new Semaphore(DOUBTFUL_AT_ONCE);

    Sasl(IngestNode node) {
        this.node = node;
    }

    /** Whether the connection's next frame is a token without a request around it. */
    static boolean takesRaw(Session session) {
        return session.rawTokens() && session.mechanism().isPresent();
    }

    void handshake(KafkaConnection connection, KafkaRequest request) {
        SaslHandshakeRequest body = (SaslHandshakeRequest) request.body();
        String mechanism = body.data().mechanism();
        SaslHandshakeResponseData data =
                new SaslHandshakeResponseData().setMechanisms(SaslCredentials.MECHANISMS);
        if (connection.session().endpoint().everybody().isPresent()) {
            data.setErrorCode(Errors.ILLEGAL_SASL_STATE.code());
        } else if (!SaslCredentials.MECHANISMS.contains(mechanism)) {
            data.setErrorCode(Errors.UNSUPPORTED_SASL_MECHANISM.code());
        } else {
            connection.prove(
                    connection.session().agreed(mechanism, body.version() < TOKENS_IN_REQUESTS));
        }
        request.answer(new SaslHandshakeResponse(data));
    }

    void authenticate(KafkaConnection connection, KafkaRequest request) {
        byte[] token = ((SaslAuthenticateRequest) request.body()).data().authBytes();
        Optional<String> mechanism = connection.session().mechanism();
        if (mechanism.isEmpty()) {
            request.close("SaslAuthenticate before SaslHandshake");
            return;
        }
        prove(
                connection,
                SaslCredentials.of(mechanism.get(), token),
                until ->
                        request.answer(
                                new SaslAuthenticateResponse(
                                        new SaslAuthenticateResponseData()
                                                .setSessionLifetimeMs(lifetime(until)))),
                why -> {
                    request.answer(refusal(Errors.SASL_AUTHENTICATION_FAILED, why));
                    connection.closeLater(REFUSAL_MILLIS, "authentication failed");
                });
    }

    /** A token in the way of clients before Kafka 1.0. */
    void raw(KafkaConnection connection, KafkaConnection.Slot slot, ByteBuffer frame) {
        byte[] token = new byte[frame.remaining()];
        frame.get(token);
        prove(
                connection,
                SaslCredentials.of(connection.session().mechanism().orElseThrow(), token),
                until ->
                        connection.answered(
                                slot,
                                Optional.of(Buffer.buffer(new byte[Integer.BYTES])),
                                Optional.empty()),
                why -> connection.closeLater(REFUSAL_MILLIS, "authentication failed"));
    }

    private void prove(
            KafkaConnection connection,
            Optional<String> credentials,
            Consumer<Instant> proven,
            Consumer<String> refused) {
        if (credentials.isEmpty()) {
            refused.accept("The credentials are malformed.");
            return;
        }
        String header = credentials.get();
        Optional<Principal> known = node.authenticator().ifKnown(header);
        if (known.isPresent()) {
            take(connection, header, known.get(), proven, refused);
            return;
        }
        boolean blocked = node.limiter().blockedFor(connection.address()).isPresent();
        if (blocked && !doubtful.tryAcquire()) {
            refused.accept("Too many failed authentications from this address, try again later.");
            return;
        }
        node.blocking()
                .execute(
                        () -> {
                            try {
                                Principal who = node.authenticator().authenticate(header);
                                connection.onLoop(
                                        () -> take(connection, header, who, proven, refused));
                            } catch (RuntimeException e) {
                                refuse(connection, Replies.toProblem(e), refused);
                            } finally {
                                if (blocked) {
                                    doubtful.release();
                                }
                            }
                        });
    }

    /** What cannot be found out now ends the connection, so that its client tries again. */
    private void refuse(KafkaConnection connection, Problem problem, Consumer<String> refused) {
        if (problem.status() == 401) {
            node.limiter().failed(connection.address());
        }
        connection.onLoop(
                () -> {
                    if (problem.status() >= 500) {
                        connection.close("credentials cannot be checked now");
                    } else {
                        refused.accept(problem.message());
                    }
                });
    }

    /** A connection stays whose it was. */
    private void take(
            KafkaConnection connection,
            String credentials,
            Principal who,
            Consumer<Instant> proven,
            Consumer<String> refused) {
        Optional<Principal> before = connection.session().principal();
        if (who.tenant().isEmpty()) {
            refused.accept("The operator's key opens no tenant's cluster.");
        } else if (before.isPresent() && !before.get().tenant().equals(who.tenant())) {
            refused.accept("The connection belongs to another tenant.");
        } else {
            Optional<Excess> excess = connection.connect(who);
            if (excess.isPresent()) {
                refused.accept(excess.get().message());
                return;
            }
            Instant until = node.authenticator().goodUntil(credentials);
            connection.prove(connection.session().proven(credentials, who, until));
            proven.accept(until);
        }
    }

    private long lifetime(Instant until) {
        return until.equals(Instant.MAX)
                ? 0
                : Math.max(1, until.toEpochMilli() - node.clock().millis());
    }

    private static SaslAuthenticateResponse refusal(Errors error, String why) {
        return new SaslAuthenticateResponse(
                new SaslAuthenticateResponseData().setErrorCode(error.code()).setErrorMessage(why));
    }
}
