package io.tributary.storage.state;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.storage.log.Command.OrdinalRun;

/**
 * Consecutive ordinals of a tagged request that have consecutive offsets.
 *
 * @param appendedAtMillis when; of runs that were joined, when the first of them was
 */
public record KnownRun(OrdinalRun run, long appendedAtMillis) {
    static final int BYTES = OrdinalRun.BYTES + 8;

    static KnownRun read(BinaryReader in) {
        return new KnownRun(OrdinalRun.read(in), in.i64());
    }

    void write(BinaryWriter out) {
        run.write(out);
        out.i64(appendedAtMillis);
    }

    /** The part of it from one ordinal up to another. */
    KnownRun slice(long from, long to) {
        return new KnownRun(
                new OrdinalRun(from, run.baseOffset() + from - run.ordinal(), (int) (to - from)),
                appendedAtMillis);
    }

    boolean isContinuedBy(OrdinalRun next) {
        return run.end() == next.ordinal() && run.endOffset() == next.baseOffset();
    }
}
