package io.tributary.ingest.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.storage.NewRecord;
import io.tributary.storage.NewRecord.NewHeader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The body of a produce of REST Proxy v2, with what Strimzi's bridge adds: {@code
 * {"records":[{"key":…,"value":…,"partition":…,"timestamp":…,"headers":[{"key":…,"value":…}]}]}},
 * all of its keys and values in one format.
 */
public final class ProxyBody {
    /** How many records a body may have. */
    public static final int MAX_RECORDS = 10_000;

    private static final int MAX_HEADERS = 1_000;
    private static final long MAX_TIMESTAMP_MILLIS = 253_402_300_799_999L;
    private static final int INVALID = 422;
    private static final int PAYLOAD = 42206;
    private static final JsonFactory JSON = JsonReading.strict();

    private final byte[] bytes;
    private final Format format;
    private final JsonParser parser;

    private ProxyBody(byte[] bytes, Format format, JsonParser parser) {
        this.bytes = bytes;
        this.format = format;
        this.parser = parser;
    }

    /**
     * Reads a whole body.
     *
     * @throws ProblemException 400 where it is not JSON, 422 where it is no such body; nothing of
     *     it may be appended then
     */
    public static List<IncomingRecord> parse(byte[] body, Format format) {
        if (!Utf8.valid(body, 0, body.length)) {
            throw Malformed.json("not UTF-8");
        }
        try (JsonParser parser = JSON.createParser(body)) {
            return new ProxyBody(body, format, parser).records();
        } catch (JsonProcessingException e) {
            throw Malformed.json(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<IncomingRecord> records() throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw invalid("The body is an object with the field records.");
        }
        List<IncomingRecord> records = new ArrayList<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken token = parser.nextToken();
            switch (name) {
                case "records" -> records(token, records);
                case "key_schema", "key_schema_id", "value_schema", "value_schema_id" -> {
                    if (token != JsonToken.VALUE_NULL) {
                        throw invalid(name + " is for formats with schemas only.");
                    }
                }
                default -> throw invalid("The body has no field '" + name + "'.");
            }
        }
        if (parser.nextToken() != null) {
            throw Malformed.json("something follows the object");
        }
        if (records.isEmpty()) {
            throw invalid("records must not be empty.");
        }
        return records;
    }

    private void records(JsonToken begin, List<IncomingRecord> records) throws IOException {
        if (begin != JsonToken.START_ARRAY) {
            throw invalid("records is not an array.");
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (records.size() == MAX_RECORDS) {
                throw invalid("A request has at most " + MAX_RECORDS + " records.");
            }
            records.add(record());
        }
    }

    private IncomingRecord record() throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw invalid("records holds something that is not an object.");
        }
        OptionalInt partition = OptionalInt.empty();
        long timestamp = NewRecord.NO_TIMESTAMP;
        byte[] key = null;
        byte[] value = null;
        List<NewHeader> headers = List.of();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken token = parser.nextToken();
            switch (name) {
                case "key" -> key = datum(token, "key");
                case "value" -> value = datum(token, "value");
                case "partition" -> {
                    if (token != JsonToken.VALUE_NULL) {
                        partition = OptionalInt.of((int) number("partition", Integer.MAX_VALUE));
                    }
                }
                case "timestamp" -> {
                    if (token != JsonToken.VALUE_NULL) {
                        timestamp = number("timestamp", MAX_TIMESTAMP_MILLIS);
                    }
                }
                case "headers" -> headers = headers(token);
                default -> throw invalid("A record has no field '" + name + "'.");
            }
        }
        return new IncomingRecord(
                new NewRecord(timestamp, key, value, headers),
                partition,
                Optional.empty(),
                Optional.empty());
    }

    private long number(String name, long max) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getTextLength() <= Long.toString(max).length()
                && parser.getLongValue() >= 0
                && parser.getLongValue() <= max) {
            return parser.getLongValue();
        }
        throw invalid(name + " is not a whole number from 0 to " + max + ".");
    }

    private List<NewHeader> headers(JsonToken begin) throws IOException {
        if (begin == JsonToken.VALUE_NULL) {
            return List.of();
        }
        if (begin != JsonToken.START_ARRAY) {
            throw invalid("headers is not an array.");
        }
        List<NewHeader> headers = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (headers.size() == MAX_HEADERS) {
                throw invalid("A record has at most " + MAX_HEADERS + " headers.");
            }
            headers.add(header());
        }
        return headers;
    }

    private NewHeader header() throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw invalid("headers holds something that is not an object.");
        }
        String key = null;
        byte[] value = null;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken token = parser.nextToken();
            switch (name) {
                case "key" -> key = text(token, "headers.key");
                case "value" -> {
                    String base64 = text(token, "headers.value");
                    value = base64 == null ? null : base64(base64, "headers.value");
                }
                default -> throw invalid("A header has no field '" + name + "'.");
            }
        }
        if (key == null) {
            throw invalid("headers.key is missing.");
        }
        utf8(key, "headers.key");
        return new NewHeader(key, value);
    }

    private byte @Nullable [] datum(JsonToken token, String where) throws IOException {
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        if (format == Format.JSON) {
            int start = Math.toIntExact(parser.currentTokenLocation().getByteOffset());
            parser.skipChildren();
            parser.finishToken();
            int end = Math.toIntExact(parser.currentLocation().getByteOffset());
            return Arrays.copyOfRange(bytes, start, end);
        }
        String text = text(token, where);
        if (text == null) {
            return null;
        }
        return format == Format.BINARY ? base64(text, where) : utf8(text, where);
    }

    private @Nullable String text(JsonToken token, String where) throws IOException {
        return switch (token) {
            case VALUE_STRING -> parser.getText();
            case VALUE_NULL -> null;
            default -> throw payload(where + " is not a string.");
        };
    }

    private static byte[] base64(String text, String where) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException _) {
            throw payload(where + " is not base64.");
        }
    }

    private static byte[] utf8(String text, String where) {
        if (!Utf8.encodable(text)) {
            throw payload(where + " holds half of a surrogate pair.");
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ProblemException invalid(String message) {
        return Problem.of(INVALID, message).asException();
    }

    private static ProblemException payload(String message) {
        return Problem.of(INVALID, PAYLOAD, "Payload error. " + message).asException();
    }
}
