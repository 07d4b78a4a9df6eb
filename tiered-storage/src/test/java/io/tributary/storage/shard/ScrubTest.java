package io.tributary.storage.shard;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.Receipt;
import io.tributary.storage.ScrubReport;
import io.tributary.storage.StorageSettings;
import io.tributary.storage.object.ObjectStoreException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScrubTest {
    private static final String ORPHAN =
            "objects/0/0000000000000001-00000000-0000-0000-0000-000000000001";
    private static final String OLD_SNAPSHOT =
            "snapshots/0/0000000000000001-00000000-0000-0000-0000-000000000002";

    @TempDir Path folder;
    private World world;
    private PartitionId a;

    @BeforeEach
    void start() throws Exception {
        world = new World(folder);
        a = world.topic(1);
        world.start();
        world.append(a, "kept");
        world.shards.flush();
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    private String live() {
        return world.objectKeys().getFirst();
    }

    private static StorageSettings with(StorageSettings old, Duration grace, Duration every) {
        return new StorageSettings(
                old.owner(),
                old.flushBytes(),
                old.flushAge(),
                old.backlogBytes(),
                old.ledgerBytes(),
                old.retryWindow(),
                old.maxRetryKeysPerTenant(),
                old.producerExpiration(),
                grace,
                new StorageSettings.Scrubbing(every, old.scrubbing().verifyBytes()),
                old.tier());
    }

    @Test
    void everyObjectIsExplainedAndOrphansAreRemovedWithAReceipt() throws Exception {
        world.objects.objects.put(ORPHAN, new byte[10]);
        world.objects.objects.put(OLD_SNAPSHOT, new byte[20]);
        world.objects.objects.put("objects/9/0000000000000001-x", new byte[10]);
        ScrubReport report = world.shards.scrub();
        assertEquals(5, report.listed().objects());
        assertEquals(new ScrubReport.Causes(1, 0, 0, 1, 0, 2, 1), report.causes());
        assertEquals(0, report.unexplained());
        assertTrue(report.wrong().nothing());
        assertEquals(1, report.verification().objects());
        assertFalse(world.objects.objects.containsKey(ORPHAN));
        assertFalse(world.objects.objects.containsKey(OLD_SNAPSHOT));
        assertTrue(world.objects.objects.containsKey("objects/9/0000000000000001-x"));
        Receipt receipt = world.receipts().getFirst();
        assertEquals(Receipt.Why.ORPHANED, receipt.why());
        assertEquals(List.of(ORPHAN, OLD_SNAPSHOT), receipt.objects());
        assertEquals(30, receipt.bytes());
        assertTrue(receipt.confirmedAtMillis().isPresent());
        assertEquals(report, world.shards.lastScrub());
        assertEquals(0, world.shards.scrub().causes().orphansRemoved());
        assertEquals(List.of("kept"), world.read(a, 0));
    }

    @Test
    void orphanInGraceStays() throws Exception {
        world.close();
        world.storage = with(world.storage, Duration.ofDays(40_000), Duration.ZERO);
        world.start();
        world.objects.objects.put(ORPHAN, new byte[10]);
        ScrubReport report = world.shards.scrub();
        assertEquals(1, report.causes().orphansInGrace());
        assertEquals(0, report.unexplained());
        assertTrue(world.objects.objects.containsKey(ORPHAN));
    }

    @Test
    void orphanWhoseDeletionACrashInterruptedIsDeletedAfterIt() throws Exception {
        world.objects.objects.put(ORPHAN, new byte[10]);
        world.objects.deletesUnanswered.set(true);
        assertThrows(ObjectStoreException.class, () -> world.shards.scrub());
        world.restart();
        assertEquals(1, world.receipts().size());
        world.objects.objects.put(ORPHAN, new byte[10]);
        world.objects.deletesUnanswered.set(false);
        await().atMost(20, TimeUnit.SECONDS)
                .until(() -> world.receipts().getFirst().confirmedAtMillis().isPresent());
        assertFalse(world.objects.objects.containsKey(ORPHAN));
    }

    @Test
    void missingAndShortenedObjectsAreReported() throws Exception {
        String shortened = live();
        world.objects.objects.put(
                shortened, Arrays.copyOf(world.objects.objects.get(shortened), 9));
        world.append(a, "lost");
        world.shards.flush();
        String lost =
                world.objectKeys().stream().filter(key -> !key.equals(shortened)).findFirst().get();
        world.objects.objects.remove(lost);
        ScrubReport report = world.shards.scrub();
        assertEquals(List.of(lost), report.wrong().missing());
        assertEquals(List.of(shortened), report.wrong().wrongSize());
        assertEquals(0, report.unexplained());
    }

    @Test
    void aListingThatLagsLeadsToNoWrongReport() throws Exception {
        world.objects.unlisted.add(live());
        world.objects.ghosts.put(ORPHAN, 10);
        ScrubReport report = world.shards.scrub();
        assertTrue(report.wrong().nothing());
        assertEquals(0, report.causes().orphansRemoved());
        assertEquals(0, report.unexplained());
        assertEquals(List.of(), world.receipts());
        assertEquals(1, world.objectKeys().size());
    }

    @Test
    void flippedBitIsFoundBeforeAReaderFindsIt() throws Exception {
        byte[] content = world.objects.objects.get(live()).clone();
        content[100] ^= 1;
        world.objects.objects.put(live(), content);
        assertEquals(List.of(live()), world.shards.scrub().wrong().damaged());
    }

    @Test
    void objectOfALaterOwnerIsLeftAndCountedAsUnexplained() throws Exception {
        String later = "objects/0/00000000000000ff-00000000-0000-0000-0000-000000000001";
        world.objects.objects.put(later, new byte[10]);
        assertEquals(1, world.shards.scrub().unexplained());
        assertTrue(world.objects.objects.containsKey(later));
    }

    @Test
    void nodeScrubsByItself() throws Exception {
        world.close();
        world.storage = with(world.storage, Duration.ZERO, Duration.ofMillis(50));
        world.objects.objects.put(ORPHAN, new byte[10]);
        world.start();
        await().atMost(20, TimeUnit.SECONDS)
                .until(() -> !world.objects.objects.containsKey(ORPHAN));
        await().atMost(20, TimeUnit.SECONDS)
                .until(() -> world.shards.lastScrub().finishedAtMillis() > 0);
    }
}
