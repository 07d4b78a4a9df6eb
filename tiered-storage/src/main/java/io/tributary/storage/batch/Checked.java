package io.tributary.storage.batch;

import io.tributary.storage.BatchOutcome.Invalid;

/** What a check found. */
public sealed interface Checked permits CheckedBatch, Checked.Flawed {
    /** The batch is refused. */
    record Flawed(Invalid outcome) implements Checked {}
}
