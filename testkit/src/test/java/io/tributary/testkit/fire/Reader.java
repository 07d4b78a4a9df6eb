package io.tributary.testkit.fire;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.fire.History.Found;
import io.tributary.testkit.fire.History.Partition;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads a partition onwards, and makes sure that nothing ever goes back: neither the log's start
 * nor its high watermark, and no record is left out. Used by one thread.
 */
final class Reader {
    private static final Duration BEFORE_RETRY = Duration.ofMillis(50);

    /** A clear refusal: the service or its object store cannot answer now. */
    private static final Set<Integer> NOT_NOW = Set.of(429, 503);

    private final Target target;
    private final Topic topic;
    private final Partition partition;
    private long next;
    private long logStart;
    private long highWatermark;
    private long refusals;

    Reader(Target target, Topic topic, Partition partition) {
        this.target = target;
        this.topic = topic;
        this.partition = partition;
    }

    /** The offset it goes on from. */
    long next() {
        return next;
    }

    boolean atEnd() {
        return next >= highWatermark;
    }

    /** How often it was told that there is no answer now. */
    long refusals() {
        return refusals;
    }

    /** Goes to the log's start. */
    void toBegin() throws IOException {
        Answer offsets = get("/offset");
        while (offsets.status() != 200) {
            notNow(offsets);
            offsets = get("/offset");
        }
        observe(
                offsets.json().get("earliest_offset").asLong(),
                offsets.json().get("latest_offset").asLong());
        next = logStart;
    }

    /** Reads some records, waiting a little for them; none when there are none or no answer. */
    List<Found> read(Duration patience) throws IOException {
        Answer answer =
                get(
                        "/records?value_format=json&offset="
                                + next
                                + "&wait_ms="
                                + patience.toMillis());
        if (answer.status() == 416 && topic.expires()) {
            long before = next;
            toBegin();
            if (next <= before) {
                throw breach("refuses offset " + before + " though it begins at " + next);
            }
            return List.of();
        }
        if (answer.status() != 200) {
            notNow(answer);
            return List.of();
        }
        JsonNode json = answer.json();
        observe(json.get("log_start_offset").asLong(), json.get("high_watermark").asLong());
        List<Found> found = new ArrayList<>();
        for (JsonNode record : json.get("records")) {
            if (record.get("offset").asLong() != next) {
                throw breach("answers with " + record.get("offset") + " instead of " + next);
            }
            found.add(new Found(next, Payload.id(record.at("/value/data").asText())));
            next++;
        }
        if (json.get("next_offset").asLong() != next) {
            throw breach("goes on at " + json.get("next_offset") + " instead of " + next);
        }
        return found;
    }

    private Answer get(String what) throws IOException {
        return target.tenant()
                .api()
                .get(
                        target.tenant().topic(topic.name())
                                + "/partitions/"
                                + partition.index()
                                + what);
    }

    private void notNow(Answer answer) {
        if (!NOT_NOW.contains(answer.status()) || answer.json().path("message").isMissingNode()) {
            throw breach("answers " + answer.status() + " " + answer.body());
        }
        refusals++;
        LockSupport.parkNanos(BEFORE_RETRY.toNanos());
    }

    private void observe(long start, long end) {
        if (start < logStart || end < highWatermark) {
            throw breach(
                    "goes back: from "
                            + logStart
                            + " and "
                            + highWatermark
                            + " to "
                            + start
                            + " and "
                            + end);
        }
        logStart = start;
        highWatermark = end;
    }

    private AssertionError breach(String what) {
        return new AssertionError(partition + " " + what);
    }
}
