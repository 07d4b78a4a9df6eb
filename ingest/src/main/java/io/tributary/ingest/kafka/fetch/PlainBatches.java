package io.tributary.ingest.kafka.fetch;

import io.tributary.storage.Shard;
import io.tributary.storage.recompression.Inflater;
import io.tributary.storage.segment.BatchFields;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.protocol.Errors;

/**
 * Batches for clients of before Kafka 2.1, which do not know zstd. Their producers never used it,
 * but storage does: what is compressed so goes out uncompressed.
 */
final class PlainBatches {
    /** More than the records of any batch take that is stored. */
    private static final int MAX_BYTES = 2 * Shard.MAX_REQUEST_BYTES;

    private PlainBatches() {}

    /** As many from the first on as take no more bytes than this, and one in any case. */
    static List<ByteBuffer> of(List<ByteBuffer> batches, int maxBytes) {
        List<ByteBuffer> plain = new ArrayList<>();
        int left = maxBytes;
        try (Inflater inflater = new Inflater()) {
            for (ByteBuffer batch : batches) {
                Optional<ByteBuffer> next =
                        plain(inflater, batch, plain.isEmpty() ? MAX_BYTES : left);
                if (next.isEmpty() && plain.isEmpty()) {
                    throw Errors.UNSUPPORTED_COMPRESSION_TYPE.exception();
                }
                if (next.isEmpty() || (next.get().remaining() > left && !plain.isEmpty())) {
                    break;
                }
                plain.add(next.get());
                left -= next.get().remaining();
            }
        }
        return plain;
    }

    /** Empty where the records take more than the limit. */
    private static Optional<ByteBuffer> plain(Inflater inflater, ByteBuffer batch, int limit) {
        if (BatchFields.codec(batch) != BatchFields.ZSTD) {
            return Optional.of(batch);
        }
        return limit <= 0 ? Optional.empty() : inflater.uncompressed(batch, limit);
    }
}
