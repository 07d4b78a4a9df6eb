package io.tributary.ingest.kafka.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tributary.ingest.kafka.config.ConfigOperations.Operation;
import io.tributary.metadata.topic.TopicConfigs;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.junit.jupiter.api.Test;

class ConfigOperationsTest {
    private static ConfigOperations operations(Operation... operations) {
        return new ConfigOperations(List.of(operations), TopicConfigs::byDefault);
    }

    private static Operation operation(OpType type, String name, String value) {
        return new Operation(name, type.id(), value);
    }

    @Test
    void listsGrowWithoutDoublesAndShrinkFromWhatIsInForce() {
        assertEquals(
                Map.of("cleanup.policy", "delete,compact"),
                operations(operation(OpType.APPEND, "cleanup.policy", "compact, delete"))
                        .apply(Map.of()));
        assertEquals(
                Map.of("cleanup.policy", "compact"),
                operations(operation(OpType.SUBTRACT, "cleanup.policy", "delete"))
                        .apply(Map.of("cleanup.policy", "compact,delete")));
        assertEquals(
                Map.of("cleanup.policy", ""),
                operations(operation(OpType.SUBTRACT, "cleanup.policy", "delete")).apply(Map.of()));
    }

    @Test
    void deletedConfigIsAsByDefaultAgain() {
        assertEquals(
                Map.of("retention.ms", "5"),
                operations(
                                operation(OpType.DELETE, "segment.ms", null),
                                operation(OpType.SET, "retention.ms", "5"))
                        .apply(Map.of("segment.ms", "1", "retention.ms", "7")));
    }

    @Test
    void operationsThatMakeNoSenseAreRefused() {
        refused(
                InvalidRequestException.class,
                operation(OpType.SET, "retention.ms", "1"),
                operation(OpType.DELETE, "retention.ms", null));
        refused(InvalidRequestException.class, operation(OpType.SET, "retention.ms", null));
        refused(InvalidRequestException.class, new Operation("retention.ms", (byte) 9, "1"));
        refused(InvalidConfigurationException.class, operation(OpType.APPEND, "retention.ms", "1"));
        refused(InvalidConfigurationException.class, operation(OpType.SET, "unknown", "1"));
    }

    private static void refused(Class<? extends ApiException> why, Operation... operations) {
        assertThrows(why, () -> operations(operations));
    }
}
