package io.tributary.ingest.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Tells whether stored bytes can stand in an answer as JSON. */
public final class JsonCheck {
    private static final JsonFactory JSON = JsonReading.plain();

    private JsonCheck() {}

    /** Whether the bytes are exactly one JSON value in UTF-8, nested no deeper than is taken in. */
    public static boolean valid(byte[] bytes) {
        if (bytes.length == 0 || !asciiOrSpace(bytes[0]) || !Utf8.valid(bytes, 0, bytes.length)) {
            return false;
        }
        try (JsonParser parser = JSON.createParser(bytes)) {
            if (parser.nextToken() == null) {
                return false;
            }
            int depth = 0;
            JsonToken token = parser.currentToken();
            while (true) {
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                parser.finishToken();
                if (depth == 0) {
                    return parser.nextToken() == null;
                }
                token = parser.nextToken();
            }
        } catch (JsonProcessingException _) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Keeps byte order marks and UTF-16 or UTF-32 from being recognised as such. */
    private static boolean asciiOrSpace(byte first) {
        return first > 0;
    }
}
