package io.tributary.ingest.kafka.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tributary.ingest.GivenShards;
import io.tributary.ingest.UnusedShard;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.directory.Directory;
import io.tributary.metadata.record.MemoryRecords;
import io.tributary.metadata.tenant.SystemTenant;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.Topics;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class LogDirsApiTest {
    /** A shard in which every partition has ten bytes. */
    private static final class Shard extends UnusedShard {
        @Override
        public Tiers tiers(PartitionId partition) {
            Offsets offsets = new Offsets(0, 1);
            return new Tiers(
                    offsets, List.of(new Tiers.Range(0, 1, 10, "ledger")), List.of(), List.of());
        }
    }

    private static Topics topics() throws Exception {
        Directory directory = new Directory(new MemoryRecords(), Runnable::run);
        var _ =
                directory
                        .topics()
                        .add(
                                new Topic(
                                        new TopicId(new UUID(1, 1)),
                                        SystemTenant.ID,
                                        "t",
                                        List.of(new ShardId(0), new ShardId(1)),
                                        Map.of(),
                                        Instant.EPOCH),
                                new Topics.Limits(10, 10));
        return directory.topics();
    }

    @Test
    void shardThatIsAwayIsAnErrorBesideWhatTheOthersSay() throws Exception {
        LogDirsApi api =
                new LogDirsApi(topics(), new GivenShards(Map.of(new ShardId(1), new Shard())));
        List<DescribeLogDirsResult> found =
                api.describe(
                                new Principal(
                                        Optional.of(SystemTenant.ID), "key", Role.ADMIN, List.of()),
                                null)
                        .data()
                        .results();

        assertEquals(2, found.size());
        assertEquals(Errors.NONE.code(), found.getFirst().errorCode());
        var partitions = found.getFirst().topics().getFirst().partitions();
        assertEquals(1, partitions.size());
        assertEquals(1, partitions.getFirst().partitionIndex());
        assertEquals(10, partitions.getFirst().partitionSize());
        assertEquals(Errors.KAFKA_STORAGE_ERROR.code(), found.getLast().errorCode());
    }
}
