package io.tributary.ingest.kafka.wire;

import io.tributary.ingest.door.KafkaRefusal;
import io.tributary.ingest.kafka.wire.FrameCutter.BadFrameException;
import io.tributary.ingest.kafka.wire.RequestQuota.Wait;
import io.tributary.ingest.quota.Claim;
import io.tributary.ingest.quota.Excess;
import io.tributary.ingest.quota.Place;
import io.tributary.metadata.access.Principal;
import io.tributary.storage.Shard;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: frames become requests, answers go out in order. The next request begins
 * when the one before it has its answer, or has got its place in the order of things and hands
 * over. Meanwhile, while the client does not read its answers, and until what it did is paid for,
 * nothing more than what has arrived is read. Lives on its event loop.
 */
final class KafkaConnection {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaConnection.class);

    /** Kafka's bound before authentication. */
    private static final int MAX_UNPROVEN_BYTES = 512 << 10;

    private static final int MAX_UNPROVEN_FIELDS = 1_000;
    private static final int MAX_BYTES = 4 << 20;

    /** A shard's largest request, and the names around it. */
    private static final int MAX_PRODUCE_BYTES = Shard.MAX_REQUEST_BYTES + (64 << 10);

    /** More than any client sends ahead of answers. */
    private static final int MAX_UNANSWERED = 16;

    /** As many as a fetch of every partition a tenant may have takes. */
    private static final int MAX_FIELDS = 250_000;

    private static final int WRITE_QUEUE_BYTES = 1 << 20;

    private final NetSocket socket;
    private final Context loop;
    private final KafkaServer server;
    private final FrameCutter cutter = new FrameCutter();
    private final Queue<ByteBuffer> frames = new ArrayDeque<>();
    private final ArrayDeque<Slot> unanswered = new ArrayDeque<>();
    private final FrameMemory.Share memory;
    private final Room room;

    /** Of frames whose requests have not ended. */
    private long waitingBytes;

    private volatile Session session;
    private volatile boolean closed;
    private boolean busy;
    private boolean pumping;
    private boolean closing;
    private Optional<Runnable> finished = Optional.empty();

    /** Whether it waits until what it brought is paid for. */
    private boolean muted;

    private Optional<Place> place = Optional.empty();

    /** A request's place in the order of answers. */
    static final class Slot {
        private final int bytes;
        private boolean ended;
        private Optional<Buffer> answer = Optional.empty();

        private Slot(int bytes) {
            this.bytes = bytes;
        }
    }

    KafkaConnection(NetSocket socket, Context loop, KafkaServer server, Endpoint endpoint) {
        this.socket = socket;
        this.loop = loop;
        this.server = server;
        memory = server.memory().share();
        room = new Room(memory, loop, this::lookForRoom, this::hurry);
        session = Session.begin(endpoint);
        socket.setWriteQueueMaxSize(WRITE_QUEUE_BYTES);
        socket.handler(this::received);
        socket.drainHandler(drained -> pump());
        socket.exceptionHandler(problem -> close("the connection broke: " + problem.getMessage()));
        socket.closeHandler(end -> ended());
    }

    Session session() {
        return session;
    }

    boolean closed() {
        return closed;
    }

    String address() {
        return socket.remoteAddress().hostAddress();
    }

    void onLoop(Runnable task) {
        loop.runOnContext(done -> task.run());
    }

    RequestQuota quota() {
        return server.quota();
    }

    /** Takes a place among the connections of who it is, or says why there is none; on the loop. */
    Optional<Excess> connect(Principal who) {
        place.ifPresent(Place::close);
        place = Optional.empty();
        if (closed) {
            return Optional.empty();
        }
        return switch (server.node().accounts().claim(who).connect()) {
            case Claim.Connection.Taken taken -> {
                place = Optional.of(taken.place());
                yield Optional.empty();
            }
            case Claim.Connection.Refused refused -> {
                LOG.info(
                        "kafka connection refused address={} tenant={} key={} reason={}",
                        address(),
                        who.tenant().orElseThrow(),
                        who.keyId(),
                        refused.excess().message());
                yield Optional.of(refused.excess());
            }
        };
    }

    /** Replaces what the connection has proven; on the loop. */
    void prove(Session proven) {
        session = proven;
        if (proven.authenticated()) {
            memory.belongTo(proven.tenant());
        }
    }

    private void received(Buffer bytes) {
        if (closed) {
            return;
        }
        int limit = session.authenticated() ? MAX_PRODUCE_BYTES : MAX_UNPROVEN_BYTES;
        try {
            cutter.take(ByteBuffer.wrap(bytes.getBytes()), limit, this::arrived);
            weigh();
            pump();
        } catch (BadFrameException e) {
            refuse(KafkaRefusal.BAD_FRAME, e.getMessage());
        }
    }

    private void arrived(ByteBuffer frame) {
        frames.add(frame);
        waitingBytes += frame.remaining();
    }

    /** Says what it holds, and reads no further while that is too much. */
    private void weigh() {
        room.hold(cutter.heldBytes() + waitingBytes);
    }

    private void lookForRoom() {
        weigh();
        pump();
    }

    /** Others wait for the memory of a request that does not come to its end. */
    private void hurry() {
        if (cutter.heldBytes() > 0) {
            refuse(KafkaRefusal.MEMORY, "a large request arrives too slowly while memory is short");
        }
    }

    /** Begins what may begin, and reads on only when nothing waits here. */
    private void pump() {
        if (pumping || closing || closed) {
            return;
        }
        pumping = true;
        try {
            while (!closed && !closing && mayBegin() && !frames.isEmpty()) {
                if (!paid(frames.element())) {
                    break;
                }
                busy = true;
                ByteBuffer frame = frames.remove();
                Slot slot = new Slot(frame.remaining());
                unanswered.add(slot);
                begin(frame, slot);
            }
        } finally {
            pumping = false;
        }
        if (!closed && !closing) {
            if (frames.isEmpty() && mayBegin() && !room.crowded()) {
                socket.resume();
            } else {
                socket.pause();
            }
        }
    }

    private boolean mayBegin() {
        return !busy && !muted && unanswered.size() < MAX_UNANSWERED && !socket.writeQueueFull();
    }

    /** Whether a request's quotas let it begin; else the connection waits. */
    private boolean paid(ByteBuffer frame) {
        if (Sasl.takesRaw(session)) {
            return true;
        }
        Optional<Wait> wait = server.quota().before(session, RequestFrame.apiKey(frame));
        wait.ifPresent(this::mute);
        return wait.isEmpty();
    }

    /** Begins and reads nothing for a while. */
    private void mute(Wait wait) {
        if (!muted && !closed) {
            muted = true;
            wait.begins();
            loop.owner()
                    .setTimer(
                            wait.millis(),
                            over -> {
                                muted = false;
                                pump();
                            });
        }
    }

    private void begin(ByteBuffer frame, Slot slot) {
        try {
            if (frame.remaining() > MAX_BYTES && RequestFrame.apiKey(frame) != ApiKeys.PRODUCE.id) {
                throw new BadFrameException("only produce takes " + frame.remaining() + " bytes");
            }
            if (Sasl.takesRaw(session)) {
                server.sasl().raw(this, slot, frame);
            } else if (unknownVersionOfApiVersions(frame)) {
                answered(
                        slot,
                        Optional.of(Apis.unsupported(RequestFrame.correlationId(frame))),
                        Optional.empty());
            } else {
                int maxFields = session.authenticated() ? MAX_FIELDS : MAX_UNPROVEN_FIELDS;
                RequestFrame request = RequestFrame.read(frame, maxFields);
                server.quota().begins(session, request.header().apiKey(), slot.bytes);
                server.dispatch(
                        this, new KafkaRequest(this, slot, request.header(), request.body()));
            }
        } catch (BadFrameException e) {
            refuse(KafkaRefusal.BAD_FRAME, e.getMessage());
        }
    }

    private static boolean unknownVersionOfApiVersions(ByteBuffer frame) {
        short key = RequestFrame.apiKey(frame);
        return key == ApiKeys.API_VERSIONS.id && !Apis.serves(key, RequestFrame.apiVersion(frame));
    }

    /** Begins nothing before {@link #release}. */
    void hold() {
        busy = true;
    }

    /** The request has its place; the next may begin before its answer is there. */
    void handedOver(Slot slot) {
        if (slot == unanswered.peekLast()) {
            release();
        }
    }

    void release() {
        busy = false;
        pump();
    }

    /** A request has ended, with an answer unless it wants none, and perhaps has to be paid for. */
    void answered(Slot slot, Optional<Buffer> answer, Optional<Wait> wait) {
        if (closed) {
            return;
        }
        boolean last = slot == unanswered.peekLast();
        slot.ended = true;
        slot.answer = answer;
        waitingBytes -= slot.bytes;
        weigh();
        wait.ifPresent(this::mute);
        while (!unanswered.isEmpty() && unanswered.peek().ended) {
            unanswered.remove().answer.ifPresent(socket::write);
        }
        endIfFinished();
        if (last) {
            release();
        } else {
            pump();
        }
    }

    /** Counts the errors of an answer; on any thread. */
    void count(AbstractResponse answer) {
        answer.errorCounts()
                .forEach(
                        (error, count) -> {
                            if (error != Errors.NONE) {
                                server.metrics().kafkaErrors(error.name(), count);
                            }
                        });
    }

    /** Ends the connection of who is not served. */
    void refuse(KafkaRefusal refusal, String why) {
        if (!closed) {
            server.metrics().kafkaRefused(refusal);
            close(why);
        }
    }

    /**
     * Begins nothing more, and ends the connection once what has begun is answered; on the loop.
     *
     * @param done is told when it has ended
     */
    void finish(Runnable done) {
        if (closed) {
            done.run();
            return;
        }
        finished = Optional.of(done);
        closing = true;
        socket.pause();
        frames.clear();
        endIfFinished();
    }

    private void endIfFinished() {
        if (finished.isPresent() && unanswered.isEmpty()) {
            // What is written goes out before the end.
            socket.end().onComplete(end -> close("the stop"));
        }
    }

    /** Ends the connection and says why. */
    void close(String why) {
        if (!closed) {
            LOG.info("kafka connection closed address={} reason={}", address(), why);
            ended();
            var _ = socket.close();
        }
    }

    /** Ends the connection a little later, so that what was answered arrives. */
    void closeLater(long millis, String why) {
        closing = true;
        socket.pause();
        loop.owner().setTimer(millis, late -> close(why));
    }

    private void ended() {
        if (closed) {
            return;
        }
        closed = true;
        frames.clear();
        unanswered.clear();
        room.end();
        place.ifPresent(Place::close);
        server.gone(this);
        finished.ifPresent(Runnable::run);
    }
}
