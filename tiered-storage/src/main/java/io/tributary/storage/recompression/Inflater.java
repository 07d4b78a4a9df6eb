package io.tributary.storage.recompression;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import io.tributary.storage.segment.BatchFields;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;

/**
 * Reads a batch's records uncompressed, never more than it is told to: neither what comes out nor
 * what a batch claims about itself decides how much memory it gets. Not thread-safe: it reuses its
 * buffers.
 */
public final class Inflater implements AutoCloseable {
    private static final int FIRST_BYTES = 64 << 10;
    private static final int SNAPPY = CompressionType.SNAPPY.id;

    private final BufferSupplier buffers = BufferSupplier.create();
    private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();
    private byte[] bytes = new byte[FIRST_BYTES];

    /** What the last successful {@link #inflate} left, until the next. */
    public byte[] bytes() {
        return bytes;
    }

    /** The length of the records; empty where they exceed the limit or cannot be read. */
    public OptionalInt inflate(ByteBuffer batch, int limitBytes) {
        int codec = BatchFields.codec(batch);
        ByteBuffer records = BatchFields.records(batch);
        if (codec > BatchFields.ZSTD
                || (codec == SNAPPY && !SnappyFrames.fit(records.duplicate(), limitBytes))) {
            return OptionalInt.empty();
        }
        try {
            return codec == BatchFields.ZSTD
                    ? inflateZstd(records, limitBytes)
                    : inflateStream(codec, records, limitBytes);
        } catch (IOException | RuntimeException e) {
            // A decoder may throw anything on hostile bytes. Whoever reads them is told, as before.
            return OptionalInt.empty();
        }
    }

    /** The batch with its records uncompressed; empty where {@link #inflate} would be. */
    public Optional<ByteBuffer> uncompressed(ByteBuffer batch, int limitBytes) {
        OptionalInt length = inflate(batch, limitBytes);
        return length.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        BatchFields.withRecords(
                                batch, BatchFields.UNCOMPRESSED, bytes, length.getAsInt()));
    }

    /**
     * At once into a buffer of the limit's size, so that no window is taken beside it; of the
     * records' size where they are one frame that says it, as ours are.
     */
    private OptionalInt inflateZstd(ByteBuffer records, int limitBytes) {
        byte[] source = new byte[records.remaining()];
        records.get(source);
        int room = limitBytes;
        if (Zstd.findFrameCompressedSize(source) == source.length) {
            long said = Zstd.getFrameContentSize(source);
            room = said > 0 ? Math.toIntExact(Math.min(said, limitBytes)) : limitBytes;
        }
        ensure(room);
        return OptionalInt.of(zstd.decompressByteArray(bytes, 0, room, source, 0, source.length));
    }

    private OptionalInt inflateStream(int codec, ByteBuffer records, int limitBytes)
            throws IOException {
        int length = 0;
        try (InputStream in =
                Compression.of(CompressionType.forId(codec))
                        .build()
                        .wrapForInput(records, RecordBatch.MAGIC_VALUE_V2, buffers)) {
            while (length <= limitBytes) {
                ensure(length + 1);
                int more = in.read(bytes, length, bytes.length - length);
                if (more < 0) {
                    return OptionalInt.of(length);
                }
                length += more;
            }
        }
        return OptionalInt.empty();
    }

    private void ensure(int length) {
        if (length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length, 2 * bytes.length));
        }
    }

    @Override
    public void close() {
        zstd.close();
        buffers.close();
    }
}
