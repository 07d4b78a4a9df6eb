package io.tributary.storage.batch;

import io.tributary.storage.BatchOutcome.Flaw;
import io.tributary.storage.BatchOutcome.FlawedRecord;
import io.tributary.storage.BatchOutcome.Invalid;
import java.util.List;

/** A batch is not to be appended. */
final class FlawException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Invalid outcome;

    FlawException(Flaw flaw, String what) {
        this(flaw, what, List.of());
    }

    /** Due to some of its records. */
    FlawException(Flaw flaw, String what, List<FlawedRecord> records) {
        super(what, null, false, false);
        outcome = new Invalid(flaw, what, records);
    }

    Invalid outcome() {
        return outcome;
    }
}
