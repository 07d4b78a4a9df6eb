package io.tributary.ingest.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tributary.ingest.GivenShards;
import io.tributary.ingest.UnusedShard;
import io.tributary.ingest.consumer.InstanceConfig.Reset;
import io.tributary.ingest.json.Format;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.metadata.tenant.SystemTenant;
import io.tributary.metadata.topic.Topic;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.PartitionSettings.Codec;
import io.tributary.storage.PartitionSettings.TimestampType;
import io.tributary.storage.PartitionSettings.Timestamps;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

class InstanceLogTest {
    private static final TenantId ACME = new TenantId("t-abcdefghijklmnop");
    private static final byte[] NONSENSE = "nonsense".getBytes(StandardCharsets.UTF_8);

    private static final InstanceRecord RECORD =
            new InstanceRecord(
                    new InstanceConfig(
                            Format.JSON, false, Reset.NONE, 1, Duration.ofSeconds(1), false),
                    "member",
                    new Subscription.None(),
                    List.of(),
                    Map.of());

    /** A shard whose every partition has one batch. */
    private static final class OneBatch extends UnusedShard {
        private final MemoryRecords batch;

        OneBatch(SimpleRecord... records) {
            batch = MemoryRecords.withRecords(0, Compression.NONE, records);
        }

        @Override
        public Offsets offsets(PartitionId partition) {
            return new Offsets(0, batch.lastBatch().orElseThrow().nextOffset());
        }

        @Override
        public Fetched fetch(PartitionId partition, long offset, int maxBytes) {
            return new Fetched(List.<ByteBuffer>of(batch.buffer()), offsets(partition));
        }
    }

    private static PartitionSettings settings(int maxMessageBytes) {
        return new PartitionSettings(
                maxMessageBytes,
                Codec.NONE,
                Timestamps.of(TimestampType.CREATE_TIME),
                false,
                Optional.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                1 << 30,
                Duration.ofDays(7));
    }

    private static InstanceLog log(int maxMessageBytes, SimpleRecord... records) {
        ShardId shard = new ShardId(0);
        Topic topic =
                new Topic(
                        new TopicId(new UUID(1, 1)),
                        SystemTenant.ID,
                        "instances",
                        List.of(shard),
                        Map.of(),
                        Instant.EPOCH);
        return new InstanceLog(
                topic,
                settings(maxMessageBytes),
                new GivenShards(Map.of(shard, new OneBatch(records))));
    }

    private static SimpleRecord record(String name, byte[] value) {
        return new SimpleRecord(0, InstanceBytes.key(new InstanceKey(ACME, "g", name)), value);
    }

    @Test
    void recordThatCannotBeReadCostsItsInstanceAndNoOther() throws Exception {
        byte[] whole = InstanceBytes.value(RECORD);
        Map<InstanceKey, InstanceRecord> read =
                log(
                                InstanceLog.LARGEST,
                                record("before", whole),
                                new SimpleRecord(0, NONSENSE, whole),
                                new SimpleRecord(0, null, whole),
                                record("unreadable", whole),
                                record("unreadable", NONSENSE),
                                record("after", whole))
                        .read(0);

        assertEquals(
                Map.of(
                        new InstanceKey(ACME, "g", "before"),
                        RECORD,
                        new InstanceKey(ACME, "g", "after"),
                        RECORD),
                read,
                "nor what an instance was before its unreadable record");
    }

    @Test
    void topicThatDoesNotTakeTheLargestInstanceIsRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> log(InstanceLog.LARGEST - 1, record("a", NONSENSE)));
    }
}
