package io.tributary.ingest.json;

import io.tributary.kernel.fault.Problem;

/** What became of one record of a body; the records behind it are not touched by it. */
public sealed interface Parsed {
    /** It can be appended. */
    record Good(IncomingRecord record) implements Parsed {}

    /** It is JSON, but not a record that this API takes. */
    record Bad(Problem problem) implements Parsed {}
}
