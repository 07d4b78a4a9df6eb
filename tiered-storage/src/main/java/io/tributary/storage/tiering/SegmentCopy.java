package io.tributary.storage.tiering;

import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.storage.cache.SegmentReader;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.object.ObjectStoreException;
import io.tributary.storage.recompression.SegmentEncoder;
import io.tributary.storage.segment.BatchHeader;
import io.tributary.storage.state.Levels.Run;
import io.tributary.storage.state.StoredSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies what stored segments hold, a bounded part in memory at a time, and remembers which objects
 * could not be read, so that they do not hold up the others. Used by one thread at a time; blocks.
 */
final class SegmentCopy {
    private static final int READ_BYTES = 4 << 20;

    /** Of more objects than this it forgets that they could not be read. */
    private static final int MAX_UNREADABLE = 1_000;

    private final SegmentReader reader;
    private final InstantSource clock;

    /** When they were found damaged or missing last. */
    private final Map<ObjectId, Long> unreadableMillis = new HashMap<>();

    SegmentCopy(SegmentReader reader, InstantSource clock) {
        this.reader = reader;
        this.clock = clock;
    }

    /** Whether the object was found damaged or missing no longer ago than this. */
    boolean unreadableFor(ObjectId object, Duration time) {
        Long at = unreadableMillis.get(object);
        return at != null && clock.millis() - at < time.toMillis();
    }

    /** Writes a run as one segment, without what lies below its log start. */
    void asOne(Run run, SegmentEncoder writer) throws IOException {
        writer.beginSegment(run.partition(), start(run.segments().getFirst(), run.logStart()));
        for (StoredSegment segment : run.segments()) {
            copy(segment, run.logStart(), into(writer));
        }
        writer.endSegment();
    }

    /** Writes a run as the segments it has, without what lies below its log start. */
    void asTheyAre(Run run, SegmentEncoder writer) throws IOException {
        for (StoredSegment segment : run.segments()) {
            writer.beginSegment(run.partition(), start(segment, run.logStart()));
            copy(segment, run.logStart(), into(writer));
            writer.endSegment();
        }
    }

    /** Takes batches one after the other. */
    interface Output {
        /** Returns false for no more. */
        boolean accept(ByteBuffer batch) throws IOException;
    }

    private static Output into(SegmentEncoder writer) {
        return batch -> {
            writer.append(batch);
            return true;
        };
    }

    private static long start(StoredSegment segment, long logStart) {
        return Math.max(logStart, segment.info().startOffset());
    }

    /** Hands over a segment's batches from the one that holds an offset on. */
    void copy(StoredSegment segment, long from, Output output) throws IOException {
        SegmentReader.Place place =
                new SegmentReader.Place(segment.object(), segment.objectBytes(), segment.info());
        long offset = start(segment, from);
        while (offset < segment.info().endOffset()) {
            // A segment's last batch reaches its end, so that there always is one.
            for (ByteBuffer batch : read(place, offset)) {
                if (!output.accept(batch)) {
                    return;
                }
                offset = BatchHeader.parse(batch).lastOffset() + 1;
            }
        }
    }

    private List<ByteBuffer> read(SegmentReader.Place place, long offset) throws IOException {
        try {
            return reader.read(place, offset, READ_BYTES);
        } catch (CorruptDataException e) {
            leaveOut(place.object());
            throw e;
        } catch (ObjectStoreException e) {
            if (e.kind() == ObjectStoreException.Kind.MISSING) {
                leaveOut(place.object());
            }
            throw e;
        }
    }

    private void leaveOut(ObjectId object) {
        if (unreadableMillis.size() >= MAX_UNREADABLE) {
            unreadableMillis.clear();
        }
        unreadableMillis.put(object, clock.millis());
    }
}
