package io.tributary.storage.batch;

import io.tributary.storage.BatchOutcome.Flaw;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.PartitionSettings.Timestamps;

/** Reads a batch's records from first to last, to see that they are what its header says. */
final class RecordWalk {
    private static final long NO_TIMESTAMP = -1;

    private final RecordBytes bytes;
    private final long baseTimestamp;
    private final Timestamps bounds;
    private final boolean keyed;
    private final long nowMillis;
    private long maxTimestamp = NO_TIMESTAMP;

    /** Begins; without a key a record of a topic that is compacted is refused. */
    RecordWalk(RecordBytes bytes, long baseTimestamp, PartitionSettings settings, long nowMillis) {
        this.bytes = bytes;
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
        return maxTimestamp;
    }

    private void record(int index) throws FlawException {
        int length = bytes.varint();
        long end = bytes.position() + length;
        bytes.next(); // Kafka's attributes of a record, which nobody uses.
        timestamp(index, baseTimestamp + bytes.varlong());
        if (bytes.varint() != index) {
            throw invalid("record " + index + " has another offset");
        }
        if (field(end, true) < 0 && keyed) {
            throw invalid("record " + index + " has no key, which a compacted topic asks for");
        }
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

    private void timestamp(int index, long timestamp) throws FlawException {
        maxTimestamp = Math.max(maxTimestamp, timestamp);
        if (timestamp == NO_TIMESTAMP || bounds.logAppendTime()) {
            return;
        }
        if (timestamp < 0
                || timestamp - nowMillis > bounds.afterMaxMillis()
                || nowMillis - timestamp > bounds.beforeMaxMillis()) {
            throw new FlawException(
                    Flaw.INVALID_TIMESTAMP,
                    "record " + index + " has a timestamp beyond the topic's bounds: " + timestamp);
        }
    }

    private static FlawException invalid(String what) {
        return new FlawException(Flaw.INVALID_RECORD, what);
    }
}
