package io.tributary.storage.state;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.bytes.Crc32c;
import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.SegmentInfo;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/**
 * A shard's whole state as bytes: blocks of partitions in their order, then the rest, then a table
 * of the blocks; docs/formats/snapshot.md. Each block has its own checksum, so that one partition
 * can be read without the others.
 */
final class Snapshot {
    private static final int MAGIC = 0x54525353;
    private static final int VERSION = 4;
    private static final int BLOCK_BYTES = 64 << 10;
    private static final int FOOTER_BYTES = 16;
    private static final int HEADER_BYTES = 4 + 1 + 8 + LogPosition.BYTES;
    private static final int BLOCK_REF_BYTES = 12;

    private Snapshot() {}

    /** The parts of a state that a snapshot holds. */
    record Content(
            long epoch,
            Map<PartitionId, PartitionState> partitions,
            ObjectUses objects,
            RetryKeys retries,
            Map<TopicId, Long> removedTopics,
            Receipts receipts) {}

    /**
     * What a snapshot says of itself.
     *
     * @param replayFrom the first entry of the log that it does not cover
     */
    record Header(long epoch, LogPosition replayFrom) {}

    static ByteBuffer write(LogPosition replayFrom, Content content) {
        BinaryWriter out = new BinaryWriter(1 << 16);
        out.i32(MAGIC).u8(VERSION).i64(content.epoch());
        replayFrom.write(out);
        int headerEnd = out.size();
        BinaryWriter table = new BinaryWriter(256);
        int blocks = 0;
        BinaryWriter block = new BinaryWriter(BLOCK_BYTES);
        for (var entry : new TreeMap<>(content.partitions()).entrySet()) {
            write(block, entry.getKey(), entry.getValue());
            if (block.size() >= BLOCK_BYTES) {
                close(out, table, block);
                blocks++;
                block = new BinaryWriter(BLOCK_BYTES);
            }
        }
        if (block.size() > 0) {
            close(out, table, block);
            blocks++;
        }
        BinaryWriter rest = new BinaryWriter(1 << 12);
        content.objects().write(rest);
        content.retries().write(rest);
        rest.i32(content.removedTopics().size());
        content.removedTopics().forEach((topic, at) -> rest.uuid(topic.value()).i64(at));
        content.receipts().write(rest);
        close(out, table, rest);
        int tableAt = out.size();
        out.raw(table.toBuffer());
        out.i32(out.crc32c(0, headerEnd)).i32(tableAt).i32(blocks);
        return out.i32(out.crc32c(tableAt, out.size())).toBuffer();
    }

    private static void close(BinaryWriter out, BinaryWriter table, BinaryWriter block) {
        table.i32(out.size()).i32(block.size()).i32(block.crc32c(0, block.size()));
        out.raw(block.toBuffer());
    }

    /** Reads into empty content. */
    static Header read(ByteBuffer bytes, Content into) {
        BinaryReader header = new BinaryReader(bytes);
        if (bytes.remaining() < HEADER_BYTES + FOOTER_BYTES || header.i32() != MAGIC) {
            throw new MalformedBytesException("not a snapshot");
        }
        int version = header.u8();
        if (version != VERSION) {
            throw new MalformedBytesException(
                    "snapshot version " + version + ", this release reads " + VERSION);
        }
        int length = bytes.remaining();
        BinaryReader footer = new BinaryReader(slice(bytes, length - FOOTER_BYTES, FOOTER_BYTES));
        if (Crc32c.of(slice(bytes, 0, HEADER_BYTES)) != footer.i32()) {
            throw new MalformedBytesException("the snapshot's header is damaged");
        }
        int tableAt = footer.i32();
        int blocks = footer.i32();
        int crc = footer.i32();
        if (Crc32c.of(slice(bytes, tableAt, length - 4 - tableAt)) != crc) {
            throw new MalformedBytesException("the snapshot's table does not match its checksum");
        }
        BinaryReader table =
                new BinaryReader(slice(bytes, tableAt, length - FOOTER_BYTES - tableAt));
        if (table.remaining() != (long) (blocks + 1) * BLOCK_REF_BYTES) {
            throw new MalformedBytesException("the snapshot's table has another length");
        }
        ByteBuffer[] parts = new ByteBuffer[blocks + 1];
        for (int i = 0; i <= blocks; i++) {
            parts[i] = slice(bytes, table.i32(), table.i32());
            if (Crc32c.of(parts[i]) != table.i32()) {
                throw new MalformedBytesException("snapshot block " + i + " is damaged");
            }
        }
        BinaryReader rest = new BinaryReader(parts[blocks]);
        into.objects().read(rest);
        into.retries().read(rest);
        int removed = rest.count(24);
        for (int i = 0; i < removed; i++) {
            into.removedTopics().put(new TopicId(rest.uuid()), rest.i64());
        }
        into.receipts().read(rest);
        for (int i = 0; i < blocks; i++) {
            BinaryReader block = new BinaryReader(parts[i]);
            while (block.remaining() > 0) {
                readPartition(block, into);
            }
        }
        into.objects().retained();
        return new Header(header.i64(), LogPosition.read(header));
    }

    private static ByteBuffer slice(ByteBuffer bytes, int from, int length) {
        if (from < 0 || length < 0 || from > bytes.remaining() - length) {
            throw new MalformedBytesException("the snapshot ends too early");
        }
        return bytes.slice(bytes.position() + from, length);
    }

    private static void write(BinaryWriter out, PartitionId id, PartitionState state) {
        out.uuid(id.topic().value()).i32(id.index());
        out.i64(state.logStart()).i64(state.nextOffset()).i64(state.loggedSinceMillis());
        out.i32(state.segments().size());
        for (StoredSegment segment : state.segments()) {
            segment.object().write(out);
            segment.info().write(out);
        }
        out.i32(state.logged().size());
        for (BatchRef batch : state.logged()) {
            out.i64(batch.baseOffset()).i64(batch.endOffset());
            batch.at().write(out);
            out.i32(batch.position()).i32(batch.length()).i64(batch.maxTimestamp());
        }
    }

    private static void readPartition(BinaryReader in, Content into) {
        PartitionId id = new PartitionId(new TopicId(in.uuid()), in.i32());
        PartitionState state = new PartitionState(in.i64(), in.i64(), in.i64());
        int segments = in.count(ObjectId.BYTES + SegmentInfo.MIN_BYTES);
        for (int i = 0; i < segments; i++) {
            ObjectId object = ObjectId.read(in);
            state.segments().add(into.objects().retain(object, SegmentInfo.read(in)));
        }
        int batches = in.count(BatchRef.BYTES);
        for (int i = 0; i < batches; i++) {
            state.logged()
                    .add(
                            new BatchRef(
                                    in.i64(),
                                    in.i64(),
                                    LogPosition.read(in),
                                    in.i32(),
                                    in.i32(),
                                    in.i64()));
        }
        into.partitions().put(id, state);
    }
}
