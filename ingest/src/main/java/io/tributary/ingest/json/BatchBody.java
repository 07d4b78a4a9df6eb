package io.tributary.ingest.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The body of {@code records:batch}: {@code {"entries":[{"id":…, …record}]}}. */
public final class BatchBody {
    /** How many entries a batch may have. */
    public static final int MAX_ENTRIES = 1_000;

    private static final int MAX_ID_CHARS = 80;
    private static final int BATCH_RULE = 42208;
    private static final JsonFactory JSON = JsonReading.strict();

    private BatchBody() {}

    /** One record of a batch, under the name its sender knows it by. */
    public record Entry(String id, Parsed parsed) {}

    /**
     * Reads a whole body.
     *
     * @throws ProblemException 400 where it is not such a body, 422 where ids or their number break
     *     the rules; nothing of it may be appended then
     */
    public static List<Entry> parse(byte[] body) {
        if (!Utf8.valid(body, 0, body.length)) {
            throw Malformed.json("not UTF-8");
        }
        try (JsonParser parser = JSON.createParser(body)) {
            List<Entry> entries = entries(parser, body);
            if (parser.nextToken() != null) {
                throw Malformed.json("something follows the batch");
            }
            return entries;
        } catch (JsonProcessingException e) {
            throw Malformed.json(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Entry> entries(JsonParser parser, byte[] body) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw Problem.of(400, "A batch is an object with the field entries.").asException();
        }
        List<Entry> entries = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            if (!"entries".equals(name)) {
                throw Problem.of(400, "A batch has no field '" + name + "'.").asException();
            }
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw Problem.of(400, "entries is not an array.").asException();
            }
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                Entry entry = entry(parser, body);
                if (!ids.add(entry.id)) {
                    throw rule("Two entries have the same id.");
                }
                entries.add(entry);
                if (entries.size() > MAX_ENTRIES) {
                    throw rule("A batch has at most " + MAX_ENTRIES + " entries.");
                }
            }
        }
        if (entries.isEmpty()) {
            throw rule("A batch has at least one entry.");
        }
        return entries;
    }

    private static Entry entry(JsonParser parser, byte[] body) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw Problem.of(400, "entries holds something that is not an object.").asException();
        }
        int start = Math.toIntExact(parser.currentTokenLocation().getByteOffset());
        String id = "";
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken token = parser.nextToken();
            if ("id".equals(name) && token == JsonToken.VALUE_STRING) {
                id = parser.getText();
            } else {
                parser.skipChildren();
            }
        }
        if (id.isEmpty() || id.length() > MAX_ID_CHARS) {
            throw rule("An entry's id is a string of 1 to " + MAX_ID_CHARS + " characters.");
        }
        int end = Math.toIntExact(parser.currentLocation().getByteOffset());
        try (RecordParser record = new RecordParser(body, start, end, true)) {
            return new Entry(id, record.next());
        }
    }

    private static ProblemException rule(String message) {
        return Problem.of(422, BATCH_RULE, message).asException();
    }
}
