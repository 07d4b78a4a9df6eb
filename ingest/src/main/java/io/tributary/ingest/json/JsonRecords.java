package io.tributary.ingest.json;

import io.tributary.kernel.fault.ProblemException;
import io.tributary.storage.Shard;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A body of concatenated JSON objects, each a record of the REST v3 produce API. */
public final class JsonRecords implements RecordSource {
    private final JsonFramer framer;
    private @Nullable RecordParser parser;

    /** Takes records of a topic with this max.message.bytes. */
    public JsonRecords(int maxMessageBytes) {
        framer = new JsonFramer(JsonReading.MAX_DEPTH, maxJsonBytes(maxMessageBytes));
    }

    private static int maxJsonBytes(int maxMessageBytes) {
        return 2 * Math.min(Shard.MAX_REQUEST_BYTES, maxMessageBytes) + JsonReading.SLACK_BYTES;
    }

    @Override
    public void limit(int maxMessageBytes) {
        framer.limit(maxJsonBytes(maxMessageBytes));
    }

    @Override
    public void feed(byte[] chunk) {
        framer.feed(chunk);
    }

    @Override
    public Optional<Parsed> next() {
        try {
            if (framer.next()) {
                return Optional.of(parse());
            }
        } catch (ProblemException e) {
            release();
            throw e;
        }
        release();
        return Optional.empty();
    }

    @Override
    public Optional<Parsed> end() {
        if (framer.heldBytes() > 0) {
            throw Malformed.json("it ends within a record");
        }
        return Optional.empty();
    }

    @Override
    public int heldBytes() {
        return framer.heldBytes();
    }

    private Parsed parse() {
        byte[] bytes = framer.bytes();
        if (framer.beyondAscii() && !Utf8.valid(bytes, framer.start(), framer.end())) {
            throw Malformed.json("not UTF-8");
        }
        if (parser == null) {
            parser = new RecordParser(bytes, framer.start(), framer.limit(), false);
        }
        return parser.next();
    }

    private void release() {
        if (parser != null) {
            parser.close();
            parser = null;
        }
    }
}
