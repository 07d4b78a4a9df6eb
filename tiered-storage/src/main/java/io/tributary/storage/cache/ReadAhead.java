package io.tributary.storage.cache;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.cache.SegmentReader.Place;
import io.tributary.storage.cache.SegmentReader.Upcoming;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches ahead of readers that read in order. A reader is known by its partition and by where its
 * last read ended, so the client holds no state and a new connection goes on where another stopped.
 * Its window doubles with every read that continues the last, up to its share of the budget and to
 * what it reads in some seconds; a reader that jumps begins anew, without any. Thread-safe.
 */
final class ReadAhead {
    private static final Logger LOG = LoggerFactory.getLogger(ReadAhead.class);

    private static final long FIRST_WINDOW_BYTES = 2 << 20;
    private static final long MAX_WINDOW_BYTES = 48 << 20;

    /** The window is no more than a reader reads in this time, so that nothing waits too long. */
    private static final Duration PACE = ChunkCache.AHEAD_WAIT.dividedBy(2);

    private static final Duration FORGET_AFTER = Duration.ofMinutes(1);

    /** Readers that were not seen for so long leave their share of the budget to the others. */
    private static final Duration SHARES_FOR = Duration.ofSeconds(1);

    private static final int RECOUNT_MILLIS = 100;
    private static final int MAX_READERS = 1_000;
    private static final int MAX_SEGMENTS = 64;

    /** A window is filled in about so many requests, so that most of it is always on its way. */
    private static final int REQUESTS_PER_WINDOW = 4;

    /** Somebody who reads a partition. Guarded by the lock. */
    static final class Reader {
        private final PartitionId partition;
        private long from;
        private long next;
        private long lastBytes;
        private long windowBytes;
        private long atMillis;
        private boolean inOrder;
        private boolean planning;

        private Reader(PartitionId partition) {
            this.partition = partition;
        }
    }

    private final LocalObjects local;
    private final IndexCache indexes;
    private final ChunkCache chunks;
    private final InstantSource clock;
    private final Executor planning;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<PartitionId, List<Reader>> readers = new HashMap<>();

    /** All readers, the least recently seen first. */
    private final LinkedHashSet<Reader> bySeen = new LinkedHashSet<>();

    /** How many of them read in order and share the budget, as of a time. */
    private int sharing;

    private long sharingMillis;

    ReadAhead(
            LocalObjects local,
            IndexCache indexes,
            ChunkCache chunks,
            InstantSource clock,
            Executor planning) {
        this.local = local;
        this.indexes = indexes;
        this.chunks = chunks;
        this.clock = clock;
        this.planning = planning;
    }

    /** A read begins; whoever it comes from is recognised. */
    Reader begin(PartitionId partition, long offset) {
        lock.lock();
        try {
            long now = clock.millis();
            forgetOld(now);
            Reader reader = find(partition, offset).orElse(null);
            if (reader == null) {
                reader = new Reader(partition);
                reader.next = offset;
                readers.computeIfAbsent(partition, id -> new ArrayList<>()).add(reader);
            } else if (offset > reader.from) {
                resize(reader, now);
            }
            reader.from = offset;
            reader.atMillis = now;
            bySeen.remove(reader);
            bySeen.add(reader);
            return reader;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Fetches ahead of a read that continues another; after it has asked for its own pieces. Does
     * not block on I/O.
     */
    void start(Reader reader, Place place, long offset, long bytes, Upcoming upcoming) {
        Window window;
        lock.lock();
        try {
            if (reader.windowBytes == 0 || reader.planning) {
                return;
            }
            reader.planning = true;
            window = new Window(place, offset, bytes, reader.windowBytes);
        } finally {
            lock.unlock();
        }
        try {
            planning.execute(() -> plan(reader, window, upcoming));
        } catch (RejectedExecutionException e) {
            planned(reader);
        }
    }

    /** A read has ended here. */
    void end(Reader reader, long next, long bytes) {
        lock.lock();
        try {
            reader.next = Math.max(reader.next, next);
            reader.lastBytes = bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Who has last read up to the offset, or has read it and asks for the rest. */
    private Optional<Reader> find(PartitionId partition, long offset) {
        return readers.getOrDefault(partition, List.of()).stream()
                .filter(reader -> offset >= reader.from && offset <= reader.next)
                .findFirst();
    }

    private void resize(Reader reader, long now) {
        reader.inOrder = true;
        long grown = Math.max(FIRST_WINDOW_BYTES, reader.windowBytes * 2);
        long pace = reader.lastBytes * PACE.toMillis() / Math.max(1, now - reader.atMillis);
        long share = chunks.aheadBudgetBytes() / sharing(now);
        reader.windowBytes =
                pace < reader.lastBytes
                        ? 0
                        : Math.min(Math.min(grown, MAX_WINDOW_BYTES), Math.min(pace, share));
    }

    private int sharing(long now) {
        if (now - sharingMillis >= RECOUNT_MILLIS) {
            sharing = 0;
            for (Reader reader : bySeen.reversed()) {
                if (now - reader.atMillis > SHARES_FOR.toMillis()) {
                    break;
                }
                sharing += reader.inOrder ? 1 : 0;
            }
            sharingMillis = now;
        }
        return Math.max(1, sharing);
    }

    private void forgetOld(long now) {
        Iterator<Reader> eldest = bySeen.iterator();
        while (eldest.hasNext()) {
            Reader reader = eldest.next();
            if (bySeen.size() < MAX_READERS && now - reader.atMillis < FORGET_AFTER.toMillis()) {
                return;
            }
            eldest.remove();
            List<Reader> others = readers.get(reader.partition);
            others.remove(reader);
            if (others.isEmpty()) {
                readers.remove(reader.partition);
            }
        }
    }

    /** What a reader asks for now, and how much it may get ahead of that. */
    private record Window(Place place, long offset, long bytes, long aheadBytes) {}

    private void plan(Reader reader, Window window, Upcoming upcoming) {
        try {
            fetch(window, upcoming);
        } catch (IOException e) {
            // The reader meets the same problem where it asks for these records itself.
            LOG.debug("reading ahead stopped partition={}", reader.partition, e);
        } finally {
            planned(reader);
        }
    }

    private void planned(Reader reader) {
        lock.lock();
        try {
            reader.planning = false;
        } finally {
            lock.unlock();
        }
    }

    private void fetch(Window window, Upcoming upcoming) throws IOException {
        long left = window.bytes() + window.aheadBytes();
        left -= fetch(window.place(), window.offset(), left, window.aheadBytes());
        long next = window.place().segment().endOffset();
        if (left > 0) {
            for (Place place : upcoming.from(next, MAX_SEGMENTS)) {
                left -= fetch(place, place.segment().startOffset(), left, window.aheadBytes());
                if (left <= 0) {
                    return;
                }
            }
        }
    }

    /**
     * Fetches what is missing of a segment's next bytes, in requests as large as the window allows.
     *
     * @return bytes of the segment that are there or on their way; all that was asked for when the
     *     budget ended
     */
    private long fetch(Place place, long offset, long bytes, long windowBytes) throws IOException {
        if (local.contains(place.object())) {
            return place.segment().lengthBytes();
        }
        Optional<Piece> compact = SegmentMap.compact(place);
        long there;
        List<Piece> wanted;
        if (compact.isPresent()) {
            there = place.segment().lengthBytes();
            wanted = List.of(compact.get());
        } else {
            SegmentMap map = indexes.get(place);
            there = map.bytesFrom(offset);
            wanted = map.from(offset, bytes);
        }
        List<Piece> missing = wanted.stream().filter(piece -> !chunks.has(piece.extent())).toList();
        boolean toTheEnd = there <= bytes;
        long worthIt = Math.min(windowBytes / REQUESTS_PER_WINDOW, PieceSource.MAX_GET_BYTES);
        for (List<Piece> run : Piece.runs(missing, PieceSource.MAX_GET_BYTES)) {
            boolean grows = !toTheEnd && run.getLast().extent().equals(wanted.getLast().extent());
            if (grows && Piece.bytes(run) < worthIt) {
                // The next read makes it larger.
                return bytes;
            }
            if (!chunks.ahead(run)) {
                return bytes;
            }
        }
        return Math.min(there, bytes);
    }
}
