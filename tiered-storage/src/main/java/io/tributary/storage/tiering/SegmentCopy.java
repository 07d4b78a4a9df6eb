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
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Copies what stored segments hold, a bounded part in memory at a time, and remembers which objects
 * could not be read, so that they are left alone. Used by one thread at a time; blocks.
 */
final class SegmentCopy {
    private static final int READ_BYTES = 4 << 20;

    /** More than so many damaged objects are tried again and again. */
    private static final int MAX_DAMAGED = 1_000;

    private final SegmentReader reader;
    private final Set<ObjectId> damaged = new LinkedHashSet<>();

    SegmentCopy(SegmentReader reader) {
        this.reader = reader;
    }

    /** Whether the object was found damaged or missing. */
    boolean damaged(ObjectId object) {
        return damaged.contains(object);
    }

    /** Writes a run as one segment, without what lies below its log start. */
    void asOne(Run run, SegmentEncoder writer) throws IOException {
        writer.beginSegment(run.partition());
        for (StoredSegment segment : run.segments()) {
            copy(segment, run.logStart(), writer);
        }
        writer.endSegment();
    }

    /** Writes a run as the segments it has, without what lies below its log start. */
    void asTheyAre(Run run, SegmentEncoder writer) throws IOException {
        for (StoredSegment segment : run.segments()) {
            writer.beginSegment(run.partition());
            copy(segment, run.logStart(), writer);
            writer.endSegment();
        }
    }

    private void copy(StoredSegment segment, long logStart, SegmentEncoder writer)
            throws IOException {
        SegmentReader.Place place =
                new SegmentReader.Place(segment.object(), segment.objectBytes(), segment.info());
        long offset = Math.max(logStart, segment.info().startOffset());
        while (offset < segment.info().endOffset()) {
            for (ByteBuffer batch : read(place, offset)) {
                writer.append(batch);
                offset = BatchHeader.parse(batch).lastOffset() + 1;
            }
        }
    }

    private Iterable<ByteBuffer> read(SegmentReader.Place place, long offset) throws IOException {
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
        if (damaged.size() < MAX_DAMAGED) {
            damaged.add(object);
        }
    }
}
