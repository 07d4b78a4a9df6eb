package io.tributary.storage.state;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.state.PartitionState.Cleaned;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A partition as the bytes a snapshot has for it: docs/formats/snapshot.md. The positions that
 * methods take are those of a record's first byte.
 */
final class PartitionRecord {
    private static final int INDEX_AT = 16;
    private static final int LOG_START_AT = INDEX_AT + 4;
    private static final int NEXT_OFFSET_AT = LOG_START_AT + 8;
    private static final int LOGGED_SINCE_AT = NEXT_OFFSET_AT + 8;
    private static final int CLEANED_AT = LOGGED_SINCE_AT + 8;
    private static final int SEGMENTS_AT = CLEANED_AT + Cleaned.BYTES;
    private static final int ROWS_AT = SEGMENTS_AT + 4;
    private static final int COUNT_BYTES = 4;

    /** Without segments, producers and batches. */
    static final int MIN_BYTES = ROWS_AT + 2 * COUNT_BYTES;

    private PartitionRecord() {}

    /** A partition at one moment; shares nothing that changes. */
    record Copy(
            PartitionId id,
            long logStart,
            long nextOffset,
            long loggedSinceMillis,
            Cleaned cleaned,
            SegmentRows segments,
            ByteBuffer producers,
            List<BatchRef> logged) {
        static Copy of(PartitionId id, PartitionState partition) {
            return new Copy(
                    id,
                    partition.logStart(),
                    partition.nextOffset(),
                    partition.loggedSinceMillis(),
                    partition.cleaned(),
                    partition.segments(),
                    partition.producerBytes(),
                    List.copyOf(partition.logged()));
        }

        int sizeBytes() {
            return MIN_BYTES
                    + segments.size() * SegmentRows.ROW_BYTES
                    + producers.remaining()
                    + logged.size() * BatchRef.BYTES;
        }
    }

    static void write(BinaryWriter out, Copy partition) {
        out.uuid(partition.id().topic().value()).i32(partition.id().index());
        out.i64(partition.logStart()).i64(partition.nextOffset());
        out.i64(partition.loggedSinceMillis());
        out.i64(partition.cleaned().to()).i64(partition.cleaned().horizonMillis());
        out.i32(partition.segments().size());
        partition.segments().write(out);
        out.i32(partition.producers().remaining()).raw(partition.producers());
        out.i32(partition.logged().size());
        for (BatchRef batch : partition.logged()) {
            out.i64(batch.baseOffset()).i64(batch.endOffset());
            batch.at().write(out);
            out.i32(batch.position()).i32(batch.length()).i64(batch.maxTimestamp());
        }
    }

    /**
     * Passes over a record that may be anything.
     *
     * @return whether it has batches in the log
     * @throws io.tributary.kernel.bytes.MalformedBytesException it is none
     */
    static boolean pass(BinaryReader in) {
        in.slice(SEGMENTS_AT);
        in.slice(in.count(SegmentRows.ROW_BYTES) * SegmentRows.ROW_BYTES);
        BinaryReader producers = new BinaryReader(in.slice(in.i32()));
        while (producers.remaining() > 0) {
            Producer.read(producers);
        }
        int batches = in.count(BatchRef.BYTES);
        in.slice(batches * BatchRef.BYTES);
        return batches > 0;
    }

    static PartitionId id(ByteBuffer records, int at) {
        return new PartitionId(
                new TopicId(new UUID(records.getLong(at), records.getLong(at + 8))),
                records.getInt(at + INDEX_AT));
    }

    /** The order of a record and a partition, as {@link PartitionId#compareTo} has it. */
    static int compare(ByteBuffer records, int at, PartitionId id) {
        UUID topic = id.topic().value();
        int order = Long.compare(records.getLong(at), topic.getMostSignificantBits());
        if (order == 0) {
            order = Long.compare(records.getLong(at + 8), topic.getLeastSignificantBits());
        }
        return order == 0 ? Integer.compare(records.getInt(at + INDEX_AT), id.index()) : order;
    }

    /** The bytes of a record without batches in the log. */
    static int length(ByteBuffer records, int at) {
        int rows = rowBytes(records, at);
        return MIN_BYTES + rows + records.getInt(at + ROWS_AT + rows);
    }

    private static int rowBytes(ByteBuffer records, int at) {
        return records.getInt(at + SEGMENTS_AT) * SegmentRows.ROW_BYTES;
    }

    static boolean hasSegments(ByteBuffer records, int at) {
        return records.getInt(at + SEGMENTS_AT) > 0;
    }

    /** The partition without its batches in the log; shares the record's memory. */
    static PartitionState view(ByteBuffer records, int at, ObjectUses objects) {
        int rows = rowBytes(records, at);
        int producersAt = at + ROWS_AT + rows + COUNT_BYTES;
        int producers = records.getInt(producersAt - COUNT_BYTES);
        return new PartitionState(
                records.getLong(at + LOG_START_AT),
                records.getLong(at + NEXT_OFFSET_AT),
                records.getLong(at + LOGGED_SINCE_AT),
                new Cleaned(records.getLong(at + CLEANED_AT), records.getLong(at + CLEANED_AT + 8)),
                new SegmentRows(records.slice(at + ROWS_AT, rows), objects),
                producers == 0
                        ? Optional.empty()
                        : Optional.of(new Producers(records.slice(producersAt, producers))));
    }

    /** The partition with its batches in the log. */
    static PartitionState read(ByteBuffer record, ObjectUses objects) {
        PartitionState partition = view(record, 0, objects).withRowsOfItsOwn();
        BinaryReader in = new BinaryReader(record);
        in.slice(ROWS_AT + partition.segments().size() * SegmentRows.ROW_BYTES);
        in.slice(in.i32());
        int batches = in.i32();
        for (int i = 0; i < batches; i++) {
            partition
                    .logged()
                    .add(
                            new BatchRef(
                                    in.i64(),
                                    in.i64(),
                                    LogPosition.read(in),
                                    in.i32(),
                                    in.i32(),
                                    in.i64()));
        }
        return partition;
    }
}
