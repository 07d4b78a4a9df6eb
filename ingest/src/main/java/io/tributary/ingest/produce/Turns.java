package io.tributary.ingest.produce;

import io.tributary.ingest.door.Replies;
import io.tributary.ingest.json.Parsed;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The records of a whole body, in as many turns as they need. Used on one event loop. */
final class Turns {
    private final List<Turn> turns = new ArrayList<>();

    /** Adds records in their order, which are to be sent together. */
    void add(Target target, Iterable<? extends Parsed> records) {
        Numbering numbering = new Numbering();
        Turn turn = new Turn(target, numbering);
        for (Parsed record : records) {
            turn.add(record);
            if (turn.full()) {
                turns.add(turn);
                turn = new Turn(target, numbering);
            }
        }
        if (!turn.isEmpty()) {
            turns.add(turn);
        }
    }

    /** Sends them; says on the loop whenever some have been settled. */
    void send(Context loop, long fingerprint, Runnable settled) {
        for (Turn one : turns) {
            one.send(
                    fingerprint,
                    settle ->
                            loop.runOnContext(
                                    now -> {
                                        settle.run();
                                        settled.run();
                                    }));
        }
    }

    /** Whether it is known what became of every record. */
    boolean done() {
        return turns.stream().allMatch(Turn::done);
    }

    List<Turn> all() {
        return turns;
    }

    Stream<Turn.Slot> slots() {
        return turns.stream().flatMap(turn -> turn.slots().stream());
    }

    /** Puts into an answer's head what follows from all of them. */
    void putHeaders(HttpServerResponse response) {
        Reports.retryAfter(slots()).ifPresent(after -> Replies.retryAfter(response, after));
        if (turns.stream().allMatch(Turn::replayed)) {
            response.putHeader("Idempotent-Replayed", "true");
        }
    }
}
