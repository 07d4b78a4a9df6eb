package io.tributary.storage.shard;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.DeleteOutcome;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.Receipt;
import io.tributary.storage.Receipt.Why;
import io.tributary.storage.Shard.Offsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeleteRecordsTest {
    @TempDir Path folder;
    private World world;
    private PartitionId a;

    @BeforeEach
    void start() throws Exception {
        world = new World(folder);
        a = world.topic(1);
        world.start();
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    private static void eventually(ThrowingRunnable check) {
        await().atMost(20, TimeUnit.SECONDS).untilAsserted(check);
    }

    private DeleteOutcome delete(long before) throws Exception {
        return world.shard().deleteRecords(a, OptionalLong.of(before));
    }

    @Test
    void recordsBelowTheOffsetAreGoneFromLogAndStoreAndStayGone() throws Exception {
        world.append(a, "0", "1");
        world.append(a, "2");
        world.shards.flush();
        world.append(a, "3");
        world.append(a, "4");
        assertEquals(new DeleteOutcome.Deleted(4), delete(4));
        assertEquals(new Offsets(4, 5), world.shard().offsets(a));
        world.restart();
        assertEquals(new Offsets(4, 5), world.shard().offsets(a));
        assertEquals(List.of("4"), world.read(a, 4));
        eventually(() -> assertEquals(List.of(), world.objectKeys()));
    }

    @Test
    void withoutAnOffsetEverythingGoesAndTheNextRecordContinues() throws Exception {
        world.append(a, "0", "1", "2");
        assertEquals(
                new DeleteOutcome.Deleted(3), world.shard().deleteRecords(a, OptionalLong.empty()));
        assertEquals(new Offsets(3, 3), world.shard().offsets(a));
        world.append(a, "3");
        assertEquals(List.of("3"), world.read(a, 3));
    }

    @Test
    void offsetBeyondTheEndIsRefusedAndOneBelowTheStartChangesNothing() throws Exception {
        world.append(a, "0", "1");
        assertEquals(new DeleteOutcome.OutOfRange(new Offsets(0, 2)), delete(3));
        assertEquals(new Offsets(0, 2), world.shard().offsets(a));
        assertEquals(new DeleteOutcome.Deleted(1), delete(1));
        assertEquals(new DeleteOutcome.Deleted(1), delete(0));
        assertEquals(List.of("1"), world.read(a, 1));
        assertEquals(1, world.receipts().size());
    }

    @Test
    void logStartWithinASegmentKeepsTheRestReadableAndTheObject() throws Exception {
        world.append(a, "0");
        world.append(a, "1");
        world.append(a, "2");
        world.shards.flush();
        String object = world.objectKeys().getFirst();
        assertEquals(new DeleteOutcome.Deleted(1), delete(1));
        assertEquals(List.of("1", "2"), world.read(a, 1));
        Receipt first = world.receipts().getFirst();
        assertEquals(List.of(object), first.objects());
        assertEquals(OptionalLong.empty(), first.confirmedAtMillis());
        world.restart();
        assertEquals(List.of("1", "2"), world.read(a, 1));
        delete(3);
        eventually(() -> assertEquals(List.of(), world.objectKeys()));
        eventually(
                () -> {
                    Receipt whole = world.receipts().getFirst();
                    assertEquals(Why.RECORDS_DELETED, whole.why());
                    assertEquals(Optional.of(new Receipt.Records(a, 0, 3)), whole.records());
                    assertEquals(true, whole.confirmedAtMillis().isPresent());
                });
    }

    @Test
    void topicWhosePolicyHasNoDeleteKeepsItsRecords() throws Exception {
        PartitionSettings old = world.settings.get(a.topic());
        world.settings.put(
                a.topic(),
                new PartitionSettings(
                        old.maxMessageBytes(),
                        old.compression(),
                        old.timestamps(),
                        false,
                        old.retention(),
                        old.retentionBytes(),
                        old.localRetention(),
                        old.localRetentionBytes(),
                        old.segmentBytes(),
                        old.segmentAge()));
        world.append(a, "0");
        assertEquals(new DeleteOutcome.AgainstPolicy(), delete(1));
        assertEquals(List.of("0"), world.read(a, 0));
        PartitionId nowhere = new PartitionId(new TopicId(new UUID(9, 9)), 0);
        assertEquals(
                new DeleteOutcome.PartitionGone(),
                world.shard().deleteRecords(nowhere, OptionalLong.empty()));
    }
}
