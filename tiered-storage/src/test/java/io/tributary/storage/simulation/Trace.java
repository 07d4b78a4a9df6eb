package io.tributary.storage.simulation;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.zip.CRC32C;

/** What happened in a simulation, the last of it word for word, all of it as a checksum. */
final class Trace {
    private static final int KEPT = 300;

    private final Deque<String> last = new ArrayDeque<>();
    private final CRC32C all = new CRC32C();

    void add(long atMillis, String event) {
        String line = atMillis + " " + event;
        all.update(line.getBytes(StandardCharsets.UTF_8));
        last.addLast(line);
        if (last.size() > KEPT) {
            last.removeFirst();
        }
    }

    /** The same for the same seed, in every JVM. */
    long checksum() {
        return all.getValue();
    }

    @Override
    public String toString() {
        return String.join(System.lineSeparator(), last);
    }
}
