package io.tributary.storage.shard;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.PartitionId;
import io.tributary.log.MemoryLedgerStore;
import io.tributary.storage.AppendOutcome;
import io.tributary.storage.AppendOutcome.Appended;
import io.tributary.storage.AppendOutcome.Reason;
import io.tributary.storage.AppendOutcome.Refused;
import io.tributary.storage.ShardUnavailableException;
import io.tributary.storage.shard.FaultyLedgers.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReadOnlyTest {
    @TempDir Path folder;
    private World world;
    private FaultyLedgers ledgers;
    private PartitionId a;

    @BeforeEach
    void start() throws Exception {
        world = new World(folder);
        a = world.topic(1);
        breakable();
        world.start();
    }

    private void breakable() {
        ledgers = new FaultyLedgers(new MemoryLedgerStore(world.disk, Runnable::run));
        world.ledgers = ledgers;
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    private void eventually(org.awaitility.core.ThrowingRunnable check) {
        await().pollInterval(10, TimeUnit.MILLISECONDS)
                .atMost(20, TimeUnit.SECONDS)
                .untilAsserted(check);
    }

    private static Reason reason(AppendOutcome outcome) {
        return assertInstanceOf(Refused.class, outcome).reason();
    }

    private long epoch() {
        return world.manifests.current().epoch();
    }

    @ParameterizedTest
    @EnumSource(names = {"FULL", "SYNC"})
    void failedLedgerKeepsReadsRefusesProduceAndIsReplacedWhenItCan(Fault fault) throws Exception {
        Reason reason = fault == Fault.FULL ? Reason.STORAGE_FULL : Reason.SHARD_UNAVAILABLE;
        world.append(a, "acked");
        long before = epoch();
        ledgers.both(fault);
        assertInstanceOf(AppendOutcome.Unknown.class, world.append(a, "lost"));
        for (int i = 0; i < 200; i++) {
            assertEquals(List.of("acked"), world.read(a, 0));
            assertTrue(world.shards.ready());
        }
        eventually(() -> assertEquals(1, world.shards.readOnly()));
        eventually(() -> assertEquals(reason, reason(world.append(a, "refused"))));
        assertEquals(List.of("acked"), world.read(a, 0));
        assertThrows(ShardUnavailableException.class, world.shards::flush);
        assertThrows(ShardUnavailableException.class, world.shards::scrub);
        ledgers.both(Fault.NONE);
        eventually(() -> assertInstanceOf(Appended.class, world.append(a, "again")));
        assertTrue(epoch() > before);
        assertEquals(0, world.shards.readOnly());
        assertEquals(List.of("acked", "again"), world.read(a, 0));
        world.restart();
        assertEquals(List.of("acked", "again"), world.read(a, 0));
    }

    @Test
    void waitingForRoomTakesNoEpochsAndLeavesNoLedgers() throws Exception {
        world.append(a, "acked");
        ledgers.both(Fault.FULL);
        world.append(a, "lost");
        eventually(() -> assertEquals(1, world.shards.readOnly()));
        eventually(() -> assertEquals(Reason.STORAGE_FULL, reason(world.append(a, "refused"))));
        long waiting = epoch();
        int there = ledgers.list().size();
        ledgers.creating.set(Fault.NONE);
        // Ledgers can be made, but take nothing: each try costs an epoch, and they get rarer.
        eventually(() -> assertTrue(epoch() > waiting));
        ledgers.both(Fault.NONE);
        eventually(() -> assertInstanceOf(Appended.class, world.append(a, "again")));
        assertTrue(epoch() - waiting < 20, () -> "epochs " + (epoch() - waiting));
        assertTrue(ledgers.list().size() - there < 20);
        world.shards.flush();
        assertEquals(1, ledgers.list().size());
    }

    @Test
    void shardStartsReadOnlyWithoutRoomForALedger() throws Exception {
        world.append(a, "acked");
        world.crash();
        breakable();
        ledgers.both(Fault.FULL);
        world.start();
        assertEquals(List.of("acked"), world.read(a, 0));
        assertTrue(world.shards.ready());
        assertEquals(Reason.STORAGE_FULL, reason(world.append(a, "refused")));
        ledgers.both(Fault.NONE);
        eventually(() -> assertInstanceOf(Appended.class, world.append(a, "again")));
        assertEquals(List.of("acked", "again"), world.read(a, 0));
    }

    @Test
    void brokenLedgersAtTheStartAreReported() throws Exception {
        world.crash();
        breakable();
        ledgers.both(Fault.SYNC);
        assertThrows(IOException.class, world::start);
        ledgers.both(Fault.NONE);
        world.start();
    }

    @Test
    void readerWaitsOnWhileTheShardIsReadOnlyAndIsWokenByTheNextRecord() throws Exception {
        world.append(a, "acked");
        ledgers.both(Fault.FULL);
        world.append(a, "lost");
        eventually(() -> assertEquals(1, world.shards.readOnly()));
        CompletableFuture<Void> seen = new CompletableFuture<>();
        waitFor(seen);
        assertFalse(seen.isDone());
        ledgers.both(Fault.NONE);
        eventually(() -> assertInstanceOf(Appended.class, world.append(a, "again")));
        seen.get(10, TimeUnit.SECONDS);
    }

    /** Waits as a reader does: called back it looks again, and waits on where nothing came. */
    private void waitFor(CompletableFuture<Void> seen) {
        try {
            if (world.shard().offsets(a).highWatermark() > 1) {
                seen.complete(null);
            } else {
                world.shard().watch(a, 1, () -> Thread.ofVirtual().start(() -> waitFor(seen)));
            }
        } catch (IOException e) {
            seen.completeExceptionally(e);
        }
    }

    @Test
    void metadataThatIsAwayKeepsReadsAndTheShardOpensWhenItIsBack() throws Exception {
        world.append(a, "acked");
        world.manifests.failing = World.Manifests.Failing.BEFORE;
        ledgers.appending.set(Fault.SYNC);
        assertInstanceOf(AppendOutcome.Unknown.class, world.append(a, "lost"));
        ledgers.appending.set(Fault.NONE);
        eventually(() -> assertEquals(1, world.shards.readOnly()));
        assertEquals(List.of("acked"), world.read(a, 0));
        world.manifests.failing = World.Manifests.Failing.AFTER;
        eventually(() -> assertEquals(Reason.SHARD_UNAVAILABLE, reason(world.append(a, "no"))));
        assertEquals(List.of("acked"), world.read(a, 0));
        world.manifests.failing = World.Manifests.Failing.NEVER;
        eventually(() -> assertInstanceOf(Appended.class, world.append(a, "again")));
        world.restart();
        assertEquals(List.of("acked", "again"), world.read(a, 0));
    }

    @Test
    void lowDiskGivesUpCopiesThenRefusesProduceWhileReadsAndTieringGoOn() throws Exception {
        world.append(a, "tiered");
        world.shards.flush();
        assertTrue(world.local().sizeBytes() > 0);
        world.append(a, "logged");
        world.usable.set(World.RESERVE_BYTES - 1);
        eventually(() -> assertTrue(world.reserve.low()));
        assertEquals(Reason.STORAGE_FULL, reason(world.append(a, "refused")));
        assertEquals(0, world.local().sizeBytes());
        assertEquals(List.of("tiered", "logged"), world.read(a, 0));
        assertEquals(1, world.shards.flush().objects());
        assertEquals(List.of("tiered", "logged"), world.read(a, 0));
        assertTrue(world.shards.ready());
        world.usable.set(2 * World.RESERVE_BYTES);
        eventually(() -> assertInstanceOf(Appended.class, world.append(a, "again")));
        assertEquals(List.of("tiered", "logged", "again"), world.read(a, 0));
    }

    @Test
    void noRoomForALocalObjectStopsTieringOnly() throws Exception {
        world.append(a, "one");
        Path inTheWay = Files.createFile(folder.resolve("objects").resolve("0"));
        assertThrows(IOException.class, world.shards::flush);
        assertInstanceOf(Appended.class, world.append(a, "two"));
        assertEquals(List.of("one", "two"), world.read(a, 0));
        Files.delete(inTheWay);
        assertEquals(1, world.shards.flush().objects());
        assertEquals(List.of("one", "two"), world.read(a, 0));
    }

    @Test
    void noRoomForALocalSnapshotStopsNothing() throws Exception {
        Path snapshots = Files.createFile(folder.resolve("snapshots"));
        for (int i = 0; i < 3; i++) {
            world.append(a, "v" + i);
            world.shards.flush();
            assertEquals(1, ledgers.list().size());
        }
        Files.delete(snapshots);
        world.restart();
        assertEquals(List.of("v0", "v1", "v2"), world.read(a, 0));
    }

    @Test
    void everyAckedRecordSurvivesAnyNumberOfFaults() throws Exception {
        List<String> acked = new ArrayList<>();
        for (int i = 0; i < 28; i++) {
            ledgers.appending.set(
                    switch (i % 7) {
                        case 3 -> Fault.FULL;
                        case 5 -> Fault.SYNC;
                        default -> Fault.NONE;
                    });
            ledgers.creating.set(i % 3 == 0 ? Fault.FULL : Fault.NONE);
            // Long enough for what fails next to be opened again without a pause.
            world.now.updateAndGet(now -> now.plusSeconds(60));
            String value = "v" + i;
            // One key for each record, as a producer that tries again until it is told.
            long key = i;
            eventually(
                    () -> {
                        AppendOutcome outcome = world.retry(a, key, 1, 0, value);
                        ledgers.both(Fault.NONE);
                        assertInstanceOf(Appended.class, outcome);
                    });
            acked.add(value);
            assertEquals(acked, world.read(a, 0));
        }
        world.restart();
        assertEquals(acked, world.read(a, 0));
    }
}
