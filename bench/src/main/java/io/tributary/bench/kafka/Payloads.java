package io.tributary.bench.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Lines of 1 KiB that compress about as well as events in JSON do. */
final class Payloads {
    static final int BYTES = 1_024;
    private static final int LINES = 2_000;

    private Payloads() {}

    /** Writes them into a folder, for producer-perf to draw from. */
    static Path write(Path folder) throws IOException {
        Random random = new Random(42);
        StringBuilder all = new StringBuilder();
        for (int line = 0; line < LINES; line++) {
            StringBuilder value = new StringBuilder();
            while (value.length() < BYTES) {
                value.append("{\"id\":\"")
                        .append(Long.toString(random.nextLong() >>> 1, 36))
                        .append("\",\"status\":\"ok\",\"amount\":")
                        .append(random.nextInt(100_000))
                        .append("},");
            }
            all.append(value, 0, BYTES).append('\n');
        }
        return Files.writeString(folder.resolve("payloads"), all);
    }
}
