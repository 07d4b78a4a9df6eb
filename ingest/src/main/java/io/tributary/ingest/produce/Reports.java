package io.tributary.ingest.produce;

import io.tributary.ingest.json.Format;
import io.tributary.ingest.json.IncomingRecord;
import io.tributary.ingest.json.JsonOutput;
import io.tributary.ingest.json.TimestampText;
import io.tributary.kernel.fault.Problem;
import io.tributary.metadata.topic.Topic;
import io.tributary.storage.AppendOutcome.PartRun;
import io.tributary.storage.NewRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Writes delivery reports, as REST v3 has them. Used on one event loop. */
final class Reports {
    private final byte[] place;
    private final TimestampText timestamps = new TimestampText();

    Reports(Topic topic) {
        place =
                ("\"cluster_id\":\""
                                + topic.tenant().clusterId()
                                + "\",\"topic_name\":\""
                                + topic.name()
                                + "\",\"partition_id\":")
                        .getBytes(StandardCharsets.US_ASCII);
    }

    /** The problem of a slot whose turn is done; empty when its record is durable. */
    static Optional<Problem> problem(Turn.Slot slot) {
        return switch (slot) {
            case Turn.Slot.Refused refused -> Optional.of(refused.problem());
            case Turn.Slot.Placed placed ->
                    placed.stored().isPresent() ? Optional.empty() : placed.problem();
        };
    }

    /** The longest wait that is asked for, where a retry may help every one of these slots. */
    static Optional<Duration> retryAfter(Stream<Turn.Slot> slots) {
        List<Optional<Duration>> waits =
                slots.map(slot -> problem(slot).flatMap(Problem::retryAfter)).toList();
        return waits.stream().allMatch(Optional::isPresent)
                ? waits.stream().map(Optional::get).max(Comparator.naturalOrder())
                : Optional.empty();
    }

    /** A report by itself. */
    void write(JsonOutput out, Turn turn, Turn.Slot slot) {
        Optional<Problem> problem = problem(slot);
        if (problem.isPresent()) {
            failure(out.ascii("{"), problem.get());
        } else {
            success(out.ascii("{\"error_code\":200,"), turn, (Turn.Slot.Placed) slot);
        }
        out.ascii("}");
    }

    /** The fields of a failure. */
    static void failure(JsonOutput out, Problem problem) {
        out.ascii("\"error_code\":").number(problem.errorCode());
        out.ascii(",\"message\":").quoted(problem.message());
    }

    /** The fields of a success. */
    void success(JsonOutput out, Turn turn, Turn.Slot.Placed slot) {
        NewRecord record = slot.record().record();
        PartRun stored = slot.stored().orElseThrow();
        boolean own =
                record.timestampMillis() != NewRecord.NO_TIMESTAMP
                        && !turn.target().settings().timestamps().logAppendTime();
        out.raw(place).number(slot.lane().partition());
        out.ascii(",\"offset\":").number(stored.offsetOf(slot.n()));
        out.ascii(",\"timestamp\":\"")
                .ascii(timestamps.of(own ? record.timestampMillis() : stored.appendedAtMillis()))
                .ascii("\"");
        IncomingRecord incoming = slot.record();
        datum(out, ",\"key\":", incoming.keyFormat(), record.key());
        datum(out, ",\"value\":", incoming.valueFormat(), record.value());
    }

    private static void datum(JsonOutput out, String name, Optional<Format> format, byte[] bytes) {
        if (format.isPresent()) {
            out.ascii(name).ascii("{\"type\":\"").ascii(format.get().name());
            out.ascii("\",\"size\":").number(bytes == null ? 0 : bytes.length).ascii("}");
        }
    }
}
