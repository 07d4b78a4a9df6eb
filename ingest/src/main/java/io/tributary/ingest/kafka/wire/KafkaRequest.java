package io.tributary.ingest.kafka.wire;

import io.tributary.ingest.kafka.wire.KafkaConnection.Slot;
import io.tributary.ingest.kafka.wire.RequestQuota.Wait;
import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * A request under way. It ends with one call of {@link #answer}, {@link #fail} or {@link #close},
 * on any thread. Until then the connection's next request waits.
 */
public final class KafkaRequest {
    private final KafkaConnection connection;
    private final Slot slot;
    private final RequestHeader header;
    private final AbstractRequest body;
    private final AtomicBoolean ended = new AtomicBoolean();

    KafkaRequest(
            KafkaConnection connection, Slot slot, RequestHeader header, AbstractRequest body) {
        this.connection = connection;
        this.slot = slot;
        this.header = header;
        this.body = body;
    }

    public ApiKeys api() {
        return header.apiKey();
    }

    public short version() {
        return header.apiVersion();
    }

    public AbstractRequest body() {
        return body;
    }

    /** Who sent it, over what. */
    public Session session() {
        return connection.session();
    }

    /** What the client calls itself; may be empty. */
    public String clientId() {
        return header.clientId();
    }

    /** Where the client connects from. */
    public InetAddress address() {
        return InetAddress.ofLiteral(connection.address());
    }

    /** Whether nobody waits for the answer any more. */
    public boolean gone() {
        return connection.closed();
    }

    /** So many bytes of records its answer should have at most, by the caller's quotas. */
    public int mostFetchBytes() {
        return connection.quota().mostFetchBytes(session());
    }

    public void answer(AbstractResponse response) {
        if (ended.compareAndSet(false, true)) {
            connection.count(response);
            try {
                Optional<Wait> wait = connection.quota().answers(session(), api(), response);
                var bytes = Response.encode(response, header);
                connection.onLoop(() -> connection.answered(slot, Optional.of(bytes), wait));
            } catch (RuntimeException e) {
                connection.onLoop(() -> connection.close("an answer cannot be written: " + e));
            }
        }
    }

    /** Ends a request that wants no answer. */
    public void answerNothing() {
        if (ended.compareAndSet(false, true)) {
            Optional<Wait> wait = connection.quota().ends(session(), api());
            connection.onLoop(() -> connection.answered(slot, Optional.empty(), wait));
        }
    }

    /** Lets the next request begin; the answer comes later, and before the next one's. */
    public void handedOver() {
        connection.onLoop(() -> connection.handedOver(slot));
    }

    /** Answers with the error that stands for this problem. */
    public void fail(Throwable problem) {
        answer(body.getErrorResponse(0, problem));
    }

    /** Ends the connection: the peer cannot be served. */
    public void close(String why) {
        if (ended.compareAndSet(false, true)) {
            connection.onLoop(() -> connection.close(why));
        }
    }
}
