package io.tributary.ingest.json;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tributary.kernel.fault.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ProxyBodyTest {
    private static List<IncomingRecord> parse(String body, Format format) {
        return ProxyBody.parse(body.getBytes(StandardCharsets.UTF_8), format);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void jsonIsKeptByteForByte() {
        List<IncomingRecord> records =
                parse(
                        "{\"records\": [{\"value\": {\"é\" : 1.00},\"key\":\"k\"},"
                                + "{\"value\":[ ]},{\"value\":-0e1}]}",
                        Format.JSON);
        assertEquals("{\"é\" : 1.00}", text(records.get(0).record().value()));
        assertEquals("\"k\"", text(records.get(0).record().key()));
        assertEquals("[ ]", text(records.get(1).record().value()));
        assertEquals("-0e1", text(records.get(2).record().value()));
    }

    @Test
    void nullsAreNullsInEveryFormat() {
        for (Format format : Format.values()) {
            IncomingRecord record =
                    parse(
                                    "{\"records\":[{\"key\":null,\"value\":null,\"partition\":null}]}",
                                    format)
                            .getFirst();
            assertNull(record.record().key());
            assertNull(record.record().value());
            assertEquals(OptionalInt.empty(), record.partition());
        }
    }

    @Test
    void binaryIsBase64() {
        IncomingRecord record =
                parse("{\"records\":[{\"value\":\"AP8=\",\"partition\":3}]}", Format.BINARY)
                        .getFirst();
        assertArrayEquals(new byte[] {0, (byte) 0xff}, record.record().value());
        assertEquals(OptionalInt.of(3), record.partition());
    }

    @Test
    void aSchemaIsRefusedWhereTheFormatHasNone() {
        ProblemException refused =
                assertThrows(
                        ProblemException.class,
                        () ->
                                parse(
                                        "{\"value_schema\":\"x\",\"records\":[{\"value\":1}]}",
                                        Format.JSON));
        assertEquals(422, refused.problem().status());
        assertEquals(
                1,
                parse("{\"value_schema\":null,\"records\":[{\"value\":1}]}", Format.JSON).size());
    }

    @Test
    void tooManyRecordsAreRefused() {
        String one = "{\"value\":1}";
        String many = "{\"records\":[" + (one + ",").repeat(ProxyBody.MAX_RECORDS) + one + "]}";
        ProblemException refused =
                assertThrows(ProblemException.class, () -> parse(many, Format.JSON));
        assertEquals(422, refused.problem().status());
    }
}
