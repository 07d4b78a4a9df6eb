package io.tributary.storage.simulation;

import java.util.NavigableMap;
import java.util.TreeMap;

/** What lies in the simulated object store; outlives every process. */
final class Bucket {
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Stored(byte[] bytes, long atMillis) {}

    final NavigableMap<String, Stored> objects = new TreeMap<>();

    /** What was deleted, and when: a listing that lags still has it for a while. */
    final NavigableMap<String, Stored> deleted = new TreeMap<>();

    boolean away;

    void delete(String key, long atMillis) {
        Stored gone = objects.remove(key);
        if (gone != null) {
            deleted.put(key, new Stored(gone.bytes(), atMillis));
        }
    }
}
