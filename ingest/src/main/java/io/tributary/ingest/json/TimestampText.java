package io.tributary.ingest.json;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Writes milliseconds since the epoch as RFC 3339 in UTC with three decimals; remembers the last
 * one, since neighbours tend to agree. Not thread-safe.
 */
public final class TimestampText {
    private static final DateTimeFormatter FORM =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private long lastMillis = Long.MIN_VALUE;
    private String lastText = "";

    /** The text, for years 0 to 9999. */
    public String of(long millis) {
        if (millis != lastMillis) {
            lastText = FORM.format(Instant.ofEpochMilli(millis));
            lastMillis = millis;
        }
        return lastText;
    }
}
