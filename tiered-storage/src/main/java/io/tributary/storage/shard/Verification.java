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

/**
 * Reads whole objects from the store, past every cache, and compares them with their checksums, so
 * that rot is found before a reader finds it. Blocks.
 */
final class Verification {
    private static final int WINDOW_BYTES = 4 << 20;

    private final ObjectStore store;

    Verification(ObjectStore store) {
        this.store = store;
    }

    /** An object's bytes, read in large pieces: what lies together is asked for once. */
    private final class Content {
        private final String key;
        private final long sizeBytes;
        private long windowAt = -1;
        private ByteBuffer window = ByteBuffer.allocate(0);

        private Content(String key, long sizeBytes) {
            this.key = key;
            this.sizeBytes = sizeBytes;
        }

        private ByteBuffer read(long position, int length) throws IOException {
            if (position < 0 || length < 0 || position + length > sizeBytes) {
                throw new MalformedBytesException("nothing lies at " + position);
            }
            long at = position - position % WINDOW_BYTES;
            if (position + length > at + WINDOW_BYTES) {
                return store.get(key, position, length);
            }
            if (at != windowAt) {
                window = store.get(key, at, (int) Math.min(WINDOW_BYTES, sizeBytes - at));
                windowAt = at;
            }
            return window.slice(window.position() + (int) (position - at), length);
        }
    }

    /**
     * Whether the object is what was written.
     *
     * @throws ObjectStoreException it is not there, or the store is out of reach
     */
    boolean undamaged(String key, long sizeBytes) throws IOException {
        Content content = new Content(key, sizeBytes);
        try {
            int tailBytes = ObjectFooter.TAIL_BYTES;
            long table = ObjectFooter.tablePosition(content.read(sizeBytes - tailBytes, tailBytes));
            ByteBuffer footer = content.read(table, Math.toIntExact(sizeBytes - table));
            ObjectId object = ObjectId.parse(key).orElseThrow();
            for (SegmentInfo segment : ObjectFooter.read(footer)) {
                if (!undamaged(content, object, segment)) {
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

    private static boolean undamaged(Content content, ObjectId object, SegmentInfo segment)
            throws IOException {
        ByteBuffer index = content.read(segment.indexPosition(), segment.indexLengthBytes());
        for (Block block : SegmentIndex.read(index, object, segment).blocks()) {
            long at = segment.position() + block.position();
            if (!block.holds(content.read(at, block.lengthBytes()))) {
                return false;
            }
        }
        return true;
    }
}
