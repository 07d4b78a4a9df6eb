package io.tributary.ingest.produce;

import io.tributary.ingest.door.Bodies;
import io.tributary.ingest.door.Permission;
import io.tributary.ingest.door.Replies;
import io.tributary.ingest.door.Stopping;
import io.tributary.ingest.json.JsonOutput;
import io.tributary.ingest.json.Parsed;
import io.tributary.ingest.json.RecordSource;
import io.tributary.ingest.quota.Claim;
import io.tributary.ingest.quota.Excess;
import io.tributary.ingest.quota.Place;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.topic.Topic;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * A request that brings records one after the other and gets their reports in the same order. A
 * small body of known length is taken as a whole, so that a single record can be answered with its
 * own status; anything else is a stream, which asks for every turn, and now and then without one,
 * whether it may still go on. Lives on one event loop.
 */
final class StreamExchange {
    /** Bodies up to this, of known length, are taken as a whole. */
    private static final int WHOLE_BODY_BYTES = 1 << 20;

    private static final long MAX_IN_FLIGHT_BYTES = 8 << 20;
    private static final int MAX_IN_FLIGHT_TURNS = 64;
    private static final int FLUSH_BYTES = 32 << 10;

    /** A stream that would have to wait longer until its bytes are paid for is ended. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private static final Duration RETRY_AFTER_STOP = Duration.ofSeconds(1);

    private final RoutingContext context;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Context loop;
    private final Permission permission;
    private final RecordSource source;
    private final Reports reports;
    private final JsonOutput out = new JsonOutput(1 << 10);
    private final Deque<Turn> inFlight = new ArrayDeque<>();
    private final Numbering numbering = new Numbering();
    private final Optional<Buffer> whole;
    private long inFlightBytes;
    private long fingerprint;
    private Target target;
    private Turn turn;
    private boolean ended;
    private boolean broken;
    private boolean checking;
    private boolean paused;
    private boolean unpaid;
    private int reported;

    StreamExchange(
            RoutingContext context, Permission permission, Target target, RecordSource source) {
        this.context = context;
        this.permission = permission;
        this.target = target;
        this.source = source;
        request = context.request();
        response = context.response();
        loop = context.vertx().getOrCreateContext();
        reports = new Reports(target.topic());
        turn = new Turn(target, numbering);
        whole =
                request.getHeader("Content-Length") != null
                                && Bodies.declaredLength(request) <= WHOLE_BODY_BYTES
                        ? Optional.of(Buffer.buffer())
                        : Optional.empty();
    }

    void start() {
        request.exceptionHandler(gone -> broken = true);
        response.closeHandler(gone -> broken = true);
        if (whole.isEmpty()) {
            Claim.Connection wish = permission.claim().connect();
            if (wish instanceof Claim.Connection.Refused refused) {
                Replies.excess(context, refused.excess());
                return;
            }
            Place place = ((Claim.Connection.Taken) wish).place();
            Stopping.Word stop =
                    target.node().stopping().then(() -> loop.runOnContext(now -> stop()));
            response.endHandler(done -> leave(stop, place));
            response.closeHandler(gone -> lost(stop, place));
            if (response.closed()) {
                lost(stop, place);
            }
            context.vertx().setPeriodic(Permission.RECHECK.toMillis(), this::tick);
        }
        response.drainHandler(drained -> flow());
        request.handler(this::arrived);
        request.endHandler(end -> ended());
        request.resume();
    }

    private void lost(Stopping.Word stop, Place place) {
        broken = true;
        leave(stop, place);
    }

    private static void leave(Stopping.Word stop, Place place) {
        stop.close();
        place.close();
    }

    /** The service stops: what came is kept and reported, and the last report says so. */
    private void stop() {
        if (!ended && !broken) {
            refuse(
                    Problem.retryLater(
                            503,
                            "The service stops; what follows the last report was not kept.",
                            RETRY_AFTER_STOP));
        }
    }

    /** Ends a stream that brings nothing, too, when it may not go on. */
    private void tick(long timer) {
        if (ended || broken) {
            context.vertx().cancelTimer(timer);
        } else if (!checking) {
            checked(this::flow);
        }
    }

    /** Does what comes next if the request may still go on, with the topic as it is now. */
    private void checked(Runnable next) {
        checking = true;
        permission.check(
                loop,
                topic -> {
                    checking = false;
                    if (!ended && !broken) {
                        retarget(topic);
                        next.run();
                    }
                },
                problem -> {
                    checking = false;
                    if (!ended && !broken) {
                        refuse(problem);
                    }
                });
        if (checking) {
            flow();
        }
    }

    private void retarget(Topic topic) {
        Target now = target.at(topic);
        if (!now.equals(target)) {
            target = now;
            turn = new Turn(target, numbering);
            source.limit(target.readableBytes());
        }
    }

    /** What came before is kept and reported; nothing that follows is taken. */
    private void refuse(Problem problem) {
        turn.refuse(problem);
        ended = true;
        send();
        report();
    }

    private void arrived(Buffer chunk) {
        if (ended || broken) {
            return;
        }
        permission.claim().take(Quota.PRODUCE_BYTES_PER_SECOND, chunk.length());
        if (whole.isPresent()) {
            whole.get().appendBuffer(chunk);
            return;
        }
        checked(
                () -> {
                    take(chunk.getBytes());
                    send();
                    pace();
                    flow();
                });
    }

    /** Takes no more until what came is paid for, or ends the stream where that takes too long. */
    private void pace() {
        Claim claim = permission.claim();
        Optional<Excess> excess = claim.excess(Quota.PRODUCE_BYTES_PER_SECOND);
        unpaid = excess.isPresent();
        if (ended || broken || !unpaid) {
            return;
        }
        Duration debt = excess.get().clearsIn();
        if (debt.compareTo(LONGEST_WAIT) > 0) {
            var _ = claim.refused(Quota.PRODUCE_BYTES_PER_SECOND);
            refuse(excess.get().problem());
            return;
        }
        Duration wait = debt.compareTo(Permission.RECHECK) > 0 ? Permission.RECHECK : debt;
        claim.throttled(Quota.PRODUCE_BYTES_PER_SECOND, wait);
        context.vertx()
                .setTimer(
                        Math.max(1, wait.plusNanos(999_999).toMillis()),
                        now -> {
                            pace();
                            flow();
                        });
    }

    private void ended() {
        if (ended || broken) {
            return;
        }
        if (whole.isEmpty() || permission.stale()) {
            checked(this::complete);
        } else {
            complete();
        }
    }

    private void complete() {
        if (whole.isPresent()) {
            byte[] body = whole.get().getBytes();
            if (target.retry().isPresent()) {
                fingerprint = RetryKey.fingerprint(body);
            }
            take(body);
        }
        if (!ended) {
            try {
                source.end().ifPresent(this::add);
            } catch (ProblemException e) {
                turn.refuse(e.problem());
            }
            ended = true;
        }
        send();
        report();
    }

    private void take(byte[] bytes) {
        try {
            source.feed(bytes);
            for (Optional<Parsed> next = source.next(); next.isPresent(); next = source.next()) {
                add(next.get());
            }
        } catch (ProblemException e) {
            refuse(e.problem());
        }
    }

    private void add(Parsed parsed) {
        turn.add(parsed);
        if (turn.full()) {
            send();
        }
    }

    private void send() {
        if (turn.isEmpty()) {
            return;
        }
        Turn sent = turn;
        turn = new Turn(target, numbering);
        inFlight.add(sent);
        inFlightBytes += sent.bytes();
        sent.send(
                fingerprint,
                settle ->
                        loop.runOnContext(
                                now -> {
                                    settle.run();
                                    report();
                                }));
        if (sent.done()) {
            report();
        }
    }

    /** Writes what can be reported, in order; ends the answer when everything is. */
    private void report() {
        if (broken || response.ended()) {
            return;
        }
        boolean single = single();
        while (!inFlight.isEmpty() && inFlight.peek().done()) {
            Turn done = inFlight.remove();
            inFlightBytes -= done.bytes();
            if (single) {
                answer(done);
                return;
            }
            begin(done);
            for (Turn.Slot slot : done.slots()) {
                reports.write(out, done, slot);
                out.ascii("\r\n");
                reported++;
                if (out.size() >= FLUSH_BYTES && !allIn()) {
                    response.write(out.take());
                }
            }
        }
        if (allIn()) {
            finish();
        } else if (out.size() > 0) {
            response.write(out.take());
            flow();
        }
    }

    private boolean allIn() {
        return ended && inFlight.isEmpty() && turn.isEmpty();
    }

    /** Whether the answer is about exactly one record, whose status it can have. */
    private boolean single() {
        return ended
                && whole.isPresent()
                && reported == 0
                && inFlight.size() == 1
                && inFlight.peek().slots().size() == 1
                && turn.isEmpty();
    }

    private void answer(Turn done) {
        Turn.Slot slot = done.slots().getFirst();
        Optional<Problem> problem = Reports.problem(slot);
        if (problem.isPresent()) {
            Replies.problem(context, problem.get());
            return;
        }
        begin(done);
        reports.write(out, done, slot);
        response.end(out.take());
    }

    private void begin(Turn first) {
        if (response.headWritten() || reported > 0) {
            return;
        }
        response.putHeader("Content-Type", "application/json");
        if (first.replayed()) {
            response.putHeader("Idempotent-Replayed", "true");
        }
        if (whole.isEmpty()) {
            response.setChunked(true);
        } else {
            Reports.retryAfter(first.slots().stream())
                    .ifPresent(after -> Replies.retryAfter(response, after));
        }
    }

    private void finish() {
        if (reported == 0) {
            Replies.problem(context, Problem.of(422, "The body holds no record."));
            return;
        }
        // After a fault in mid-stream the rest of the body is of no use to anybody.
        Replies.end(context, out.take());
    }

    /** Lets more in when there is room and leave, and nothing when there is not. */
    private void flow() {
        if (response.ended()) {
            return;
        }
        boolean full =
                checking
                        || unpaid
                        || inFlightBytes >= MAX_IN_FLIGHT_BYTES
                        || inFlight.size() >= MAX_IN_FLIGHT_TURNS
                        || response.writeQueueFull();
        if (full && !paused) {
            paused = true;
            request.pause();
        } else if (!full && paused) {
            paused = false;
            request.resume();
        }
    }
}
