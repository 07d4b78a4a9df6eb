package io.tributary.storage.restore;

import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.fault.CorruptDataException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.object.ObjectStoreException;
import io.tributary.storage.restore.Coverage.Piece;
import io.tributary.storage.segment.BatchHeader;
import io.tributary.storage.segment.SegmentIndex;
import io.tributary.storage.segment.SegmentIndex.Block;
import io.tributary.storage.segment.SegmentInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A partition's records as an object store has them, without a server. What is not in the store yet
 * is not seen. Reads need the memory of a few megabytes, whatever the partition's size.
 */
public final class StoredPartition {
    private static final int READ_BYTES = 4 << 20;
    private static final String ADVICE = "Restore the object from a replica or a backup.";

    private final ObjectStore store;
    private final RestoredPartition partition;

    private StoredPartition(ObjectStore store, RestoredPartition partition) {
        this.store = store;
        this.partition = partition;
    }

    /** The partition by what is known of its shard. */
    public static StoredPartition of(ObjectStore store, StoredShard shard, PartitionId id) {
        return new StoredPartition(
                store,
                RestoredPartition.of(
                        shard,
                        shard.snapshot()
                                .map(snapshot -> snapshot.salvage().partition(id))
                                .orElseGet(() -> RestoredPartition.unknown(id)),
                        0,
                        RestoredPartition.later(shard).getOrDefault(id, List.of()),
                        batch -> false));
    }

    public long startOffset() {
        return partition.logStart();
    }

    public long endOffset() {
        return partition.endOffset();
    }

    /** Offsets between start and end that have no record. */
    public List<PartitionReport.Range> gaps() {
        return partition.gaps();
    }

    /** Takes record batches in the order of their offsets. */
    public interface Reader {
        /** Whether it wants batches of which none has a later timestamp than this. */
        boolean wants(long maxTimestamp);

        /**
         * Takes a batch, which may begin below the offset that was asked for.
         *
         * @return false for no more
         */
        boolean batch(ByteBuffer batch) throws IOException;

        /** Hears of damage; reading goes on behind it unless this throws. */
        void damaged(CorruptDataException damage) throws IOException;
    }

    /**
     * Reads from an offset on; blocks on the store.
     *
     * @throws ObjectStoreException of kind MISSING where an object has been deleted since the
     *     partition was looked at: look again
     */
    public void read(long from, Reader reader) throws IOException {
        for (Piece piece : partition.pieces()) {
            if (piece.endOffset() <= from) {
                continue;
            }
            switch (piece) {
                case Piece.Known known -> {
                    if (!read(known.segment().object(), known.segment().info(), from, reader)) {
                        return;
                    }
                }
                case Piece.Later later -> {
                    if (!read(later.object(), later.info(), from, reader)) {
                        return;
                    }
                }
                case Piece.Logged logged ->
                        throw new IllegalStateException("no ledger is read here");
            }
        }
    }

    private boolean read(ObjectId object, SegmentInfo segment, long from, Reader reader)
            throws IOException {
        if (!reader.wants(segment.maxTimestamp())) {
            return true;
        }
        List<Block> blocks;
        try {
            SegmentIndex index =
                    SegmentIndex.read(
                            get(object, segment.indexPosition(), segment.indexLengthBytes()),
                            object,
                            segment);
            blocks = index.blocks().subList(index.blockAt(from), index.blocks().size());
        } catch (MalformedBytesException e) {
            reader.damaged(damage(object, segment.indexPosition(), e.getMessage()));
            return true;
        } catch (CorruptDataException e) {
            reader.damaged(e);
            return true;
        }
        int at = 0;
        while (at < blocks.size()) {
            int end = at;
            int bytes = 0;
            while (end < blocks.size()
                    && (end == at || bytes + blocks.get(end).lengthBytes() <= READ_BYTES)
                    && reader.wants(blocks.get(end).maxTimestamp())) {
                bytes += blocks.get(end++).lengthBytes();
            }
            if (end == at) {
                at++;
                continue;
            }
            if (!read(object, segment, blocks.subList(at, end), from, reader)) {
                return false;
            }
            at = end;
        }
        return true;
    }

    /** Reads neighbouring blocks at once. */
    private boolean read(
            ObjectId object, SegmentInfo segment, List<Block> blocks, long from, Reader reader)
            throws IOException {
        long first = blocks.getFirst().position();
        long end = blocks.getLast().position() + blocks.getLast().lengthBytes();
        ByteBuffer bytes;
        try {
            bytes = get(object, segment.position() + first, Math.toIntExact(end - first));
        } catch (CorruptDataException e) {
            reader.damaged(e);
            return true;
        }
        for (Block block : blocks) {
            int at = Math.toIntExact(block.position() - first);
            ByteBuffer content = bytes.slice(at, block.lengthBytes());
            if (!block.holds(content)) {
                reader.damaged(
                        damage(
                                object,
                                segment.position() + block.position(),
                                "these "
                                        + block.lengthBytes()
                                        + " bytes are not what was written"));
            } else if (!batches(object, content, from, reader)) {
                return false;
            }
        }
        return true;
    }

    private static boolean batches(ObjectId object, ByteBuffer block, long from, Reader reader)
            throws IOException {
        try {
            while (block.hasRemaining()) {
                BatchHeader header = BatchHeader.parse(block);
                int at = block.position();
                block.position(at + header.sizeBytes());
                if (header.lastOffset() >= from
                        && !reader.batch(block.slice(at, header.sizeBytes()))) {
                    return false;
                }
            }
        } catch (MalformedBytesException e) {
            reader.damaged(damage(object, block.position(), e.getMessage()));
        }
        return true;
    }

    /** Bytes of the object; one that is shorter than its index says is damaged. */
    private ByteBuffer get(ObjectId object, long position, int length) throws IOException {
        try {
            return store.get(object.key(), position, length);
        } catch (ObjectStoreException e) {
            if (e.kind() == ObjectStoreException.Kind.CORRUPT) {
                throw damage(object, position, e.getMessage());
            }
            throw e;
        }
    }

    private static CorruptDataException damage(ObjectId object, long position, String what) {
        return new CorruptDataException("object " + object, position, what, ADVICE);
    }
}
