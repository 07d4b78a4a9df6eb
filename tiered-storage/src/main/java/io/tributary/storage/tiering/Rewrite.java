package io.tributary.storage.tiering;

import io.tributary.storage.cache.SegmentReader;
import io.tributary.storage.segment.ObjectWriter;
import io.tributary.storage.state.StoredSegment;
import io.tributary.storage.state.Upkeep.Rewritable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts smaller objects in the place of those with records of removed topics, or mostly expired
 * ones; the old object is garbage then. Used by one thread at a time; blocks.
 */
final class Rewrite {
    private static final Logger LOG = LoggerFactory.getLogger(Rewrite.class);
    private static final int READ_BYTES = 4 << 20;

    private final ShardContext shard;
    private final Uploads uploads;

    Rewrite(ShardContext shard, Uploads uploads) {
        this.shard = shard;
        this.uploads = uploads;
    }

    void run() throws IOException {
        for (Rewritable old : shard.own().upkeep().rewritable()) {
            ObjectWriter.Written written = uploads.upload(writer -> copy(old.live(), writer));
            LOG.info(
                    "object rewritten shard={} from={} to={} segments={} bytes={}",
                    shard.shard(),
                    old.object().name(),
                    written.id().name(),
                    written.segments().size(),
                    written.sizeBytes());
        }
    }

    private void copy(List<StoredSegment> live, ObjectWriter writer) throws IOException {
        for (StoredSegment segment : live) {
            SegmentReader.Place place =
                    new SegmentReader.Place(
                            segment.object(), segment.objectBytes(), segment.info());
            writer.beginSegment(segment.info().partition());
            long offset = segment.info().startOffset();
            while (offset < segment.info().endOffset()) {
                List<ByteBuffer> batches = shard.node().segments().read(place, offset, READ_BYTES);
                for (ByteBuffer batch : batches) {
                    writer.append(batch);
                    offset = io.tributary.storage.segment.BatchHeader.parse(batch).lastOffset() + 1;
                }
            }
            writer.endSegment();
        }
    }
}
