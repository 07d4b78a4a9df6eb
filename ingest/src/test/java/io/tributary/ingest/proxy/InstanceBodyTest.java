package io.tributary.ingest.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tributary.ingest.consumer.InstanceConfig;
import io.tributary.ingest.consumer.InstanceConfig.Reset;
import io.tributary.ingest.json.Format;
import io.tributary.kernel.fault.ProblemException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstanceBodyTest {
    private static InstanceBody body(String json) {
        return new InstanceBody(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void withoutAWordItIsAsByDefault() {
        InstanceConfig byDefault =
                new InstanceConfig(
                        Format.BINARY, true, Reset.LATEST, 1, Duration.ofSeconds(1), false);
        assertEquals(byDefault, body("").config());
        assertEquals(byDefault, body("{\"name\":null,\"fetch.min.bytes\":-1}").config());
        assertEquals(Optional.empty(), body("{}").name());
    }

    @Test
    void confluentsWordsAndStrimzisMeanTheSame() {
        assertEquals(
                body("{\"auto.commit.enable\":\"false\",\"fetch.min.bytes\":5}").config(),
                body("{\"enable.auto.commit\":false,\"fetch.min.bytes\":\"5\"}").config());
        assertEquals(
                body("{\"consumer.request.timeout.ms\":7}").config(),
                body("{\"requestWaitMs\":7}").config());
        assertEquals(Optional.of("i"), body("{\"id\":\"i\",\"name\":\"n\"}").name());
        assertEquals(Optional.of("i"), body("{\"name\":\"n\",\"id\":\"i\"}").name());
        assertEquals(Format.STRING, body("{\"format\":\"TEXT\"}").config().format());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"format\":\"avro\"}|415",
                "{\"format\":\"xml\"}|422",
                "{\"auto.offset.reset\":\"first\"}|42204",
                "{\"isolation.level\":\"serializable\"}|42204",
                "{\"fetch.min.bytes\":-2}|40001",
                "{\"consumer.request.timeout.ms\":60001}|40001",
                "{\"consumer.request.timeout.ms\":\"soon\"}|42204",
                "{\"consumer.request.timeout.ms\":9999999999999999999}|42204",
                "{\"what\":1}|422",
                "[]|422",
                "{\"name\":5}|422",
                "{\"name\":\"a\",\"name\":\"b\"}|400",
                "{}{}|400"
            })
    void whatIsWrongIsRefusedWithItsCode(String json, int code) {
        ProblemException refused = assertThrows(ProblemException.class, () -> body(json));
        assertEquals(code, refused.problem().errorCode(), refused.problem().message());
    }
}
