package io.tributary.storage.log;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import java.util.Comparator;

/** An entry of a shard's log: the ledger, whose ids rise along the log, and the entry in it. */
public record LogPosition(long ledgerId, long entry) implements Comparable<LogPosition> {
    public static final int BYTES = 16;

    private static final Comparator<LogPosition> ORDER =
            Comparator.comparingLong(LogPosition::ledgerId).thenComparingLong(LogPosition::entry);

    @Override
    public int compareTo(LogPosition other) {
        return ORDER.compare(this, other);
    }

    public LogPosition next() {
        return new LogPosition(ledgerId, entry + 1);
    }

    public void write(BinaryWriter out) {
        out.i64(ledgerId).i64(entry);
    }

    public static LogPosition read(BinaryReader in) {
        return new LogPosition(in.i64(), in.i64());
    }

    @Override
    public String toString() {
        return ledgerId + ":" + entry;
    }
}
