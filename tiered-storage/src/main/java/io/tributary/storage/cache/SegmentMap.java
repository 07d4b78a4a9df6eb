package io.tributary.storage.cache;

import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.storage.cache.SegmentReader.Place;
import io.tributary.storage.segment.SegmentIndex;
import io.tributary.storage.segment.SegmentIndex.Block;
import io.tributary.storage.segment.SegmentInfo;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A segment's index and how the segment is cut into pieces: whole blocks of about {@link
 * #PIECE_BYTES}; a segment that is no larger is one piece together with its index. Immutable.
 */
final class SegmentMap {
    static final int PIECE_BYTES = 1 << 20;

    /** Heap a block takes, its record and the reference to it. */
    private static final int BLOCK_HEAP_BYTES = 64;

    private static final int HEAP_BYTES = 256;

    private final Place place;
    private final List<Block> blocks;
    private final SegmentIndex index;

    /** The number of each piece's first block. */
    private final int[] firstBlocks;

    private SegmentMap(Place place, SegmentIndex index) {
        this.place = place;
        this.index = index;
        blocks = index.blocks();
        firstBlocks = compact(place).isPresent() ? new int[] {0} : cut(blocks);
    }

    /**
     * The map of a segment, by its index.
     *
     * @throws MalformedBytesException the index is damaged
     */
    static SegmentMap of(Place place, ByteBuffer index) {
        return new SegmentMap(place, readIndex(place, index));
    }

    private static SegmentIndex readIndex(Place place, ByteBuffer bytes) {
        return SegmentIndex.read(bytes, place.object(), place.segment());
    }

    private static int[] cut(List<Block> blocks) {
        int[] first = new int[blocks.size()];
        int pieces = 0;
        long bytes = PIECE_BYTES;
        for (int i = 0; i < first.length; i++) {
            if (bytes >= PIECE_BYTES) {
                first[pieces++] = i;
                bytes = 0;
            }
            bytes += blocks.get(i).lengthBytes();
        }
        return Arrays.copyOf(first, pieces);
    }

    /** The one piece of a small segment, known without its index; empty for a large segment. */
    static Optional<Piece> compact(Place place) {
        SegmentInfo segment = place.segment();
        long bytes = segment.lengthBytes() + segment.indexLengthBytes();
        if (segment.position() + segment.lengthBytes() != segment.indexPosition()
                || bytes > PIECE_BYTES) {
            return Optional.empty();
        }
        return Optional.of(
                new Piece(
                        new Extent(place.object(), segment.position(), (int) bytes),
                        whole -> {
                            try {
                                return match(
                                        readIndex(place, indexOf(place, whole)).blocks(), whole);
                            } catch (MalformedBytesException e) {
                                return false;
                            }
                        }));
    }

    /** The index within the one piece of a small segment. */
    static ByteBuffer indexOf(Place place, ByteBuffer whole) {
        SegmentInfo segment = place.segment();
        return whole.slice((int) segment.lengthBytes(), segment.indexLengthBytes());
    }

    /** The index of a segment as a piece of its own. */
    static Piece indexPiece(Place place) {
        SegmentInfo segment = place.segment();
        return new Piece(
                new Extent(place.object(), segment.indexPosition(), segment.indexLengthBytes()),
                bytes -> {
                    try {
                        return !readIndex(place, bytes).blocks().isEmpty();
                    } catch (MalformedBytesException e) {
                        return false;
                    }
                });
    }

    List<Block> blocks() {
        return blocks;
    }

    /** The number of the block that holds the offset. */
    int blockAt(long offset) {
        return index.blockAt(offset);
    }

    int pieces() {
        return firstBlocks.length;
    }

    /** The number of the piece that holds a block. */
    int pieceOf(int block) {
        int at = Arrays.binarySearch(firstBlocks, block);
        return at >= 0 ? at : -at - 2;
    }

    Piece piece(int number) {
        Optional<Piece> whole = compact(place);
        if (whole.isPresent()) {
            return whole.get();
        }
        List<Block> inside = blocks.subList(firstBlocks[number], blockEnd(number));
        return new Piece(
                new Extent(
                        place.object(),
                        place.segment().position() + inside.getFirst().position(),
                        length(inside)),
                bytes -> match(inside, bytes));
    }

    /** Where a block begins within its piece. */
    int positionInPiece(int block) {
        return (int)
                (blocks.get(block).position() - blocks.get(firstBlocks[pieceOf(block)]).position());
    }

    /** Bytes of a piece's blocks, which are its first bytes. */
    int blockBytes(int piece) {
        return length(blocks.subList(firstBlocks[piece], blockEnd(piece)));
    }

    /** The pieces from the one that holds the offset, until they have so many bytes from there. */
    List<Piece> from(long offset, long bytes) {
        int block = blockAt(offset);
        long left = bytes + positionInPiece(block);
        List<Piece> wanted = new ArrayList<>();
        for (int piece = pieceOf(block); piece < pieces() && left > 0; piece++) {
            wanted.add(piece(piece));
            left -= blockBytes(piece);
        }
        return wanted;
    }

    /** Bytes of the segment from the offset's block on. */
    long bytesFrom(long offset) {
        return place.segment().lengthBytes() - blocks.get(blockAt(offset)).position();
    }

    /** What this takes in memory. */
    int heapBytes() {
        return HEAP_BYTES + blocks.size() * BLOCK_HEAP_BYTES;
    }

    /** Whether the buffer begins with these blocks, which lie together. */
    static boolean match(List<Block> blocks, ByteBuffer bytes) {
        long from = blocks.getFirst().position();
        for (Block block : blocks) {
            long at = block.position() - from;
            if (at + block.lengthBytes() > bytes.remaining()
                    || !block.holds(bytes.slice((int) at, block.lengthBytes()))) {
                return false;
            }
        }
        return true;
    }

    private int blockEnd(int piece) {
        return piece + 1 < firstBlocks.length ? firstBlocks[piece + 1] : blocks.size();
    }

    private static int length(List<Block> blocks) {
        return blocks.stream().mapToInt(Block::lengthBytes).sum();
    }
}
