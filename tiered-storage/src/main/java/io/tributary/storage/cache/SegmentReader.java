package io.tributary.storage.cache;

import io.tributary.kernel.bytes.Crc32c;
import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.BatchHeader;
import io.tributary.storage.segment.SegmentIndex;
import io.tributary.storage.segment.SegmentIndex.Block;
import io.tributary.storage.segment.SegmentInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads segments: from the local copy, else from cached pieces, else from the store. Every block is
 * checked before anything of it is served; a damaged copy is thrown away and fetched again.
 * Thread-safe; blocks.
 */
public final class SegmentReader {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentReader.class);

    private final LocalObjects local;
    private final ChunkCache chunks;

    public SegmentReader(LocalObjects local, ChunkCache chunks) {
        this.local = local;
        this.chunks = chunks;
    }

    /** A segment and the object that holds it. */
    public record Place(ObjectId object, long objectBytes, SegmentInfo segment) {}

    /**
     * Reads whole batches from the one that holds the offset, or the first after it, to the end of
     * the segment.
     *
     * @param maxBytes stop before exceeding this, but return at least one batch
     * @throws CorruptDataException the object in the store is damaged
     */
    public List<ByteBuffer> read(Place place, long offset, int maxBytes) throws IOException {
        SegmentIndex index = index(place);
        List<ByteBuffer> batches = new ArrayList<>();
        int bytes = 0;
        for (int i = index.blockAt(offset); i < index.blocks().size(); i++) {
            ByteBuffer block = block(place, index.blocks().get(i));
            while (block.hasRemaining()) {
                BatchHeader header = BatchHeader.parse(block);
                int at = block.position();
                block.position(at + header.sizeBytes());
                if (header.lastOffset() < offset) {
                    continue;
                }
                if (!batches.isEmpty() && bytes + header.sizeBytes() > maxBytes) {
                    return batches;
                }
                batches.add(block.slice(at, header.sizeBytes()).asReadOnlyBuffer());
                bytes += header.sizeBytes();
            }
            if (bytes >= maxBytes) {
                return batches;
            }
        }
        return batches;
    }

    /**
     * The first batch from an offset on whose largest timestamp reaches the given one; empty when
     * the segment has none.
     */
    public Optional<ByteBuffer> batchAtTime(Place place, long fromOffset, long timestampMillis)
            throws IOException {
        SegmentIndex index = index(place);
        for (int i = index.blockAt(fromOffset); i < index.blocks().size(); i++) {
            if (index.blocks().get(i).maxTimestamp() < timestampMillis) {
                continue;
            }
            ByteBuffer block = block(place, index.blocks().get(i));
            while (block.hasRemaining()) {
                BatchHeader header = BatchHeader.parse(block);
                int at = block.position();
                if (header.maxTimestamp() >= timestampMillis && header.lastOffset() >= fromOffset) {
                    return Optional.of(block.slice(at, header.sizeBytes()).asReadOnlyBuffer());
                }
                block.position(at + header.sizeBytes());
            }
        }
        return Optional.empty();
    }

    private SegmentIndex index(Place place) throws IOException {
        SegmentInfo segment = place.segment();
        return checked(
                place,
                segment.indexPosition(),
                segment.indexLengthBytes(),
                bytes -> {
                    try {
                        return Optional.of(SegmentIndex.read(bytes));
                    } catch (MalformedBytesException e) {
                        return Optional.empty();
                    }
                });
    }

    private ByteBuffer block(Place place, Block block) throws IOException {
        return checked(
                place,
                place.segment().position() + block.position(),
                block.lengthBytes(),
                bytes ->
                        Crc32c.of(bytes) == block.crc32c() ? Optional.of(bytes) : Optional.empty());
    }

    private <T> T checked(
            Place place, long position, int length, Function<ByteBuffer, Optional<T>> check)
            throws IOException {
        Optional<ByteBuffer> copy = local.read(place.object(), position, length);
        if (copy.isPresent()) {
            Optional<T> good = check.apply(copy.get());
            if (good.isPresent()) {
                return good.get();
            }
            LOG.warn(
                    "damaged local copy thrown away object={} position={}",
                    place.object(),
                    position);
            local.drop(place.object());
        }
        Optional<T> good = check.apply(chunk(place, position, length));
        if (good.isEmpty()) {
            chunks.drop(place.object());
            good = check.apply(chunk(place, position, length));
        }
        if (good.isEmpty()) {
            throw new CorruptDataException(
                    "object " + place.object(),
                    position,
                    "the checksum of " + length + " bytes does not match",
                    "Restore the object from a replica or a backup of the bucket; until then these"
                            + " records cannot be read.");
        }
        return good.get();
    }

    private ByteBuffer chunk(Place place, long position, int length) throws IOException {
        return chunks.read(place.object(), place.objectBytes(), position, length);
    }
}
