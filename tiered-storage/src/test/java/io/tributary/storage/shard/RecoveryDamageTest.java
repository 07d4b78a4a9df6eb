package io.tributary.storage.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.log.FileLedgerStore;
import io.tributary.log.LedgerStore;
import io.tributary.storage.log.ShardManifest.SnapshotRef;
import io.tributary.storage.state.ShardState;
import io.tributary.storage.tiering.Snapshots;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cuts and flips in what a shard is recovered from: snapshots and ledgers. */
class RecoveryDamageTest {
    @TempDir Path folder;
    private World world;
    private PartitionId a;

    @BeforeEach
    void start() throws Exception {
        world = new World(folder);
        a = world.topic(1);
        world.ledgers = files();
        world.start();
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
        world.ledgers.close();
    }

    private LedgerStore files() throws IOException {
        return new FileLedgerStore(folder.resolve("ledgers"), Thread.ofPlatform().factory());
    }

    private SnapshotRef snapshot() throws Exception {
        world.append(a, "tiered");
        world.retry(a, 5, 77, 0, "once");
        world.shards.flush();
        return world.manifests.current().snapshot().orElseThrow();
    }

    private Path copy(SnapshotRef ref) {
        return folder.resolve(ref.key());
    }

    @Test
    void damagedSnapshotIsReportedAndNeverLoaded() throws Exception {
        SnapshotRef ref = snapshot();
        Files.delete(copy(ref));
        byte[] whole = world.objects.objects.get(ref.key());
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= (byte) (1 << at % 8);
            world.objects.objects.put(ref.key(), flipped);
            CorruptDataException damage =
                    assertThrows(
                            CorruptDataException.class,
                            () -> Snapshots.read(folder.resolve("snapshots"), world.objects, ref));
            assertTrue(damage.getMessage().contains("snapshot " + ref.key()));
            assertTrue(damage.getMessage().contains("Restore the object"));
            world.objects.objects.put(ref.key(), Arrays.copyOf(whole, at));
            assertThrows(
                    IOException.class,
                    () -> Snapshots.read(folder.resolve("snapshots"), world.objects, ref));
        }
    }

    @Test
    void damagedOrCutCopyOfASnapshotIsDroppedAndTheStoreIsRead() throws Exception {
        SnapshotRef ref = snapshot();
        byte[] whole = world.objects.objects.get(ref.key());
        assertTrue(Arrays.equals(whole, Files.readAllBytes(copy(ref))));
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= (byte) (1 << at % 8);
            for (byte[] damaged : List.of(flipped, Arrays.copyOf(whole, at))) {
                Files.write(copy(ref), damaged);
                assertEquals(
                        ByteBuffer.wrap(whole),
                        Snapshots.read(folder.resolve("snapshots"), world.objects, ref));
                assertFalse(Files.exists(copy(ref)));
            }
        }
    }

    @Test
    void snapshotsOwnChecksumsLetNoDamageIntoTheState() throws Exception {
        byte[] whole = world.objects.objects.get(snapshot().key());
        for (int at = 0; at < whole.length; at++) {
            if (at >= 5 && at < 13) {
                // The epoch, which the manifest's checksum of the whole snapshot covers.
                continue;
            }
            byte[] flipped = whole.clone();
            flipped[at] ^= (byte) (1 << at % 8);
            for (byte[] damaged : List.of(flipped, Arrays.copyOf(whole, at))) {
                ShardState state = new ShardState(Duration.ofHours(1), Duration.ofHours(1));
                assertThrows(
                        MalformedBytesException.class,
                        () -> state.load(ByteBuffer.wrap(damaged)),
                        "at " + at);
            }
        }
    }

    private Path newestLedger() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("ledgers"))) {
            return files.filter(file -> file.toString().endsWith(".ledger"))
                    .max(Path::compareTo)
                    .orElseThrow();
        }
    }

    /** A cut in the last writes before a crash loses them, and nothing that was there before. */
    @Test
    void shardRecoversFromACutAnywhereInItsLastTwoEntries() throws Exception {
        List<String> values = List.of("one", "two", "three");
        world.append(a, "one");
        Path ledger = newestLedger();
        int one = (int) Files.size(ledger);
        world.append(a, "two");
        int two = (int) Files.size(ledger);
        world.append(a, "three");
        byte[] whole = Files.readAllBytes(ledger);
        world.crash();
        for (int length = one; length <= whole.length; length += 5) {
            Files.write(ledger, Arrays.copyOf(whole, length));
            try (LedgerStore store = files()) {
                world.ledgers = store;
                world.manifests.forgetLedgersAfter(0);
                world.start();
                int expected = length == whole.length ? 3 : length >= two ? 2 : 1;
                assertEquals(values.subList(0, expected), world.read(a, 0), "cut at " + length);
                world.crash();
            }
        }
        Files.write(ledger, whole);
        world.ledgers = files();
        world.start();
    }

    @Test
    void ledgerThatLostWhatALaterOneGoesOnFromIsReported() throws Exception {
        world.append(a, "one");
        world.append(a, "two");
        Path first = newestLedger();
        byte[] whole = Files.readAllBytes(first);
        world.crash();
        world.ledgers.close();
        world.ledgers = files();
        world.start();
        world.append(a, "three");
        world.crash();
        world.ledgers.close();
        // Without its closing frame and its last entry the file looks like one of a crash.
        Files.write(first, Arrays.copyOf(whole, whole.length - 1));
        world.ledgers = files();
        CorruptDataException damage = assertThrows(CorruptDataException.class, world::start);
        assertTrue(damage.getMessage().contains("continues at 1"), damage.getMessage());
        Files.write(first, whole);
        world.ledgers.close();
        world.ledgers = files();
        world.start();
        assertEquals(List.of("one", "two", "three"), world.read(a, 0));
    }
}
