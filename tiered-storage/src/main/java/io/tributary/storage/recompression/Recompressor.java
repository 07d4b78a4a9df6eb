package io.tributary.storage.recompression;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.tributary.storage.segment.BatchFields;
import io.tributary.storage.segment.BatchHeader;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/**
 * Compresses batches with zstd that came otherwise. Records and every header field but length,
 * codec and checksum stay. A batch stays byte for byte when it came in zstd, is a control batch, is
 * damaged, would not get smaller, or has records of more than {@link #MAX_RECORDS_BYTES}. Not
 * thread-safe.
 */
final class Recompressor implements AutoCloseable {
    /** Larger batches, uncompressed, are left alone. */
    static final int MAX_RECORDS_BYTES = 16 << 20;

    private final Inflater inflater = new Inflater();
    private final ZstdCompressCtx zstd;
    private byte[] compressed = new byte[0];

    /** Begins with a level from 1 to 22. */
    Recompressor(int zstdLevel) {
        zstd = new ZstdCompressCtx();
        zstd.setLevel(zstdLevel);
    }

    /** The batch as it is to be stored: the same buffer, or a smaller batch. */
    ByteBuffer recompress(ByteBuffer batch) {
        if (BatchFields.codec(batch) == BatchFields.ZSTD
                || BatchFields.control(batch)
                || !BatchHeader.parse(batch).crcMatches(batch)) {
            return batch;
        }
        OptionalInt length = inflater.inflate(batch, MAX_RECORDS_BYTES);
        if (length.isEmpty()) {
            return batch;
        }
        ByteBuffer smaller = encode(batch, inflater.bytes(), length.getAsInt());
        return smaller.remaining() < batch.remaining() ? smaller : batch;
    }

    /** A batch with this header and these records, which are not compressed yet. */
    ByteBuffer encode(ByteBuffer header, byte[] records, int length) {
        int bound = Math.toIntExact(Zstd.compressBound(length));
        if (compressed.length < bound) {
            compressed = new byte[bound];
        }
        int size = zstd.compressByteArray(compressed, 0, bound, records, 0, length);
        return BatchFields.withRecords(header, BatchFields.ZSTD, compressed, size);
    }

    @Override
    public void close() {
        zstd.close();
        inflater.close();
    }
}
