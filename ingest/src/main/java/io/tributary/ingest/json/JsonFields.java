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
import java.util.List;

/**
 * Reads a small body that is one JSON object, field by field. What is not JSON is a {@link
 * ProblemException} of 400, what has another form than expected one of 422. Not thread-safe.
 */
public final class JsonFields {
    private static final JsonFactory JSON = JsonReading.strict();
    private static final int LONGEST_NUMBER = 19;

    private final JsonParser parser;

    private JsonFields(JsonParser parser) {
        this.parser = parser;
    }

    /** Takes one field: reads its value, or refuses its name with {@link #unknown}. */
    @FunctionalInterface
    public interface Field {
        void read(JsonFields value, String name) throws IOException;
    }

    /** Reads a whole body. */
    public static void read(byte[] body, Field fields) {
        if (!Utf8.valid(body, 0, body.length)) {
            throw Malformed.json("not UTF-8");
        }
        try (JsonParser parser = JSON.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw invalid("The body is not an object.");
            }
            new JsonFields(parser).object(fields);
            if (parser.nextToken() != null) {
                throw Malformed.json("something follows the object");
            }
        } catch (JsonProcessingException e) {
            throw Malformed.json(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void object(Field fields) throws IOException {
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            fields.read(this, name);
        }
    }

    /** Whether the value is null. */
    public boolean isNull() {
        return parser.currentToken() == JsonToken.VALUE_NULL;
    }

    /** The value as a string; numbers and booleans as they are written. */
    public String scalar(String name) throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_STRING, VALUE_NUMBER_INT, VALUE_TRUE, VALUE_FALSE -> parser.getText();
            default -> throw invalid(name + " is not a string.");
        };
    }

    public String string(String name) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw invalid(name + " is not a string.");
        }
        return parser.getText();
    }

    /** A whole number within bounds. */
    public long number(String name, long min, long max) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getTextLength() <= LONGEST_NUMBER
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            long value = parser.getLongValue();
            if (value >= min && value <= max) {
                return value;
            }
        }
        throw invalid(name + " is not a whole number from " + min + " to " + max + ".");
    }

    /** An array of strings. */
    public List<String> strings(String name, int most) throws IOException {
        List<String> all = new ArrayList<>();
        elements(name, most, () -> all.add(string(name)));
        return all;
    }

    /** An array of objects. */
    public void objects(String name, int most, Runnable begin, Field fields, Runnable end)
            throws IOException {
        elements(
                name,
                most,
                () -> {
                    if (parser.currentToken() != JsonToken.START_OBJECT) {
                        throw invalid(name + " holds something that is not an object.");
                    }
                    begin.run();
                    object(fields);
                    end.run();
                });
    }

    private interface Element {
        void read() throws IOException;
    }

    private void elements(String name, int most, Element element) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw invalid(name + " is not an array.");
        }
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (++count > most) {
                throw invalid(name + " has more than " + most + " elements.");
            }
            element.read();
        }
    }

    /** What is said of a field that there is not. */
    public static ProblemException unknown(String name) {
        return invalid("There is no field '" + name + "'.");
    }

    /** What is said of a body that has another form than expected. */
    public static ProblemException invalid(String message) {
        return Problem.of(422, message).asException();
    }
}
