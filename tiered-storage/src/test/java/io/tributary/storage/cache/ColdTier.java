package io.tributary.storage.cache;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.kernel.time.Environment;
import io.tributary.kernel.time.Scheduler;
import io.tributary.storage.cache.SegmentReader.Place;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.segment.BatchHeader;
import io.tributary.storage.segment.ObjectWriter;
import io.tributary.storage.segment.SegmentInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Objects in a store and caches over it, on a clock that stands still until it is moved. */
final class ColdTier {
    static final int BATCH_BYTES = 16 << 10;
    private static final RandomGenerator RANDOM =
            RandomGeneratorFactory.of("L64X128MixRandom").create(7);

    final ObjectStore store;
    final Caches caches;
    volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Deque<Runnable> timers = new ArrayDeque<>();
    private final Path folder;
    private int objects;

    ColdTier(ObjectStore store, Path folder, CacheSettings settings, Executor fetching)
            throws IOException {
        this.store = store;
        this.folder = folder;
        Scheduler scheduler =
                (delay, task) -> {
                    timers.add(task);
                    return () -> timers.remove(task);
                };
        caches =
                new Caches(
                        folder.resolve("cache"),
                        store,
                        settings,
                        new Environment(() -> now, RANDOM, scheduler, ColdTier::onTheCallersThread),
                        fetching);
    }

    /** What it does is done when it has been started. */
    private static Thread onTheCallersThread(Runnable task) {
        return new Thread(task) {
            @Override
            public void start() {
                task.run();
            }
        };
    }

    static PartitionId partition(int number) {
        return new PartitionId(new TopicId(new UUID(3, number)), 0);
    }

    /** Time passes, and what was to be done by then is. */
    void pass(Duration time) {
        now = now.plus(time);
        List<Runnable> due = List.copyOf(timers);
        timers.clear();
        due.forEach(Runnable::run);
    }

    /** Stores one object that holds a segment of every partition, each of so many batches. */
    List<Place> store(List<PartitionId> partitions, long fromOffset, int batches)
            throws IOException {
        ObjectId id = new ObjectId(new ShardId(0), 1, new UUID(9, objects++));
        Path file = folder.resolve("object");
        ObjectWriter.Written written;
        try (ObjectWriter writer = new ObjectWriter(file, id)) {
            for (PartitionId partition : partitions) {
                writer.beginSegment(partition);
                for (int i = 0; i < batches; i++) {
                    writer.append(batch(fromOffset + i));
                }
                writer.endSegment();
            }
            written = writer.finish();
        }
        store.put(id.key(), file);
        Files.delete(file);
        List<Place> places = new ArrayList<>();
        for (SegmentInfo segment : written.segments()) {
            places.add(new Place(id, written.sizeBytes(), segment));
        }
        return places;
    }

    /** A batch of one record, as far as storage looks. */
    private static ByteBuffer batch(long offset) {
        byte[] bytes = new byte[BATCH_BYTES];
        RANDOM.nextBytes(bytes);
        return ByteBuffer.wrap(bytes)
                .putLong(0, offset)
                .putInt(8, BATCH_BYTES - 12)
                .put(16, (byte) 2)
                .putInt(23, 0)
                .putLong(35, offset);
    }

    /** One read, as a client that has these segments before it does it; the next offset. */
    long read(List<Place> places, long offset, int maxBytes) throws IOException {
        Place first =
                places.stream()
                        .filter(place -> place.segment().endOffset() > offset)
                        .findFirst()
                        .orElseThrow();
        long next = offset;
        for (ByteBuffer batch :
                caches.segments()
                        .catchUp(
                                first,
                                offset,
                                maxBytes,
                                (from, limit) ->
                                        places.stream()
                                                .filter(p -> p.segment().endOffset() > from)
                                                .limit(limit)
                                                .toList())) {
            if (BatchHeader.parse(batch).baseOffset() != next) {
                throw new AssertionError("offset " + next + " is missing");
            }
            next++;
        }
        return next;
    }

    /** Reads all there is, in order. */
    void readAll(List<Place> places, int maxBytes) throws IOException {
        long offset = places.getFirst().segment().startOffset();
        while (offset < places.getLast().segment().endOffset()) {
            offset = read(places, offset, maxBytes);
        }
    }
}
