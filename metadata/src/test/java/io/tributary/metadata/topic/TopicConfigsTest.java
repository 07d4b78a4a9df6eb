package io.tributary.metadata.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.fault.ProblemException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicConfigsTest {
    @ParameterizedTest
    @CsvSource({
        "retention.ms,-2",
        "retention.ms,soon",
        "retention.bytes,1.5",
        "cleanup.policy,shred",
        "'cleanup.policy','compact,shred'",
        "'cleanup.policy',''",
        "max.message.bytes,99999999",
        "compression.type,brotli",
        "message.timestamp.type,Never",
        "segment.bytes,1",
        "segment.ms,0",
        "preallocate,maybe",
        "min.cleanable.dirty.ratio,2",
        "no.such.config,1",
        "retention.ms,99999999999999999999999"
    })
    void badValueIsRefusedByName(String name, String value) {
        ProblemException refused =
                assertThrows(
                        ProblemException.class, () -> TopicConfigs.validate(Map.of(name, value)));
        assertEquals(400, refused.problem().status());
        assertEquals(40002, refused.problem().errorCode());
        assertTrue(refused.problem().message().contains(name), refused.problem().message());
    }

    @ParameterizedTest
    @ValueSource(strings = {"delete", "compact", "compact,delete", "delete, compact"})
    void everyCleanupPolicyOfKafkaIsTaken(String policy) {
        Map<String, String> configs = Map.of("cleanup.policy", policy);
        TopicConfigs.validate(configs);
        assertEquals(policy.contains("delete"), TopicConfigs.cleans(configs, "delete"));
        assertEquals(policy.contains("compact"), TopicConfigs.cleans(configs, "compact"));
    }

    @Test
    void leastCompactionLagBeyondTheLongestIsRefused() {
        assertThrows(
                ProblemException.class,
                () ->
                        TopicConfigs.validate(
                                Map.of(
                                        "min.compaction.lag.ms", "2",
                                        "max.compaction.lag.ms", "1")));
    }

    @Test
    void everyDefaultIsItselfAGoodValue() {
        for (TopicConfigs.Entry entry : TopicConfigs.describe(Map.of())) {
            assertTrue(entry.isDefault());
            TopicConfigs.validate(Map.of(entry.name(), entry.value()));
        }
    }

    @Test
    void setValuesAreDescribedAsSet() {
        TopicConfigs.Entry entry =
                TopicConfigs.describe(Map.of("retention.ms", "-1")).stream()
                        .filter(e -> e.name().equals("retention.ms"))
                        .findFirst()
                        .orElseThrow();
        assertFalse(entry.isDefault());
        assertEquals("-1", entry.value());
        assertEquals(TopicConfigs.Effect.EFFECTIVE, entry.effect());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", "..", "a/b", "a b", "ä", "__consumer_offsets", "a\nb", "a\u0000"})
    void illegalNamesAreRefused(String name) {
        assertThrows(ProblemException.class, () -> TopicNames.check(name));
    }

    @Test
    void longestNameIsLegalAndALongerOneIsNot() {
        TopicNames.check("a".repeat(249));
        assertThrows(ProblemException.class, () -> TopicNames.check("a".repeat(250)));
    }
}
