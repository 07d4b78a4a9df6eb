package io.tributary.metadata.record;

/**
 * A record's content.
 *
 * @param version differs after every change
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record VersionedRecord(byte[] value, int version) {}
