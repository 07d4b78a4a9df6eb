package io.tributary.ingest.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.OptionalLong;

/** The body of {@code records:delete}: {@code {"before_offset":N}}. */
public final class DeleteRecordsBody {
    private static final JsonFactory JSON = JsonReading.strict();

    /** Stands for the high watermark, as in Kafka. */
    private static final long EVERYTHING = -1;

    private DeleteRecordsBody() {}

    /**
     * Reads a whole body; empty for everything.
     *
     * @throws ProblemException 400 where it is not such a body
     */
    public static OptionalLong beforeOffset(byte[] body) {
        try (JsonParser parser = JSON.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw expected();
            }
            String name = parser.nextFieldName();
            if (name == null) {
                throw expected();
            }
            if (!name.equals("before_offset")) {
                throw Problem.of(400, "The body has no field '" + name + "'.").asException();
            }
            if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT) {
                throw expected();
            }
            long before = parser.getLongValue();
            if (before < EVERYTHING || parser.nextToken() != JsonToken.END_OBJECT) {
                throw expected();
            }
            if (parser.nextToken() != null) {
                throw Malformed.json("something follows the object");
            }
            return before == EVERYTHING ? OptionalLong.empty() : OptionalLong.of(before);
        } catch (JsonProcessingException e) {
            throw Malformed.json(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ProblemException expected() {
        return Problem.of(
                        400,
                        "The body is an object with before_offset, a whole number of at least 0, or"
                                + " -1 for everything.")
                .asException();
    }
}
