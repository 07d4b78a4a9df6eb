package io.tributary.ingest.consumer;

import io.tributary.ingest.json.Format;
import io.tributary.ingest.json.JsonCheck;
import io.tributary.ingest.json.JsonOutput;
import io.tributary.ingest.json.Utf8;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.Record;

/** Writes records as REST Proxy v2 has them, with timestamp and headers in every format. */
final class ProxyRecordWriter {
    private final Format format;

    ProxyRecordWriter(Format format) {
        this.format = format;
    }

    /** Writes a record; says what of it is not in the format, and has written nothing then. */
    Optional<String> write(JsonOutput out, String topic, int partition, Record record) {
        int begin = out.size();
        out.ascii("{\"topic\":").quoted(topic).ascii(",\"key\":");
        if (!datum(out, record.key())) {
            out.cutTo(begin);
            return Optional.of("key");
        }
        out.ascii(",\"value\":");
        if (!datum(out, record.value())) {
            out.cutTo(begin);
            return Optional.of("value");
        }
        out.ascii(",\"partition\":").number(partition);
        out.ascii(",\"offset\":").number(record.offset());
        out.ascii(",\"timestamp\":").number(record.timestamp()).ascii(",\"headers\":[");
        String separator = "";
        for (Header header : record.headers()) {
            out.ascii(separator).ascii("{\"key\":").quoted(header.key()).ascii(",\"value\":");
            if (header.value() == null) {
                out.ascii("null}");
            } else {
                out.base64(ByteBuffer.wrap(header.value())).ascii("}");
            }
            separator = ",";
        }
        out.ascii("]}");
        return Optional.empty();
    }

    private boolean datum(JsonOutput out, ByteBuffer bytes) {
        if (bytes == null) {
            out.ascii("null");
            return true;
        }
        if (format == Format.BINARY) {
            out.base64(bytes);
            return true;
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        if (format == Format.JSON) {
            if (!JsonCheck.valid(copy)) {
                return false;
            }
            out.raw(copy);
            return true;
        }
        if (!Utf8.valid(copy, 0, copy.length)) {
            return false;
        }
        out.quoted(new String(copy, StandardCharsets.UTF_8));
        return true;
    }
}
