package io.tributary.ingest.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.tributary.kernel.fault.ParserText;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.storage.NewRecord;
import io.tributary.storage.Shard;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A body of {@code application/x-ndjson}: each line is a record's value, byte for byte. A JSON
 * pointer may name the record's key within it: a string's text, or a number or boolean as written.
 */
public final class LineRecords implements RecordSource {
    private static final JsonFactory JSON = JsonReading.strict();

    private final LineFramer framer;
    private final Optional<JsonPointer> keyPointer;

    /** Takes lines of a topic with this max.message.bytes. */
    public LineRecords(int maxMessageBytes, Optional<JsonPointer> keyPointer) {
        framer = new LineFramer(maxLineBytes(maxMessageBytes));
        this.keyPointer = keyPointer;
    }

    private static int maxLineBytes(int maxMessageBytes) {
        return Math.min(Shard.MAX_REQUEST_BYTES, maxMessageBytes) + JsonReading.SLACK_BYTES;
    }

    @Override
    public void limit(int maxMessageBytes) {
        framer.limit(maxLineBytes(maxMessageBytes));
    }

    @Override
    public void feed(byte[] chunk) {
        framer.feed(chunk);
    }

    @Override
    public Optional<Parsed> next() {
        return framer.next() ? Optional.of(parse()) : Optional.empty();
    }

    @Override
    public Optional<Parsed> end() {
        return framer.last() ? Optional.of(parse()) : Optional.empty();
    }

    @Override
    public int heldBytes() {
        return framer.heldBytes();
    }

    private Parsed parse() {
        byte[] value = Arrays.copyOfRange(framer.bytes(), framer.start(), framer.end());
        if (!Utf8.valid(value, 0, value.length)) {
            return bad("The line is not valid JSON: not UTF-8");
        }
        Line line = new Line();
        try (JsonParser parser = JSON.createParser(value)) {
            parser.nextToken();
            line.walk(parser, keyPointer.orElse(null));
            if (parser.nextToken() != null) {
                return bad("The line holds more than one JSON value.");
            }
        } catch (JsonProcessingException e) {
            return bad("The line is not valid JSON: " + ParserText.plain(e.getOriginalMessage()));
        } catch (ProblemException e) {
            return new Parsed.Bad(e.problem());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (keyPointer.isPresent() && line.key == null) {
            return bad("There is no string, number or boolean at " + keyPointer.get() + ".");
        }
        return new Parsed.Good(
                new IncomingRecord(
                        new NewRecord(NewRecord.NO_TIMESTAMP, line.key, value, List.of()),
                        OptionalInt.empty(),
                        line.key == null ? Optional.empty() : Optional.of(Format.STRING),
                        Optional.of(Format.JSON)));
    }

    private static Parsed bad(String message) {
        return new Parsed.Bad(Problem.of(400, message));
    }

    /** One line's value, walked once: checked as a whole, and its key picked up on the way. */
    private static final class Line {
        private byte @Nullable [] key;

        /**
         * Reads the value whose first token is current.
         *
         * @param at what is left of the pointer here; null off its path
         */
        void walk(JsonParser parser, @Nullable JsonPointer at) throws IOException {
            switch (parser.currentToken()) {
                case null -> throw Problem.of(400, "The line holds no JSON value.").asException();
                case START_OBJECT -> {
                    for (String name = parser.nextFieldName();
                            name != null;
                            name = parser.nextFieldName()) {
                        parser.nextToken();
                        walk(parser, at == null ? null : at.matchProperty(name));
                    }
                }
                case START_ARRAY -> {
                    for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
                        walk(parser, at == null ? null : at.matchElement(i));
                    }
                }
                case VALUE_STRING,
                        VALUE_NUMBER_INT,
                        VALUE_NUMBER_FLOAT,
                        VALUE_TRUE,
                        VALUE_FALSE -> {
                    parser.finishToken();
                    if (at != null && at.matches()) {
                        key = text(parser.getText());
                    }
                }
                default -> parser.finishToken();
            }
        }

        private static byte[] text(String text) {
            if (!Utf8.encodable(text)) {
                throw Problem.of(400, "The key holds half of a surrogate pair.").asException();
            }
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }
}
