package io.tributary.ingest.kafka.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.UnsupportedCompressionTypeException;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

class PlainBatchesTest {
    private static final int VALUE_BYTES = 10_000;
    private static final int HEADER_BYTES = 61;

    private static ByteBuffer batch(CompressionType codec) {
        return MemoryRecords.withRecords(
                        Compression.of(codec).build(),
                        new SimpleRecord(1_700_000_000_000L, new byte[VALUE_BYTES]))
                .buffer();
    }

    private static int count(int maxBytes, ByteBuffer... batches) {
        return PlainBatches.of(List.of(batches), maxBytes).size();
    }

    @Test
    void batchesAreAsManyAsFitUncompressedAndOneInAnyCase() {
        ByteBuffer zstd = batch(CompressionType.ZSTD);
        int plain = batch(CompressionType.NONE).remaining();
        assertEquals(1, count(1, zstd, zstd, zstd));
        assertEquals(1, count(2 * plain - 1, zstd, zstd, zstd));
        assertEquals(2, count(2 * plain, zstd, zstd, zstd));
        assertEquals(2, count(3 * plain - 1, zstd, zstd, batch(CompressionType.NONE)));
    }

    @Test
    void whatIsNotInZstdStaysAsItIs() {
        ByteBuffer gzip = batch(CompressionType.GZIP);
        assertSame(gzip, PlainBatches.of(List.of(gzip), VALUE_BYTES).getFirst());
    }

    @Test
    void batchThatCannotBeReadIsRefused() {
        ByteBuffer zstd = batch(CompressionType.ZSTD);
        zstd.put(HEADER_BYTES, new byte[4]);
        assertThrows(
                UnsupportedCompressionTypeException.class,
                () -> PlainBatches.of(List.of(zstd), VALUE_BYTES));
    }
}
