package io.tributary.ingest.fetch;

import io.tributary.ingest.fetch.FetchQuery.Shown;
import io.tributary.ingest.json.JsonCheck;
import io.tributary.ingest.json.JsonOutput;
import io.tributary.ingest.json.TimestampText;
import io.tributary.ingest.json.Utf8;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.Record;

/** Writes records as JSON, each on one line. Not thread-safe. */
final class RecordWriter {
    private final Shown key;
    private final Shown value;
    private final TimestampText timestamps = new TimestampText();

    RecordWriter(Shown key, Shown value) {
        this.key = key;
        this.value = value;
    }

    void write(JsonOutput out, int partition, Record record) {
        out.ascii("{\"partition_id\":").number(partition);
        out.ascii(",\"offset\":").number(record.offset());
        out.ascii(",\"timestamp\":\"").ascii(timestamps.of(record.timestamp())).ascii("\"");
        out.ascii(",\"headers\":[");
        String separator = "";
        for (Header header : record.headers()) {
            out.ascii(separator).ascii("{\"name\":").quoted(header.key()).ascii(",\"value\":");
            if (header.value() == null) {
                out.ascii("null");
            } else {
                out.base64(ByteBuffer.wrap(header.value()));
            }
            out.ascii("}");
            separator = ",";
        }
        out.ascii("],\"key\":");
        datum(out, key, record.key(), "key", record.offset());
        out.ascii(",\"value\":");
        datum(out, value, record.value(), "value", record.offset());
        out.ascii("}");
    }

    private static void datum(
            JsonOutput out, Shown shown, ByteBuffer bytes, String what, long offset) {
        if (bytes == null) {
            out.ascii("null");
            return;
        }
        if (shown == Shown.BINARY) {
            binary(out, bytes);
            return;
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        boolean json = shown != Shown.STRING && JsonCheck.valid(copy);
        if (json) {
            json(out, copy);
        } else if (shown == Shown.JSON) {
            throw unfit(what, offset, "JSON");
        } else if (Utf8.valid(copy, 0, copy.length)) {
            out.ascii("{\"type\":\"STRING\",\"data\":");
            out.quoted(new String(copy, StandardCharsets.UTF_8)).ascii("}");
        } else if (shown == Shown.STRING) {
            throw unfit(what, offset, "UTF-8 text");
        } else {
            binary(out, bytes);
        }
    }

    private static void binary(JsonOutput out, ByteBuffer bytes) {
        out.ascii("{\"type\":\"BINARY\",\"data\":").base64(bytes).ascii("}");
    }

    /** The stored bytes themselves; line breaks can only stand between tokens. */
    private static void json(JsonOutput out, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n' || bytes[i] == '\r') {
                bytes[i] = ' ';
            }
        }
        out.ascii("{\"type\":\"JSON\",\"data\":").raw(bytes).ascii("}");
    }

    private static ProblemException unfit(String what, long offset, String form) {
        return Problem.of(
                        422,
                        "The "
                                + what
                                + " at offset "
                                + offset
                                + " is not "
                                + form
                                + "; ask for "
                                + what
                                + "_format=auto or binary.")
                .asException();
    }
}
