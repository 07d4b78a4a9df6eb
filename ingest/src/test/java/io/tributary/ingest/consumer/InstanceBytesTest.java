package io.tributary.ingest.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.ingest.consumer.InstanceConfig.Reset;
import io.tributary.ingest.consumer.InstanceRecord.Held;
import io.tributary.ingest.consumer.Subscription.Place;
import io.tributary.ingest.json.Format;
import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InstanceBytesTest {
    static Stream<Subscription> subscriptions() {
        return Stream.of(
                new Subscription.None(),
                new Subscription.Topics(List.of("a", "b")),
                new Subscription.Matching("a.*"),
                new Subscription.Assigned(List.of(new Place("a", 3))));
    }

    private static InstanceRecord record(Subscription subscription) {
        return new InstanceRecord(
                new InstanceConfig(
                        Format.STRING, false, Reset.NONE, 7, Duration.ofSeconds(3), true),
                "member",
                subscription,
                List.of("a"),
                Map.of(new PartitionId(new TopicId(new UUID(1, 2)), 3), new Held(1L << 40, -1)));
    }

    @ParameterizedTest
    @MethodSource("subscriptions")
    void anInstanceIsReadAsItWasWritten(Subscription subscription) {
        InstanceRecord record = record(subscription);
        byte[] bytes = InstanceBytes.value(record);
        assertEquals(record, InstanceBytes.value(ByteBuffer.wrap(bytes)));
        for (int length = 0; length < bytes.length; length++) {
            ByteBuffer cut = ByteBuffer.wrap(bytes, 0, length);
            assertThrows(MalformedBytesException.class, () -> InstanceBytes.value(cut));
        }
    }

    @Test
    void anInstanceWithAsMuchAsItMayHaveFitsItsTopic() {
        List<String> names =
                IntStream.range(0, InstanceRecord.MOST_TOPICS)
                        .mapToObj(i -> "x".repeat(244) + i)
                        .toList();
        Map<PartitionId, Held> positions = new HashMap<>();
        for (int i = 0; i < InstanceRecord.MOST_PARTITIONS; i++) {
            positions.put(new PartitionId(new TopicId(new UUID(1, 2)), i), new Held(i, i));
        }
        InstanceConfig config = record(new Subscription.None()).config();
        // Bodies have a MiB.
        Subscription named =
                new Subscription.Topics(List.of("x".repeat(1 << 20), "y".repeat(40_000)));
        byte[] bytes =
                InstanceBytes.value(new InstanceRecord(config, "m", named, names, positions));
        assertTrue(bytes.length < InstanceLog.LARGEST - 10_000, "it has " + bytes.length);
    }

    @Test
    void aKeyIsReadAsItWasWritten() {
        InstanceKey key = new InstanceKey(new TenantId("t-abcdefghijklmnop"), "g", "c");
        assertEquals(key, InstanceBytes.key(ByteBuffer.wrap(InstanceBytes.key(key))));
        assertThrows(
                MalformedBytesException.class,
                () -> InstanceBytes.key(ByteBuffer.wrap(new byte[] {1, 0, 0, 0, 1, 'x'})));
    }
}
