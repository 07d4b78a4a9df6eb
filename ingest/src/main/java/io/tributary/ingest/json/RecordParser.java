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
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Reads records of the REST v3 produce API from JSON objects that lie one behind the other in an
 * array of bytes. Faults in the meaning are {@link Parsed.Bad} and the next record can be read;
 * faults in the JSON are a {@link ProblemException} of 400. Not thread-safe.
 */
public final class RecordParser implements AutoCloseable {
    private static final int MAX_HEADERS = 1_000;
    private static final int MAX_PARTITION_DIGITS = 9;
    private static final long MAX_TIMESTAMP_MILLIS = 253_402_300_799_999L;
    private static final JsonFactory JSON = JsonReading.strict();

    private final byte[] bytes;
    private final int from;
    private final boolean withId;
    private final JsonParser parser;

    /**
     * Reads from one position on; whoever calls {@link #next} knows that a whole object follows.
     *
     * @param withId whether a record may have an {@code id}, which is skipped
     */
    public RecordParser(byte[] bytes, int from, int to, boolean withId) {
        this.bytes = bytes;
        this.from = from;
        this.withId = withId;
        try {
            parser = JSON.createParser(bytes, from, to - from);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next record. */
    public Parsed next() {
        try {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw Malformed.json("a record is an object");
            }
            try {
                return new Parsed.Good(record());
            } catch (ProblemException e) {
                skipRest();
                return new Parsed.Bad(e.problem());
            }
        } catch (JsonProcessingException e) {
            throw Malformed.json(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives its buffers back. */
    @Override
    public void close() {
        try {
            parser.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private IncomingRecord record() throws IOException {
        OptionalInt partition = OptionalInt.empty();
        long timestamp = NewRecord.NO_TIMESTAMP;
        Datum key = Datum.NONE;
        Datum value = Datum.NONE;
        List<NewHeader> headers = List.of();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            switch (name) {
                case "partition_id" -> partition = partition();
                case "timestamp" -> timestamp = timestamp();
                case "key" -> key = datum("key");
                case "value" -> value = datum("value");
                case "headers" -> headers = headers();
                default -> {
                    if (!withId || !"id".equals(name)) {
                        throw bad("A record has no field '" + name + "'.");
                    }
                    parser.nextToken();
                    parser.skipChildren();
                }
            }
        }
        return new IncomingRecord(
                new NewRecord(timestamp, key.bytes, value.bytes, headers),
                partition,
                key.format,
                value.format);
    }

    private OptionalInt partition() throws IOException {
        return switch (parser.nextToken()) {
            case VALUE_NULL -> OptionalInt.empty();
            case VALUE_NUMBER_INT -> {
                if (parser.getTextLength() > MAX_PARTITION_DIGITS || parser.getIntValue() < 0) {
                    throw bad("partition_id is not the number of a partition.");
                }
                yield OptionalInt.of(parser.getIntValue());
            }
            default -> throw bad("partition_id is not an integer.");
        };
    }

    private long timestamp() throws IOException {
        JsonToken token = parser.nextToken();
        if (token == JsonToken.VALUE_NULL) {
            return NewRecord.NO_TIMESTAMP;
        }
        long millis;
        try {
            millis =
                    switch (token) {
                        case VALUE_STRING -> Instant.parse(parser.getText()).toEpochMilli();
                        case VALUE_NUMBER_INT -> Long.parseLong(parser.getText());
                        default -> throw badTimestamp();
                    };
        } catch (DateTimeException | ArithmeticException | NumberFormatException _) {
            throw badTimestamp();
        }
        if (millis < 0 || millis > MAX_TIMESTAMP_MILLIS) {
            throw bad("timestamp lies outside the years 1970 to 9999.");
        }
        return millis;
    }

    private List<NewHeader> headers() throws IOException {
        JsonToken token = parser.nextToken();
        if (token == JsonToken.VALUE_NULL) {
            return List.of();
        }
        if (token != JsonToken.START_ARRAY) {
            throw bad("headers is not an array.");
        }
        List<NewHeader> headers = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (headers.size() == MAX_HEADERS) {
                throw bad("A record has at most " + MAX_HEADERS + " headers.");
            }
            headers.add(header());
        }
        return headers;
    }

    private NewHeader header() throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw bad("headers holds something that is not an object.");
        }
        String headerName = null;
        byte[] value = null;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            switch (name) {
                case "name" -> {
                    headerName = string("headers.name");
                    utf8(headerName, "headers.name");
                }
                case "value" -> {
                    String base64 = stringOrNull("headers.value");
                    value = base64 == null ? null : base64(base64, "headers.value");
                }
                default -> throw bad("A header has no field '" + name + "'.");
            }
        }
        if (headerName == null) {
            throw bad("headers.name is missing.");
        }
        return new NewHeader(headerName, value);
    }

    private Datum datum(String where) throws IOException {
        JsonToken token = parser.nextToken();
        if (token == JsonToken.VALUE_NULL) {
            return Datum.NONE;
        }
        if (token != JsonToken.START_OBJECT) {
            throw bad(where + " is not an object with type and data.");
        }
        Format format = null;
        Data data = Data.NULL;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            switch (name) {
                case "type" -> format = format(where);
                case "data" -> data = data(format);
                case "subject", "subject_name_strategy", "schema_id", "schema_version", "schema" ->
                        throw noSchemas(where);
                default -> throw bad(where + " has no field '" + name + "'.");
            }
        }
        if (format == null) {
            throw bad(where + ".type is missing: BINARY, JSON or STRING.");
        }
        return new Datum(Optional.of(format), decode(data, format, where));
    }

    private Format format(String where) throws IOException {
        String type = string(where + ".type");
        return switch (type) {
            case "BINARY" -> Format.BINARY;
            case "JSON" -> Format.JSON;
            case "STRING" -> Format.STRING;
            case "AVRO", "JSONSCHEMA", "PROTOBUF" -> throw noSchemas(where);
            default -> throw bad(where + ".type is not BINARY, JSON or STRING.");
        };
    }

    /**
     * The type may stand behind the data, so the data is kept in both readings until it is known.
     */
    private Data data(@Nullable Format known) throws IOException {
        JsonToken token = parser.nextToken();
        if (token == JsonToken.VALUE_NULL) {
            return Data.NULL;
        }
        String text = null;
        if (token == JsonToken.VALUE_STRING && known != Format.JSON) {
            text = parser.getText();
            if (known != null) {
                return new Data(text, 0, 0);
            }
        }
        int start = from + Math.toIntExact(parser.currentTokenLocation().getByteOffset());
        parser.skipChildren();
        parser.finishToken();
        int end = from + Math.toIntExact(parser.currentLocation().getByteOffset());
        return new Data(text, start, end);
    }

    private byte @Nullable [] decode(Data data, Format format, String where) {
        if (data.equals(Data.NULL)) {
            return null;
        }
        if (format == Format.JSON) {
            return java.util.Arrays.copyOfRange(bytes, data.start, data.end);
        }
        if (data.text == null) {
            throw bad(where + ".data is not a string, as type " + format + " needs.");
        }
        return format == Format.BINARY
                ? base64(data.text, where + ".data")
                : utf8(data.text, where + ".data");
    }

    private String string(String where) throws IOException {
        String text = stringOrNull(where);
        if (text == null) {
            throw bad(where + " is not a string.");
        }
        return text;
    }

    private @Nullable String stringOrNull(String where) throws IOException {
        return switch (parser.nextToken()) {
            case VALUE_STRING -> parser.getText();
            case VALUE_NULL -> null;
            default -> throw bad(where + " is not a string.");
        };
    }

    private void skipRest() throws IOException {
        while (!parser.getParsingContext().inRoot()) {
            parser.nextToken();
        }
    }

    private static byte[] base64(String text, String where) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException _) {
            throw bad(where + " is not base64.");
        }
    }

    private static byte[] utf8(String text, String where) {
        if (!Utf8.encodable(text)) {
            throw bad(where + " holds half of a surrogate pair.");
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ProblemException badTimestamp() {
        return bad(
                "timestamp is neither RFC 3339, such as 2021-02-05T19:14:42Z, nor milliseconds.");
    }

    private static ProblemException noSchemas(String where) {
        return Problem.of(
                        400,
                        40002,
                        where
                                + " asks for a schema; schemas are not available yet."
                                + " Use type BINARY, JSON or STRING.")
                .asException();
    }

    private static ProblemException bad(String message) {
        return Problem.of(400, message).asException();
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Datum(Optional<Format> format, byte @Nullable [] bytes) {
        static final Datum NONE = new Datum(Optional.empty(), null);
    }

    /** Data as text, where it is a string, and as the bytes between two positions. */
    private record Data(@Nullable String text, int start, int end) {
        static final Data NULL = new Data(null, 0, 0);
    }
}
