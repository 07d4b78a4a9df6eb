package io.tributary.metadata.record;

/** One change among those that {@link VersionedRecords#apply} makes together. */
@SuppressWarnings("ArrayRecordComponent") // never compared
public sealed interface Change {
    String path();

    /** Adds a record that must not be there. */
    record Create(String path, byte[] value) implements Change {}

    /** Replaces a record of this version. */
    record Replace(String path, byte[] value, int version) implements Change {}

    /** Removes a record that must be there, without children. */
    record Delete(String path) implements Change {}
}
