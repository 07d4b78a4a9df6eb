package io.tributary.storage.cache;

import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.BatchHeader;
import io.tributary.storage.segment.SegmentIndex.Block;
import io.tributary.storage.segment.SegmentInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads segments: from the local copy of their object, else in pieces from memory, local disk or
 * the store. Every block is checked before anything of it is served; what is damaged is thrown away
 * and fetched again. Thread-safe; blocks.
 */
public final class SegmentReader {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentReader.class);

    /** How many segments after the first one a read may ask for at once. */
    private static final int MAX_SEGMENTS_AT_ONCE = 16;

    private final LocalObjects local;
    private final ChunkCache chunks;
    private final IndexCache indexes;
    private final ReadAhead ahead;
    private final CacheCounts counts;

    SegmentReader(
            LocalObjects local,
            ChunkCache chunks,
            IndexCache indexes,
            ReadAhead ahead,
            CacheCounts counts) {
        this.local = local;
        this.chunks = chunks;
        this.indexes = indexes;
        this.ahead = ahead;
        this.counts = counts;
    }

    /** A segment and the object that holds it. */
    public record Place(ObjectId object, long objectBytes, SegmentInfo segment) {}

    /** Where a partition goes on; for reading ahead. Must not block on I/O. */
    public interface Upcoming {
        /** The partition's segments from the one that holds the offset, or the first after it. */
        List<Place> from(long offset, int limit);
    }

    /** Whole batches, gathered until there are enough bytes. */
    private static final class Batches {
        private final List<ByteBuffer> found = new ArrayList<>();
        private final int maxBytes;
        private long bytes;
        private long next;

        private Batches(long offset, int maxBytes) {
            next = offset;
            this.maxBytes = maxBytes;
        }

        private long left() {
            return maxBytes - bytes;
        }

        private boolean full() {
            return bytes >= maxBytes;
        }

        /** Takes the batches from the next offset on, until there are enough. */
        private void take(ByteBuffer blocks) {
            while (blocks.hasRemaining()) {
                BatchHeader header = BatchHeader.parse(blocks);
                int at = blocks.position();
                blocks.position(at + header.sizeBytes());
                if (header.lastOffset() < next) {
                    continue;
                }
                if (!found.isEmpty() && bytes + header.sizeBytes() > maxBytes) {
                    bytes = maxBytes;
                    return;
                }
                found.add(blocks.slice(at, header.sizeBytes()).asReadOnlyBuffer());
                bytes += header.sizeBytes();
                next = header.lastOffset() + 1;
            }
        }
    }

    /**
     * Reads whole batches from the one that holds the offset, or the first after it, to the end of
     * the segment.
     *
     * @param maxBytes stop before exceeding this, but return at least one batch
     * @throws CorruptDataException the object in the store is damaged
     */
    public List<ByteBuffer> read(Place place, long offset, int maxBytes) throws IOException {
        Batches batches = new Batches(offset, maxBytes);
        read(place, batches, new HashMap<>());
        return batches.found;
    }

    /**
     * Reads like {@link #read}, and on into the segments after this one; a reader that goes on
     * where this ends finds what it wants fetched ahead.
     *
     * @return at least one batch where there is one; fewer than there are where a later segment
     *     cannot be read
     */
    public List<ByteBuffer> catchUp(Place first, long offset, int maxBytes, Upcoming upcoming)
            throws IOException {
        ReadAhead.Reader reader = ahead.begin(first.segment().partition(), offset);
        Batches batches = new Batches(offset, maxBytes);
        List<Place> next = List.of();
        if (first.segment().lengthBytes() < maxBytes) {
            next = upcoming.from(first.segment().endOffset(), MAX_SEGMENTS_AT_ONCE);
        }
        Map<Extent, CompletableFuture<ByteBuffer>> coming =
                chunks.demand(smallOnes(first, next, maxBytes));
        demand(first, batches, coming);
        ahead.start(reader, first, offset, maxBytes, upcoming);
        read(first, batches, coming);
        for (Place place : next) {
            if (batches.full()) {
                break;
            }
            try {
                read(place, batches, coming);
            } catch (IOException e) {
                if (batches.found.isEmpty()) {
                    throw e;
                }
                LOG.debug("read stops before a segment object={}", place.object(), e);
                break;
            }
        }
        ahead.end(reader, batches.next, batches.bytes);
        return batches.found;
    }

    /** Of the segments a read of so many bytes takes, those that are one piece each. */
    private List<Piece> smallOnes(Place first, List<Place> next, int maxBytes) {
        List<Piece> pieces = new ArrayList<>();
        add(first, pieces);
        long left = maxBytes - first.segment().lengthBytes();
        for (Place place : next) {
            if (left <= 0) {
                break;
            }
            add(place, pieces);
            left -= place.segment().lengthBytes();
        }
        return pieces;
    }

    private void add(Place place, List<Piece> pieces) {
        if (!local.contains(place.object())) {
            SegmentMap.compact(place).ifPresent(pieces::add);
        }
    }

    /** Asks for the pieces a read wants of a large segment that is not on the local disk. */
    private void demand(
            Place place, Batches batches, Map<Extent, CompletableFuture<ByteBuffer>> coming)
            throws IOException {
        if (!local.contains(place.object()) && SegmentMap.compact(place).isEmpty()) {
            SegmentMap map = indexes.get(place);
            coming.putAll(chunks.demand(map.from(batches.next, batches.left())));
        }
    }

    /** Adds a segment's batches. */
    private void read(
            Place place, Batches batches, Map<Extent, CompletableFuture<ByteBuffer>> coming)
            throws IOException {
        SegmentMap map = indexes.get(place, coming);
        if (readCopy(place, map, batches)) {
            return;
        }
        List<Piece> missing =
                map.from(batches.next, batches.left()).stream()
                        .filter(piece -> !coming.containsKey(piece.extent()))
                        .toList();
        coming.putAll(chunks.demand(missing));
        int block = map.blockAt(batches.next);
        int first = map.pieceOf(block);
        for (int number = first; !batches.full() && number < map.pieces(); number++) {
            Piece piece = map.piece(number);
            CompletableFuture<ByteBuffer> bytes = coming.remove(piece.extent());
            ByteBuffer blocks = bytes == null ? chunks.read(piece) : ChunkCache.await(bytes);
            blocks.limit(map.blockBytes(number));
            blocks.position(number == first ? map.positionInPiece(block) : 0);
            batches.take(blocks);
        }
    }

    /** Adds batches from the local copy; false where there is none, or it was damaged. */
    private boolean readCopy(Place place, SegmentMap map, Batches batches) throws IOException {
        int from = map.blockAt(batches.next);
        while (!batches.full() && from < map.blocks().size()) {
            int to = from;
            int bytes = 0;
            long wanted = Math.min(batches.left(), PieceSource.MAX_GET_BYTES);
            while (to < map.blocks().size() && (to == from || bytes < wanted)) {
                bytes += map.blocks().get(to++).lengthBytes();
            }
            List<Block> blocks = map.blocks().subList(from, to);
            long position = place.segment().position() + blocks.getFirst().position();
            Optional<ByteBuffer> copy = local.read(place.object(), position, bytes);
            if (copy.isEmpty()) {
                return false;
            }
            if (!SegmentMap.match(blocks, copy.get())) {
                dropDamaged(local, counts, place, position);
                return false;
            }
            counts.copyReads.increment();
            batches.take(copy.get());
            from = to;
        }
        return true;
    }

    static void dropDamaged(LocalObjects local, CacheCounts counts, Place place, long position)
            throws IOException {
        counts.damaged.increment();
        LOG.warn("damaged local copy thrown away object={} position={}", place.object(), position);
        local.drop(place.object());
    }

    /**
     * The first batch from an offset on whose largest timestamp reaches the given one; empty when
     * the segment has none.
     */
    public Optional<ByteBuffer> batchAtTime(Place place, long fromOffset, long timestampMillis)
            throws IOException {
        SegmentMap map = indexes.get(place);
        for (int i = map.blockAt(fromOffset); i < map.blocks().size(); i++) {
            if (map.blocks().get(i).maxTimestamp() < timestampMillis) {
                continue;
            }
            ByteBuffer block = block(place, map, i);
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

    private ByteBuffer block(Place place, SegmentMap map, int number) throws IOException {
        Block block = map.blocks().get(number);
        long position = place.segment().position() + block.position();
        Optional<ByteBuffer> copy = local.read(place.object(), position, block.lengthBytes());
        if (copy.isPresent()) {
            if (SegmentMap.match(List.of(block), copy.get())) {
                return copy.get();
            }
            dropDamaged(local, counts, place, position);
        }
        return chunks.read(map.piece(map.pieceOf(number)))
                .slice(map.positionInPiece(number), block.lengthBytes());
    }
}
