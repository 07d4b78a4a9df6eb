package io.tributary.storage.cache;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.cache.SegmentReader.Place;
import io.tributary.storage.object.ObjectStoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ColdReadTest {
    private static final int MIB = 1 << 20;
    private static final PartitionId A = ColdTier.partition(1);
    private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

    @TempDir Path folder;
    private final CountedStore store = new CountedStore();

    private ColdTier tier(long chunkBytes, long diskBytes) throws IOException {
        return tier(chunkBytes, diskBytes, Runnable::run);
    }

    private ColdTier tier(long chunkBytes, long diskBytes, Executor fetching) throws IOException {
        return new ColdTier(
                store,
                folder,
                new CacheSettings(chunkBytes, MIB, 64 * MIB, diskBytes, 1 << 30),
                fetching);
    }

    /** Segments of so many MiB, one after the other, each in an object of its own. */
    private static List<Place> large(ColdTier tier, int segments, int mib) throws IOException {
        int batches = mib * MIB / ColdTier.BATCH_BYTES;
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < segments; i++) {
            places.addAll(tier.store(List.of(A), (long) i * batches, batches));
        }
        return places;
    }

    /** Segments of 64 KiB, each in a pack of 8 partitions. */
    private static List<Place> thin(ColdTier tier, int packs) throws IOException {
        List<PartitionId> partitions = IntStream.range(0, 8).mapToObj(ColdTier::partition).toList();
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < packs; i++) {
            places.add(tier.store(partitions, i * 4L, 4).get(1));
        }
        return places;
    }

    @Test
    void monthOfAThinPartitionTakesOneSmallRequestForEachPack() throws Exception {
        ColdTier tier = tier(4 * MIB, 0);
        List<Place> month = thin(tier, 90);
        tier.readAll(month, MIB);
        assertEquals(90, store.reads.size());
        assertTrue(store.bytesRead() < 90 * 66_000, () -> store.bytesRead() + " bytes");
        assertEquals(0, tier.caches.counts().aheadWastedBytes());
    }

    @Test
    void thinSegmentsAreAskedForTogether() throws Exception {
        ColdTier tier = tier(4 * MIB, 0, THREADS);
        List<Place> month = thin(tier, 16);
        CountDownLatch held = store.hold();
        CompletableFuture<Long> next = read(tier, month, 0, MIB);
        await().atMost(10, TimeUnit.SECONDS).until(() -> store.waiting.get() == 16);
        held.countDown();
        assertEquals(64, next.get(10, TimeUnit.SECONDS));
    }

    @Test
    void readerInOrderGetsLargeRequestsAcrossSegments() throws Exception {
        ColdTier tier = tier(8 * MIB, 0);
        List<Place> month = large(tier, 3, 32);
        tier.readAll(month, MIB);
        // An index for each segment, 96 MiB by up to 8 at a time, and the first small ones.
        assertTrue(store.reads.size() <= 3 + 12 + 9, () -> store.reads.toString());
        assertTrue(store.bytesRead() < 97L * MIB, () -> store.bytesRead() + " bytes");
        assertTrue(store.reads.stream().noneMatch(get -> get.length() > 9 * MIB));
        assertEquals(0, tier.caches.counts().aheadWastedBytes());
        assertTrue(tier.caches.counts().aheadUsedBytes() > 90L * MIB);
    }

    @Test
    void readAheadRunsIntoTheNextSegmentBeforeTheReaderIsThere() throws Exception {
        ColdTier tier = tier(8 * MIB, 0);
        List<Place> month = large(tier, 2, 8);
        long offset = 0;
        while (offset < month.getFirst().segment().endOffset() - 64) {
            offset = tier.read(month, offset, MIB);
        }
        String next = month.getLast().object().key();
        assertTrue(store.reads.stream().anyMatch(get -> get.key().equals(next)));
    }

    @Test
    void randomReadsFetchWhatTheyAskForAndNothingAhead() throws Exception {
        ColdTier tier = tier(8 * MIB, 0);
        List<Place> month = large(tier, 1, 64);
        for (long offset : new long[] {4_000, 100, 2_000, 700, 3_000, 1_300}) {
            tier.read(month, offset, 1_000);
        }
        assertEquals(1 + 6, store.reads.size());
        assertTrue(store.bytesRead() < 8 * MIB, () -> store.bytesRead() + " bytes");
        assertEquals(0, tier.caches.chunks().aheadBytes());
    }

    @Test
    void readersOfTheSameRangeAtOnceShareOneRequest() throws Exception {
        ColdTier tier = tier(8 * MIB, 0, THREADS);
        List<Place> month = large(tier, 1, 8);
        tier.read(month, 500, 1_000);
        store.reads.clear();
        CountDownLatch held = store.hold();
        CompletableFuture<Long> one = read(tier, month, 0, 1_000);
        CompletableFuture<Long> two = read(tier, month, 0, 1_000);
        await().atMost(10, TimeUnit.SECONDS).until(() -> tier.caches.counts().shared() == 1);
        held.countDown();
        assertEquals(one.get(10, TimeUnit.SECONDS), two.get(10, TimeUnit.SECONDS));
        assertEquals(1, store.reads.size());
    }

    @Test
    void readerThatGoesAwayLeavesTheFetchToTheOthers() throws Exception {
        ColdTier tier = tier(8 * MIB, 0, THREADS);
        List<Place> month = thin(tier, 1);
        CountDownLatch held = store.hold();
        AtomicInteger interrupted = new AtomicInteger();
        Thread leaving =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        tier.read(month, 0, 1_000);
                                    } catch (IOException e) {
                                        interrupted.incrementAndGet();
                                    }
                                });
        await().atMost(10, TimeUnit.SECONDS).until(() -> store.waiting.get() == 1);
        CompletableFuture<Long> staying = read(tier, month, 0, 1_000);
        await().atMost(10, TimeUnit.SECONDS).until(() -> tier.caches.counts().shared() == 1);
        leaving.interrupt();
        leaving.join();
        assertEquals(1, interrupted.get());
        held.countDown();
        assertEquals(1, staying.get(10, TimeUnit.SECONDS));
        assertEquals(1, store.reads.size());
    }

    @Test
    void failureIsToldAndNotKept() throws Exception {
        ColdTier tier = tier(8 * MIB, 0);
        List<Place> month = large(tier, 1, 4);
        store.away.set(true);
        for (int i = 0; i < 3; i++) {
            ObjectStoreException problem =
                    assertThrows(ObjectStoreException.class, () -> tier.read(month, 0, MIB));
            assertEquals(ObjectStoreException.Kind.UNAVAILABLE, problem.kind());
        }
        store.away.set(false);
        assertEquals(64, tier.read(month, 0, MIB));
    }

    @Test
    void bytesThatCameDamagedAreFetchedAgainAndADamagedObjectIsNeverServed() throws Exception {
        ColdTier tier = tier(8 * MIB, 64 * MIB);
        List<Place> month = large(tier, 1, 4);
        String key = month.getFirst().object().key();
        tier.read(month, 200, 1_000);
        store.flips.put(key, new AtomicInteger(1));
        assertEquals(64, tier.read(month, 0, MIB));
        assertEquals(1, tier.caches.counts().damaged());
        store.objects.get(key)[2 * MIB + 5_000] ^= 1;
        CorruptDataException problem =
                assertThrows(CorruptDataException.class, () -> tier.read(month, 128, MIB));
        assertTrue(problem.getMessage().contains(key), problem.getMessage());
    }

    @Test
    void whatLeftMemoryComesFromDiskAndADamagedPieceFromTheStore() throws Exception {
        ColdTier tier = tier(0, 64 * MIB);
        List<Place> month = large(tier, 1, 4);
        tier.readAll(month, MIB);
        store.reads.clear();
        tier.read(month, 10, 1_000);
        assertEquals(List.of(), store.reads);
        assertTrue(tier.caches.counts().diskHits() > 0);
        for (Path file : pieceFiles()) {
            byte[] bytes = Files.readAllBytes(file);
            for (int i = 0; i < bytes.length; i += 1_000) {
                bytes[i] ^= 1;
            }
            Files.write(file, bytes);
        }
        tier.read(month, 10, 1_000);
        assertEquals(1, store.reads.size());
        tier.read(month, 10, 1_000);
        assertEquals(1, store.reads.size());
    }

    @Test
    void budgetsHold() throws Exception {
        ColdTier tier = tier(4 * MIB, 20 * MIB);
        List<Place> month = large(tier, 2, 40);
        long offset = 0;
        while (offset < month.getLast().segment().endOffset()) {
            offset = tier.read(month, offset, MIB);
            assertTrue(tier.caches.chunks().sizeBytes() <= 4 * MIB);
            assertTrue(tier.caches.chunks().aheadBytes() <= 48 * MIB);
            assertTrue(tier.caches.diskBytes() <= 20 * MIB);
            assertTrue(onDisk() <= 20 * MIB);
            assertTrue(tier.caches.indexBytes() <= MIB);
        }
    }

    @Test
    void copiesAndPiecesShareOneOrderOfUse() throws Exception {
        ColdTier tier = tier(0, 16 * MIB);
        List<Place> read = large(tier, 1, 4);
        for (int i = 0; i < 2; i++) {
            Place copied = tier.store(List.of(A), 0, 4 * MIB / ColdTier.BATCH_BYTES).getFirst();
            Path file = tier.caches.local().newFile(copied.object());
            Files.write(file, store.objects.get(copied.object().key()));
            tier.caches.local().adopt(copied.object(), file);
            tier.readAll(read, MIB);
        }
        long copies = tier.caches.local().sizeBytes();
        assertTrue(copies > 8 * MIB, () -> copies + " bytes of copies");
        for (int i = 0; i < 3; i++) {
            tier.readAll(large(tier, 1, 4), MIB);
        }
        assertTrue(tier.caches.local().sizeBytes() < copies);
        assertTrue(tier.caches.diskBytes() <= 16 * MIB);
    }

    @Test
    void readAheadThatNobodyComesForAgesOut() throws Exception {
        ColdTier tier = tier(8 * MIB, 0);
        List<Place> month = large(tier, 1, 64);
        long offset = 0;
        for (int i = 0; i < 5; i++) {
            offset = tier.read(month, offset, MIB);
        }
        long ahead = tier.caches.chunks().aheadBytes();
        assertTrue(ahead > 4 * MIB, () -> ahead + " bytes");
        tier.pass(ChunkCache.AHEAD_WAIT);
        assertEquals(0, tier.caches.chunks().aheadBytes());
        assertEquals(ahead, tier.caches.counts().aheadWastedBytes());
    }

    @Test
    void slowReaderGetsNoMoreAheadThanItReadsInTime() throws Exception {
        ColdTier tier = tier(8 * MIB, 0);
        List<Place> month = large(tier, 1, 64);
        long offset = 0;
        for (int i = 0; i < 20; i++) {
            offset = tier.read(month, offset, MIB);
            tier.pass(Duration.ofSeconds(5));
        }
        assertTrue(tier.caches.chunks().aheadBytes() <= 4 * MIB);
        assertEquals(0, tier.caches.counts().aheadWastedBytes());
    }

    @Test
    void readersThatAreGoneLeaveTheirShareOfTheBudget() throws Exception {
        ColdTier tier = tier(8 * MIB, 0);
        List<Place> month = large(tier, 1, 64);
        tier.readAll(month, MIB);
        int requests = store.reads.size();
        for (int reader = 0; reader < 5; reader++) {
            tier.caches.chunks().dropAll();
            tier.pass(Duration.ofSeconds(6));
            store.reads.clear();
            tier.readAll(month, MIB);
            assertTrue(store.reads.size() <= requests, () -> store.reads.size() + " requests");
        }
    }

    @Test
    void noMoreIsWrittenToTheDiskInASecondThanItMayTake() throws Exception {
        ColdTier tier =
                new ColdTier(
                        store,
                        folder,
                        new CacheSettings(0, MIB, 64 * MIB, 256 * MIB, 20 * MIB),
                        Runnable::run);
        List<Place> month = large(tier, 2, 32);
        tier.readAll(month, MIB);
        assertTrue(onDisk() > 12 * MIB && onDisk() <= 20 * MIB);
        tier.pass(Duration.ofMillis(500));
        tier.readAll(month, MIB);
        assertTrue(onDisk() > 20 * MIB && onDisk() <= 30 * MIB);
    }

    @Test
    void requestsOnTheirWayAreBoundedHoweverManyReadersThereAre() throws Exception {
        ColdTier tier = tier(8 * MIB, 0, THREADS);
        List<List<Place>> months = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            months.add(thin(tier, 16));
        }
        CountDownLatch held = store.hold();
        List<CompletableFuture<Long>> reads =
                months.stream().map(month -> read(tier, month, 0, MIB)).toList();
        await().atMost(10, TimeUnit.SECONDS).until(() -> store.waiting.get() == 16);
        held.countDown();
        for (CompletableFuture<Long> read : reads) {
            assertEquals(64, read.get(10, TimeUnit.SECONDS));
        }
        assertEquals(16, store.mostAtOnce.get());
        assertEquals(160, store.reads.size());
    }

    @Test
    void droppedObjectLeavesNothingInMemoryOrOnDisk() throws Exception {
        ColdTier tier = tier(8 * MIB, 64 * MIB);
        List<Place> month = large(tier, 1, 4);
        tier.readAll(month, MIB);
        tier.caches.chunks().drop(month.getFirst().object());
        assertEquals(0, tier.caches.chunks().sizeBytes());
        for (Path file : pieceFiles()) {
            for (byte b : Files.readAllBytes(file)) {
                assertEquals(0, b);
            }
        }
        store.reads.clear();
        tier.read(month, 0, 1_000);
        assertEquals(1, store.reads.size());
    }

    @Test
    void diskThatFailsCostsRequestsAndNoRead() throws Exception {
        ColdTier tier = tier(0, 64 * MIB);
        List<Place> month = large(tier, 1, 8);
        Files.delete(folder.resolve("cache/pieces"));
        tier.readAll(month, MIB);
        assertEquals(1, tier.caches.counts().diskFailures());
        Files.createDirectory(folder.resolve("cache/pieces"));
        tier.pass(Duration.ofMinutes(2));
        tier.readAll(month, MIB);
        assertTrue(tier.caches.diskBytes() > 0);
    }

    @Test
    void startBeginsWithoutOldPieces() throws Exception {
        ColdTier tier = tier(0, 64 * MIB);
        tier.readAll(large(tier, 1, 4), MIB);
        assertTrue(onDisk() > 0);
        tier(0, 64 * MIB);
        assertEquals(0, onDisk());
    }

    private List<Path> pieceFiles() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("cache/pieces"))) {
            return files.toList();
        }
    }

    private long onDisk() throws IOException {
        long bytes = 0;
        for (Path file : pieceFiles()) {
            bytes += Files.size(file);
        }
        return bytes;
    }

    private static CompletableFuture<Long> read(
            ColdTier tier, List<Place> places, long offset, int maxBytes) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return tier.read(places, offset, maxBytes);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                THREADS);
    }
}
