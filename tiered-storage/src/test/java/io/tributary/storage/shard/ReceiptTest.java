package io.tributary.storage.shard;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.Receipt;
import io.tributary.storage.Receipt.Records;
import io.tributary.storage.Receipt.Why;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReceiptTest {
    @TempDir Path folder;
    private World world;
    private PartitionId a;
    private PartitionId b;

    @BeforeEach
    void start() throws Exception {
        world = new World(folder);
        a = world.topic(1);
        b = world.topic(2);
        world.start();
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    private static void eventually(ThrowingRunnable check) {
        await().atMost(20, TimeUnit.SECONDS).untilAsserted(check);
    }

    @Test
    void receiptSurvivesACrashBetweenTheStoresDeletionAndItsConfirmation() throws Exception {
        world.retain(a, Duration.ofMinutes(1));
        world.append(a, "0", "1");
        world.shards.flush();
        String object = world.objectKeys().getFirst();
        long bytes = world.shard().tiers(a).objectStore().getFirst().bytes();
        world.append(a, "logged");
        world.objects.deletesUnanswered.set(true);
        world.pass(Duration.ofMinutes(2));
        eventually(() -> assertEquals(List.of(), world.objectKeys()));
        world.restart();
        Receipt waiting = world.receipts().getFirst();
        assertEquals(OptionalLong.empty(), waiting.confirmedAtMillis());
        world.pass(Duration.ofSeconds(10));
        world.objects.deletesUnanswered.set(false);
        eventually(() -> assertTrue(world.receipts().getFirst().confirmedAtMillis().isPresent()));
        world.shards.flush();
        world.restart();
        assertEquals(1, world.receipts().size());
        Receipt receipt = world.receipts().getFirst();
        assertEquals(Why.RETENTION, receipt.why());
        assertEquals(Optional.of(new Records(a, 0, 3)), receipt.records());
        assertEquals(List.of(object), receipt.objects());
        assertTrue(receipt.bytes() > bytes);
        assertTrue(receipt.confirmedAtMillis().getAsLong() > receipt.decidedAtMillis());
    }

    @Test
    void whatNeverWasInTheStoreIsConfirmedAtOnce() throws Exception {
        world.retain(a, Duration.ofMinutes(1));
        world.append(a, "0");
        world.pass(Duration.ofMinutes(2));
        eventually(() -> assertEquals(1, world.receipts().size()));
        Receipt receipt = world.receipts().getFirst();
        assertEquals(List.of(), receipt.objects());
        assertEquals(OptionalLong.of(receipt.decidedAtMillis()), receipt.confirmedAtMillis());
    }

    @Test
    void removedTopicIsConfirmedWhenThePackItSharedIsGone() throws Exception {
        world.append(a, "0", "1");
        world.append(b, "stays");
        world.shards.flush();
        String pack = world.objectKeys().getFirst();
        world.append(a, "2");
        world.shards.removeTopics(List.of(a.topic()), Why.TENANT_DELETED);
        eventually(
                () -> {
                    List<Receipt> receipts = world.receipts();
                    assertEquals(2, receipts.size());
                    assertEquals(Why.TENANT_DELETED, receipts.getFirst().why());
                    assertEquals(Optional.of(new Records(a, 0, 3)), receipts.getFirst().records());
                    assertEquals(Why.REWRITTEN, receipts.getLast().why());
                    for (Receipt receipt : receipts) {
                        assertEquals(List.of(pack), receipt.objects());
                        assertTrue(receipt.confirmedAtMillis().isPresent());
                    }
                });
        assertEquals(List.of("stays"), world.read(b, 0));
    }

    @Test
    void queriesPageInTheOrderOfTheLastChange() throws Exception {
        for (int i = 0; i < 3; i++) {
            PartitionId topic = world.topic(10 + i);
            world.append(topic, "x");
            world.shard().deleteRecords(topic, OptionalLong.empty());
            world.pass(Duration.ofSeconds(1));
        }
        List<Receipt> first =
                world.shards.receipts(new Receipt.Query(0, Optional.empty(), Optional.empty(), 2));
        assertEquals(2, first.size());
        List<Receipt> rest =
                world.shards.receipts(
                        new Receipt.Query(
                                0, Optional.of(first.getLast().place()), Optional.empty(), 2));
        assertEquals(List.of(2L), rest.stream().map(Receipt::number).toList());
        assertEquals(
                rest,
                world.shards.receipts(
                        new Receipt.Query(
                                rest.getFirst().decidedAtMillis(),
                                Optional.empty(),
                                Optional.empty(),
                                10)));
        assertEquals(
                first.subList(1, 2),
                world.shards.receipts(
                        new Receipt.Query(
                                0, Optional.empty(), Optional.of(world.topic(11).topic()), 10)));
    }
}
