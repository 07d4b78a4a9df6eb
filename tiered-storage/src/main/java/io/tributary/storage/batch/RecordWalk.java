package io.tributary.storage.batch;

import io.tributary.storage.BatchOutcome.Flaw;
import io.tributary.storage.BatchOutcome.FlawedRecord;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.PartitionSettings.Timestamps;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a batch's records from first to last, to see that they are what its header says, and that
 * the topic takes each of them.
 */
final class RecordWalk {
    private static final long NO_TIMESTAMP = -1;

    private final RecordBytes bytes;
    private final long baseTimestamp;
    private final Timestamps bounds;
    private final boolean keyed;
    private final long nowMillis;
    private final int maxNamed;
    private final List<FlawedRecord> named = new ArrayList<>();
    private int flawed;
    private boolean timestampFlawed;
    private long maxTimestamp = NO_TIMESTAMP;

    /**
     * Begins.
     *
     * @param maxNamed how many records that the topic does not take may be named
     */
    RecordWalk(
            RecordBytes bytes,
            long baseTimestamp,
            PartitionSettings settings,
            long nowMillis,
            int maxNamed) {
        this.bytes = bytes;
        this.maxNamed = maxNamed;
        this.baseTimestamp = baseTimestamp;
        bounds = settings.timestamps();
        keyed = settings.compaction().isPresent();
        this.nowMillis = nowMillis;
    }

    /** Passes over so many records, which must be all; returns their largest timestamp. */
    long walk(int count) throws FlawException {
        for (int i = 0; i < count; i++) {
            record(i);
        }
        if (!bytes.atEnd()) {
            throw invalid("more records than its header says");
        }
        if (flawed > 0) {
            throw new FlawException(
                    timestampFlawed ? Flaw.INVALID_TIMESTAMP : Flaw.INVALID_RECORD,
                    flawed + " of " + count + " records are not taken" + firstNamed(),
                    named);
        }
        return maxTimestamp;
    }

    private String firstNamed() {
        return named.isEmpty() ? "" : ", first " + named.getFirst().what();
    }

    private void record(int index) throws FlawException {
        int length = bytes.varint();
        long end = bytes.position() + length;
        bytes.next(); // Kafka's attributes of a record, which nobody uses.
        long timestamp = baseTimestamp + bytes.varlong();
        maxTimestamp = Math.max(maxTimestamp, timestamp);
        if (bytes.varint() != index) {
            throw invalid("record " + index + " has another offset");
        }
        boolean keyless = field(end, true) < 0;
        field(end, true);
        int headers = bytes.varint();
        if (headers < 0) {
            throw invalid("record " + index + " has " + headers + " headers");
        }
        for (int i = 0; i < headers; i++) {
            field(end, false);
            field(end, true);
        }
        if (bytes.position() != end) {
            throw invalid("record " + index + " has another length than it says");
        }
        if (keyless && keyed) {
            name(index, "without a key, which a compacted topic asks for");
        } else if (outOfBounds(timestamp)) {
            timestampFlawed = true;
            name(index, "with a timestamp beyond the topic's bounds: " + timestamp);
        }
    }

    private void name(int index, String what) {
        flawed++;
        if (named.size() < maxNamed) {
            named.add(new FlawedRecord(index, "record " + index + " " + what));
        }
    }

    /** Returns its length, -1 for null. */
    private int field(long end, boolean nullable) throws FlawException {
        int length = bytes.varint();
        if (length > end - bytes.position() || length < (nullable ? -1 : 0)) {
            throw invalid("a field is longer than its record, or shorter than nothing");
        }
        bytes.skip(length);
        return length;
    }

    private boolean outOfBounds(long timestamp) {
        return timestamp != NO_TIMESTAMP
                && !bounds.logAppendTime()
                && (timestamp < 0
                        || timestamp - nowMillis > bounds.afterMaxMillis()
                        || nowMillis - timestamp > bounds.beforeMaxMillis());
    }

    private static FlawException invalid(String what) {
        return new FlawException(Flaw.INVALID_RECORD, what);
    }
}
