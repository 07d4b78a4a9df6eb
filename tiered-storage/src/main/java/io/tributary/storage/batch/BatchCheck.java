package io.tributary.storage.batch;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.tributary.storage.BatchOutcome.Flaw;
import io.tributary.storage.BatchRequest.Part;
import io.tributary.storage.Shard;
import io.tributary.storage.recompression.SnappyFrames;
import io.tributary.storage.segment.BatchFields;
import io.tributary.storage.segment.BatchHeader;
import io.tributary.storage.segment.ProducerStamp;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.ByteBufferInputStream;

/**
 * Checks a batch as a client sent it, as Kafka's LogValidator does, without decoding records into
 * objects. Compressed ones are read through a window; neither what comes out nor what the batch
 * claims decides how much memory it gets. Thread-safe.
 */
public final class BatchCheck {
    /**
     * Records take no more uncompressed. A batch that is refused for it is split by Java's producer
     * and sent again.
     */
    static final int MAX_RECORDS_BYTES = 2 * Shard.MAX_REQUEST_BYTES;

    /** Larger windows are refused: 2^26 bytes. */
    private static final int MAX_ZSTD_WINDOW_LOG = 26;

    /** No Snappy stream can say more in a byte: three of them copy 64. */
    private static final long MOST_SNAPPY_RATIO = 24;

    private BatchCheck() {}

    /**
     * Checks a batch, and dates it where the topic has LogAppendTime.
     *
     * @param maxNamed how many records that the topic does not take may be named
     */
    public static Checked check(Part part, long nowMillis, int maxNamed) {
        try {
            return checked(part, nowMillis, maxNamed);
        } catch (FlawException e) {
            return new Checked.Flawed(e.outcome());
        }
    }

    private static CheckedBatch checked(Part part, long nowMillis, int maxNamed)
            throws FlawException {
        ByteBuffer batch = part.batch().slice();
        BatchHeader header = whole(batch, part.settings().maxMessageBytes());
        checkFields(batch, header);
        ByteBuffer records = BatchFields.records(batch);
        long maxTimestamp;
        try (RecordBytes bytes = open(BatchFields.codec(batch), records.duplicate())) {
            maxTimestamp =
                    new RecordWalk(
                                    bytes,
                                    BatchFields.baseTimestamp(batch),
                                    part.settings(),
                                    nowMillis,
                                    maxNamed)
                            .walk(BatchFields.count(batch));
        }
        ByteBuffer own = ByteBuffer.allocate(BatchHeader.BYTES);
        own.put(0, batch, 0, BatchHeader.BYTES);
        boolean logAppendTime = part.settings().timestamps().logAppendTime();
        if (logAppendTime) {
            BatchFields.date(own, records, true, nowMillis);
        } else if (maxTimestamp != header.maxTimestamp()) {
            BatchFields.date(own, records, false, maxTimestamp);
        }
        return new CheckedBatch(
                part.partition(),
                own,
                records,
                BatchFields.count(batch),
                ProducerStamp.of(batch),
                logAppendTime ? OptionalLong.of(nowMillis) : OptionalLong.empty());
    }

    /** The header of a batch that is alone in its buffer and undamaged. */
    private static BatchHeader whole(ByteBuffer batch, int maxBytes) throws FlawException {
        if (batch.remaining() < BatchHeader.BYTES) {
            throw new FlawException(Flaw.CORRUPT_MESSAGE, "it is shorter than a batch's header");
        }
        if (BatchFields.magic(batch) != RecordBatch.MAGIC_VALUE_V2) {
            throw invalid("its format has magic " + BatchFields.magic(batch) + ", wanted is 2");
        }
        long size = BatchFields.sizeBytes(batch);
        if (size < BatchHeader.BYTES || size > batch.remaining()) {
            throw new FlawException(Flaw.CORRUPT_MESSAGE, "it says another length than it has");
        }
        if (size < batch.remaining()) {
            throw invalid("there is more than one batch for the partition");
        }
        if (size > Math.min(maxBytes, Shard.MAX_REQUEST_BYTES)) {
            throw new FlawException(
                    Flaw.MESSAGE_TOO_LARGE,
                    "it takes " + size + " bytes, the topic's max.message.bytes are " + maxBytes);
        }
        if (BatchFields.lastOffsetDelta(batch) < 0) {
            throw invalid("its last offset lies before its first");
        }
        BatchHeader header = BatchHeader.parse(batch);
        if (!header.crcMatches(batch)) {
            throw new FlawException(Flaw.CORRUPT_MESSAGE, "it does not match its checksum");
        }
        return header;
    }

    private static void checkFields(ByteBuffer batch, BatchHeader header) throws FlawException {
        if (header.baseOffset() != 0) {
            throw invalid("its base offset is " + header.baseOffset() + ", not 0");
        }
        if (BatchFields.control(batch)) {
            throw invalid("clients may not write control batches");
        }
        if (BatchFields.transactional(batch)) {
            throw new FlawException(Flaw.INVALID_TXN_STATE, "transactions are not supported");
        }
        if (BatchFields.unknownAttributes(batch)) {
            throw invalid("its attributes have unknown bits");
        }
        if (BatchFields.codec(batch) > BatchFields.ZSTD) {
            throw new FlawException(
                    Flaw.UNSUPPORTED_COMPRESSION_TYPE,
                    "there is no codec " + BatchFields.codec(batch));
        }
        if (BatchFields.logAppendTime(batch)) {
            throw new FlawException(
                    Flaw.INVALID_TIMESTAMP, "clients may not say that a batch has LogAppendTime");
        }
        int count = BatchFields.count(batch);
        if (count <= 0 || count - 1 != header.lastOffsetDelta()) {
            throw invalid(
                    "it says "
                            + count
                            + " records, its offsets "
                            + header.lastOffsetDelta()
                            + "+1");
        }
        Optional<ProducerStamp> producer = ProducerStamp.of(batch);
        if (producer.isPresent() && !producer.get().valid()) {
            throw invalid("its producer id, epoch or sequence is below 0");
        }
    }

    private static RecordBytes open(int codec, ByteBuffer records) throws FlawException {
        CompressionType type = CompressionType.forId(codec);
        if (type == CompressionType.NONE) {
            return RecordBytes.inPlace(records);
        }
        if (type == CompressionType.SNAPPY
                && !SnappyFrames.fit(
                        records.duplicate(),
                        Math.min(MAX_RECORDS_BYTES, MOST_SNAPPY_RATIO * records.remaining()))) {
            throw new FlawException(
                    Flaw.MESSAGE_TOO_LARGE, "the records claim to take too much uncompressed");
        }
        try {
            return RecordBytes.inflating(inflating(type, records), MAX_RECORDS_BYTES);
        } catch (IOException | RuntimeException e) {
            // A decoder may throw anything on hostile bytes.
            throw invalid("the records cannot be decompressed");
        }
    }

    private static InputStream inflating(CompressionType type, ByteBuffer records)
            throws IOException {
        if (type != CompressionType.ZSTD) {
            return Compression.of(type)
                    .build()
                    .wrapForInput(records, RecordBatch.MAGIC_VALUE_V2, BufferSupplier.NO_CACHING);
        }
        return new ZstdInputStreamNoFinalizer(new ByteBufferInputStream(records))
                .setLongMax(MAX_ZSTD_WINDOW_LOG);
    }

    private static FlawException invalid(String what) {
        return new FlawException(Flaw.INVALID_RECORD, what);
    }
}
