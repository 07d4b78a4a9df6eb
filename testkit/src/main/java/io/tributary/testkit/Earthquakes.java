package io.tributary.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Real events: 1,707 earthquakes, from the US Geological Survey, public domain. */
public final class Earthquakes {
    private Earthquakes() {}

    /** One event a line, as JSON. */
    public static String text() {
        try (InputStream in = Earthquakes.class.getResourceAsStream("/earthquakes.ndjson")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static List<String> lines() {
        return text().lines().toList();
    }
}
