package io.tributary.storage.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.kernel.time.Environment;
import io.tributary.kernel.time.SystemScheduler;
import io.tributary.storage.cache.SegmentReader.Place;
import io.tributary.storage.object.MemoryObjectStore;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.ObjectFooter;
import io.tributary.storage.segment.ObjectWriter;
import io.tributary.storage.segment.SegmentInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cuts and flips in an object in the store, and in its copy on the local disk. */
class ObjectDamageTest {
    @TempDir Path folder;
    private final MemoryObjectStore store = new MemoryObjectStore();
    private final ObjectId id = new ObjectId(new ShardId(0), 3, new UUID(1, 1));
    private final SystemScheduler scheduler = new SystemScheduler();
    private Caches caches;
    private byte[] whole;
    private ObjectWriter.Written written;
    private final List<List<ByteBuffer>> expected = new ArrayList<>();

    @BeforeEach
    void write() throws IOException {
        written = object(id, 1);
        whole = store.objects.get(id.key());
        freshCaches();
        for (SegmentInfo segment : written.segments()) {
            expected.add(all(segment));
        }
        assertEquals(List.of(3, 2), expected.stream().map(List::size).toList());
    }

    @AfterEach
    void stop() {
        scheduler.close();
    }

    /** As after a start: what is in memory is gone. */
    private void freshCaches() throws IOException {
        caches =
                new Caches(
                        folder.resolve("cache"),
                        store,
                        new CacheSettings(
                                1 << 20,
                                1 << 20,
                                CacheSettings.MIN_READ_AHEAD_BYTES,
                                1 << 30,
                                1 << 30),
                        new Environment(
                                InstantSource.fixed(Instant.EPOCH),
                                RandomGenerator.getDefault(),
                                scheduler,
                                Thread.ofPlatform().factory()),
                        task -> Thread.ofVirtual().start(task));
    }

    private Path copy() {
        return folder.resolve("cache").resolve("objects").resolve("0").resolve(id.name());
    }

    private void keepCopy(byte[] bytes) throws IOException {
        Path file = caches.local().newFile(id);
        Files.write(file, bytes);
        caches.local().adopt(id, file);
    }

    /** Two segments: one of two blocks, the first with one large batch, and a small one. */
    private ObjectWriter.Written object(ObjectId object, int topic) throws IOException {
        Path file = folder.resolve(object.unique().toString());
        try (ObjectWriter writer = new ObjectWriter(file, object)) {
            writer.beginSegment(new PartitionId(new TopicId(new UUID(9, topic)), 0));
            writer.append(batch(10, "x".repeat(33_000)));
            writer.append(batch(11, "second block " + topic));
            writer.append(batch(12, "its second batch"));
            writer.endSegment();
            writer.beginSegment(new PartitionId(new TopicId(new UUID(9, topic)), 1));
            writer.append(batch(0, "of another partition"));
            writer.append(batch(1, "too"));
            writer.endSegment();
            ObjectWriter.Written done = writer.finish();
            store.put(object.key(), file);
            return done;
        }
    }

    private static ByteBuffer batch(long offset, String value) {
        return MemoryRecords.withRecords(
                        offset,
                        Compression.NONE,
                        new SimpleRecord(1_000 + offset, value.getBytes(StandardCharsets.UTF_8)))
                .buffer();
    }

    private List<ByteBuffer> all(SegmentInfo segment) throws IOException {
        Place place = new Place(id, whole.length, segment);
        return caches.segments().read(place, segment.startOffset(), 1 << 20);
    }

    /** Every byte but most of the large batch's value, where one is like another. */
    private List<Integer> places() {
        List<Integer> places = new ArrayList<>();
        for (int at = 0; at < whole.length; at += at > 300 && at < 32_900 ? 331 : 1) {
            places.add(at);
        }
        return places;
    }

    /** The same for tests that write a file for each. */
    private List<Integer> fewerPlaces() {
        List<Integer> all = places();
        return all.stream().filter(at -> at % 5 == 0 || at < 45).toList();
    }

    private byte[] flipped(int at) {
        byte[] damaged = whole.clone();
        damaged[at] ^= (byte) (1 << at % 8);
        return damaged;
    }

    /** Reads a segment from the store; true when that was refused as it must be. */
    private boolean refused(int n) throws IOException {
        freshCaches();
        try {
            assertEquals(expected.get(n), all(written.segments().get(n)));
            return false;
        } catch (CorruptDataException e) {
            assertTrue(e.getMessage().contains("object " + id.key() + " is damaged at byte "));
            assertTrue(e.getMessage().contains("Restore the object"));
            return true;
        }
    }

    private boolean belongsTo(int at, SegmentInfo segment) {
        return (at >= segment.position() && at < segment.position() + segment.lengthBytes())
                || (at >= segment.indexPosition()
                        && at < segment.indexPosition() + segment.indexLengthBytes());
    }

    @Test
    void flippedByteOfAnObjectIsReportedAndItsNeighboursAreServed() throws IOException {
        for (int at : places()) {
            store.objects.put(id.key(), flipped(at));
            for (int n = 0; n < 2; n++) {
                assertEquals(belongsTo(at, written.segments().get(n)), refused(n), "flip at " + at);
            }
        }
    }

    @Test
    void cutObjectIsReported() throws IOException {
        for (int length : places()) {
            store.objects.put(id.key(), Arrays.copyOf(whole, length));
            for (int n = 0; n < 2; n++) {
                SegmentInfo segment = written.segments().get(n);
                long end = segment.indexPosition() + segment.indexLengthBytes();
                assertEquals(length < end, refused(n), "cut at " + length);
            }
        }
    }

    @Test
    void damagedOrCutCopyIsDroppedAndTheStoreIsRead() throws IOException {
        for (int at : fewerPlaces()) {
            for (byte[] damaged : List.of(flipped(at), Arrays.copyOf(whole, at))) {
                freshCaches();
                keepCopy(damaged);
                boolean matters = false;
                for (int n = 0; n < 2; n++) {
                    SegmentInfo segment = written.segments().get(n);
                    assertEquals(expected.get(n), all(segment), "at " + at);
                    matters |=
                            damaged.length < whole.length
                                    ? at < segment.indexPosition() + segment.indexLengthBytes()
                                    : belongsTo(at, segment);
                }
                // A copy that lacks only the object's own description serves all the same.
                assertEquals(matters, !Files.exists(copy()), "at " + at);
            }
        }
    }

    @Test
    void copyThatACrashLeftShortOrUnsyncedIsDroppedAndTheStoreIsRead() throws IOException {
        for (byte[] left :
                List.of(new byte[0], new byte[whole.length], Arrays.copyOf(whole, 100))) {
            Files.createDirectories(copy().getParent());
            Files.write(copy(), left);
            Files.write(copy().resolveSibling(id.name() + ".new"), left);
            freshCaches();
            assertEquals(expected.get(0), all(written.segments().get(0)));
            assertFalse(Files.exists(copy()));
            assertFalse(Files.exists(copy().resolveSibling(id.name() + ".new")));
            assertEquals(0, caches.local().sizeBytes());
        }
    }

    @Test
    void copyThatCannotBeReadIsPassedOver() throws IOException {
        keepCopy(whole);
        Files.delete(copy());
        Files.createDirectory(copy());
        assertEquals(expected.get(1), all(written.segments().get(1)));
    }

    @Test
    void releasedCopiesAreGoneAndTheStoreIsRead() throws IOException {
        keepCopy(whole);
        caches.release(1 << 30);
        assertFalse(Files.exists(copy()));
        assertEquals(0, caches.local().sizeBytes());
        assertEquals(expected.get(0), all(written.segments().get(0)));
    }

    @Test
    void objectOfTheSameShapeUnderAnothersKeyIsNeverServed() throws IOException {
        ObjectId other = new ObjectId(new ShardId(0), 3, new UUID(1, 2));
        object(other, 2);
        assertEquals(whole.length, store.objects.get(other.key()).length);
        store.objects.put(id.key(), store.objects.get(other.key()));
        assertTrue(refused(0) && refused(1));
    }

    @Test
    void segmentThatIsNotWhatTheLogSaysIsNeverServed() throws IOException {
        freshCaches();
        SegmentInfo segment = written.segments().get(1);
        SegmentInfo shifted =
                new SegmentInfo(
                        segment.partition(),
                        segment.startOffset() + 5,
                        segment.endOffset() + 5,
                        segment.position(),
                        segment.lengthBytes(),
                        segment.indexPosition(),
                        segment.indexLengthBytes(),
                        segment.maxTimestamp());
        assertThrows(CorruptDataException.class, () -> all(shifted));
    }

    @Test
    void cutOrFlippedDescriptionIsNeverTaken() {
        ByteBuffer object = ByteBuffer.wrap(whole);
        int tail = whole.length - ObjectFooter.TAIL_BYTES;
        int table = (int) ObjectFooter.tablePosition(object.slice(tail, ObjectFooter.TAIL_BYTES));
        assertEquals(
                written.segments(), ObjectFooter.read(object.slice(table, whole.length - table)));
        for (int at = table; at < whole.length - 4; at++) {
            ByteBuffer damaged = ByteBuffer.wrap(flipped(at)).slice(table, whole.length - table);
            assertThrows(MalformedBytesException.class, () -> ObjectFooter.read(damaged));
            ByteBuffer cut = object.slice(table, at - table);
            assertThrows(MalformedBytesException.class, () -> ObjectFooter.read(cut));
        }
        for (int at = whole.length - 4; at < whole.length; at++) {
            ByteBuffer end = ByteBuffer.wrap(flipped(at)).slice(tail, ObjectFooter.TAIL_BYTES);
            assertThrows(MalformedBytesException.class, () -> ObjectFooter.tablePosition(end));
        }
    }
}
