package io.tributary.metadata.record;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A small durable tree of records with linearizable changes. Paths look like {@code /a/b}; a record
 * needs its parent. Thread-safe; blocks.
 */
public interface VersionedRecords {
    Optional<VersionedRecord> read(String path) throws IOException;

    /** The last parts of the paths right below this one, in order; none when it is missing. */
    List<String> children(String path) throws IOException;

    /**
     * Hands over the record at the path and all below it, parents first. Not the state of one
     * moment: what changes meanwhile is handed over as it was, as it is, or not at all.
     */
    void readTree(String path, Visitor visitor) throws IOException;

    /** Takes records one by one. */
    @FunctionalInterface
    interface Visitor {
        void record(String path, byte[] value) throws IOException;
    }

    /**
     * Makes all the changes or none; durable when this returns.
     *
     * @return false, and nothing changed, when a record was there that should not be, or was not,
     *     or had another version, or still has children
     */
    boolean apply(List<Change> changes) throws IOException;

    /**
     * Whether changes made elsewhere are known to reach the listeners: while this is false, nothing
     * remembered may be believed.
     */
    boolean following();

    /**
     * Tells of every change, made here or elsewhere, after it can be read; the path is {@code /}
     * when anything may have changed. Must not block.
     */
    void onChange(Consumer<String> listener);
}
