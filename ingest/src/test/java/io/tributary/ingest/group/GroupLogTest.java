package io.tributary.ingest.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.AppendOutcome.Reason;
import io.tributary.storage.AppendOutcome.Refused;
import io.tributary.storage.AppendOutcome.Unknown;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.PartitionSettings.Codec;
import io.tributary.storage.PartitionSettings.TimestampType;
import io.tributary.storage.PartitionSettings.Timestamps;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The coordinator's log answers before the disk does, and never says what the disk does not. */
class GroupLogTest {
    private static final int MAX_BYTES = 100;
    private final ManualShard shard = new ManualShard();
    private final List<String> lost = new ArrayList<>();
    private final List<Long> watermarks = new ArrayList<>();
    private final GroupLog log =
            new GroupLog(
                    new TopicPartition("groups", 0),
                    new PartitionId(new TopicId(new UUID(1, 1)), 0),
                    settings(),
                    shard,
                    lost::add);

    private static PartitionSettings settings() {
        return new PartitionSettings(
                MAX_BYTES,
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

    @BeforeEach
    void lead() {
        shard.end = 10;
        log.lead(10, 1);
        log.register((partition, offset) -> watermarks.add(offset));
    }

    private long append(int records) {
        return log.append(ByteBuffer.wrap(new byte[] {1, 2, 3}), records);
    }

    @Test
    void offsetsAreKnownAtOnceAndTheWatermarkFollowsTheDisk() {
        assertEquals(13, append(3));
        assertEquals(15, append(2));
        assertEquals(List.of(10L), watermarks);
        shard.stored(10);
        assertEquals(List.of(10L, 13L), watermarks);
        shard.stored(13);
        assertEquals(List.of(10L, 13L, 15L), watermarks);
        assertEquals(List.of(), lost);
    }

    @Test
    void bytesAreCopiedBeforeAppendReturns() {
        ByteBuffer bytes = ByteBuffer.wrap(new byte[] {1, 2, 3});
        long _ = log.append(bytes, 1);
        bytes.put(0, (byte) 9);
        assertEquals(1, shard.answer(new Unknown("test")).get(0));
    }

    @Test
    void refusalAtOnceUndoesTheAppendAndKeepsTheLead() {
        assertEquals(11, append(1));
        shard.atOnce = Optional.of(new Refused(Reason.STORAGE_FULL, Duration.ZERO));
        assertThrows(NotEnoughReplicasException.class, () -> append(1));
        shard.atOnce = Optional.of(new Refused(Reason.SHARD_UNAVAILABLE, Duration.ZERO));
        assertThrows(NotLeaderOrFollowerException.class, () -> append(1));
        shard.atOnce = Optional.empty();
        assertEquals(12, append(1));
        shard.stored(10);
        shard.stored(11);
        assertEquals(List.of(10L, 11L, 12L), watermarks);
        assertEquals(List.of(), lost);
        assertTrue(log.leading());
    }

    @Test
    void anotherOffsetThanForeseenEndsTheLead() {
        assertEquals(11, append(1));
        shard.stored(11);
        assertEquals(1, lost.size());
        assertEquals(List.of(10L), watermarks);
        assertThrows(NotLeaderOrFollowerException.class, () -> append(1));
    }

    @Test
    void whatIsUnderWayEndsBeforeTheLogIsReadAnew() {
        assertEquals(11, append(1));
        assertEquals(12, append(1));
        ByteBuffer _ = shard.answer(new Unknown("the shard's log failed"));
        assertEquals(1, lost.size());
        assertFalse(log.settled());
        ByteBuffer _ = shard.answer(new Refused(Reason.SHARD_UNAVAILABLE, Duration.ZERO));
        assertTrue(log.settled());
        assertEquals(1, lost.size(), "told once");
        assertEquals(List.of(10L), watermarks);
    }

    @Test
    void answersToAnEarlierLeadMoveNothing() {
        assertEquals(11, append(1));
        log.resign();
        shard.stored(10);
        assertEquals(List.of(10L), watermarks);
        assertTrue(log.settled());
    }

    @Test
    void shardThatWasOpenedAnewWithTheSameRecordsIsGoneOnWith() {
        shard.epoch = 2;
        assertEquals(11, append(1));
        assertEquals(List.of(), lost);
    }

    @Test
    void shardThatWasOpenedAnewWithMoreThanWasKnownEndsTheLead() {
        shard.epoch = 2;
        shard.end = 12;
        assertThrows(NotLeaderOrFollowerException.class, () -> append(1));
        assertEquals(1, lost.size());
        assertEquals(0, shard.waiting());
    }

    @Test
    void batchThatIsTooLargeIsRefusedAtOnce() {
        ByteBuffer large = ByteBuffer.allocate(MAX_BYTES + 1);
        assertThrows(RecordTooLargeException.class, () -> log.append(large, 1));
        assertEquals(0, shard.waiting());
        assertTrue(log.leading());
    }
}
