package io.tributary.storage.batch;

import io.tributary.storage.BatchOutcome.Flaw;
import io.tributary.storage.BatchOutcome.Invalid;

/** A batch is not to be appended. */
final class FlawException extends Exception {
    private static final long serialVersionUID = 1;

    private final Flaw flaw;

    FlawException(Flaw flaw, String what) {
        super(what, null, false, false);
        this.flaw = flaw;
    }

    Invalid outcome() {
        return new Invalid(flaw, getMessage());
    }
}
