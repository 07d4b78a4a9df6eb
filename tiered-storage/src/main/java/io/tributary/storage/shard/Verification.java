package io.tributary.storage.shard;

import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.object.ObjectStore;
import io.tributary.storage.object.ObjectStoreException;
import io.tributary.storage.segment.ObjectFooter;
import io.tributary.storage.segment.SegmentIndex;
import io.tributary.storage.segment.SegmentIndex.Block;
import io.tributary.storage.segment.SegmentInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Reads whole objects from the store, past every cache, and compares them with their checksums, so
 * that rot is found before a reader finds it. Blocks.
 */
final class Verification {
    private static final int READ_BYTES = 4 << 20;

    private final ObjectStore store;

    Verification(ObjectStore store) {
        this.store = store;
    }

    /**
     * Whether the object is what was written.
     *
     * @throws ObjectStoreException it is not there, or the store is out of reach
     */
    boolean undamaged(String key, long sizeBytes) throws IOException {
        try {
            int tailBytes = ObjectFooter.TAIL_BYTES;
            long table =
                    ObjectFooter.tablePosition(
                            store.get(key, Math.max(0, sizeBytes - tailBytes), tailBytes));
            if (table < 0 || table > sizeBytes - tailBytes) {
                return false;
            }
            ByteBuffer footer = store.get(key, table, Math.toIntExact(sizeBytes - table));
            ObjectId object = ObjectId.parse(key).orElseThrow();
            for (SegmentInfo segment : ObjectFooter.read(footer)) {
                if (!undamaged(object, segment)) {
                    return false;
                }
            }
            return true;
        } catch (MalformedBytesException | ArithmeticException e) {
            return false;
        } catch (ObjectStoreException e) {
            if (e.kind() == ObjectStoreException.Kind.CORRUPT) {
                return false;
            }
            throw e;
        }
    }

    private boolean undamaged(ObjectId object, SegmentInfo segment) throws IOException {
        String key = object.key();
        ByteBuffer index = store.get(key, segment.indexPosition(), segment.indexLengthBytes());
        List<Block> blocks = SegmentIndex.read(index, object, segment).blocks();
        int next = 0;
        while (next < blocks.size()) {
            int first = next;
            int bytes = 0;
            do {
                bytes += blocks.get(next).lengthBytes();
                next++;
            } while (next < blocks.size()
                    && bytes + (long) blocks.get(next).lengthBytes() <= READ_BYTES);
            ByteBuffer read =
                    store.get(key, segment.position() + blocks.get(first).position(), bytes);
            int at = read.position();
            for (Block block : blocks.subList(first, next)) {
                if (!block.holds(read.slice(at, block.lengthBytes()))) {
                    return false;
                }
                at += block.lengthBytes();
            }
        }
        return true;
    }
}
