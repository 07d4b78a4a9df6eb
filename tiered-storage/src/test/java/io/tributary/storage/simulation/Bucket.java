package io.tributary.storage.simulation;

import java.util.NavigableMap;
import java.util.TreeMap;

/** What lies in the simulated object store; outlives every process. */
final class Bucket {
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Stored(byte[] bytes, long atMillis) {}

    final NavigableMap<String, Stored> objects = new TreeMap<>();
    boolean away;
}
