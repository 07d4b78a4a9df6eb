package io.tributary.storage.state;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.bytes.Crc32c;
import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.log.LogPosition;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;

/**
 * A shard's whole state at one moment, and as bytes: blocks of partitions in their order, then the
 * rest, then a table of the blocks; docs/formats/snapshot.md. Each block has its own checksum, so
 * that one partition can be read without the others.
 *
 * <p>It is taken under the lock of its {@link ShardState} in a time that does not grow with frozen
 * partitions' records, and can be encoded later, by any thread.
 */
public final class Snapshot {
    private static final int MAGIC = 0x54525353;
    private static final int VERSION = 6;
    private static final int BLOCK_BYTES = 64 << 10;
    private static final int FOOTER_BYTES = 16;
    private static final int HEADER_BYTES = 4 + 1 + 8 + LogPosition.BYTES;
    private static final int BLOCK_REF_BYTES = 12;

    private final Header header;
    private final Partitions.Copy partitions;
    private final ByteBuffer rest;

    private Snapshot(Header header, Partitions.Copy partitions, ByteBuffer rest) {
        this.header = header;
        this.partitions = partitions;
        this.rest = rest;
    }

    /** The parts of a state that a snapshot holds. */
    record Content(
            long epoch,
            Partitions partitions,
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

    static Snapshot take(LogPosition replayFrom, Content content) {
        BinaryWriter rest = new BinaryWriter(1 << 12);
        content.objects().write(rest);
        content.retries().write(rest);
        rest.i32(content.removedTopics().size());
        content.removedTopics().forEach((topic, at) -> rest.uuid(topic.value()).i64(at));
        content.receipts().write(rest);
        return new Snapshot(
                new Header(content.epoch(), replayFrom),
                content.partitions().copy(),
                rest.toBuffer());
    }

    /** The bytes, as {@link ShardState#load} reads them. */
    public ByteBuffer encode() {
        Blocks out = new Blocks(expectedBytes());
        out.bytes.i32(MAGIC).u8(VERSION).i64(header.epoch());
        header.replayFrom().write(out.bytes);
        out.blockAt = out.bytes.size();
        Deque<PartitionRecord.Copy> thawed =
                new ArrayDeque<>(
                        partitions.thawed().stream()
                                .sorted(Comparator.comparing(PartitionRecord.Copy::id))
                                .toList());
        for (ByteBuffer records : partitions.frozen()) {
            int at = 0;
            while (at < records.limit()) {
                while (!thawed.isEmpty()
                        && PartitionRecord.compare(records, at, thawed.peek().id()) > 0) {
                    out.add(thawed.remove());
                }
                int length = PartitionRecord.length(records, at);
                out.bytes.raw(records.slice(at, length));
                out.endFull();
                at += length;
            }
        }
        thawed.forEach(out::add);
        out.endAny();
        out.bytes.raw(rest);
        return out.complete();
    }

    private int expectedBytes() {
        long bytes = (long) rest.remaining() + HEADER_BYTES + FOOTER_BYTES + BLOCK_REF_BYTES;
        for (ByteBuffer records : partitions.frozen()) {
            bytes += records.limit();
        }
        for (PartitionRecord.Copy partition : partitions.thawed()) {
            bytes += partition.sizeBytes();
        }
        return Math.toIntExact(bytes + bytes / BLOCK_BYTES * BLOCK_REF_BYTES);
    }

    /** Blocks one after the other, and their table. */
    private static final class Blocks {
        private final BinaryWriter bytes;
        private final BinaryWriter table = new BinaryWriter(256);
        private int blockAt;
        private int count;

        private Blocks(int expectedBytes) {
            bytes = new BinaryWriter(expectedBytes);
        }

        private void add(PartitionRecord.Copy partition) {
            PartitionRecord.write(bytes, partition);
            endFull();
        }

        private void endFull() {
            if (bytes.size() - blockAt >= BLOCK_BYTES) {
                endAny();
            }
        }

        private void endAny() {
            if (bytes.size() > blockAt) {
                end();
                count++;
            }
        }

        private void end() {
            int size = bytes.size();
            table.i32(blockAt).i32(size - blockAt).i32(bytes.crc32c(blockAt, size));
            blockAt = size;
        }

        private ByteBuffer complete() {
            end();
            int tableAt = bytes.size();
            bytes.raw(table.toBuffer());
            bytes.i32(bytes.crc32c(0, HEADER_BYTES)).i32(tableAt).i32(count);
            return bytes.i32(bytes.crc32c(tableAt, bytes.size())).toBuffer();
        }
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
        ByteBuffer[] parts = parts(bytes);
        BinaryReader rest = new BinaryReader(parts[parts.length - 1]);
        into.objects().read(rest);
        into.retries().read(rest);
        int removed = rest.count(24);
        for (int i = 0; i < removed; i++) {
            into.removedTopics().put(new TopicId(rest.uuid()), rest.i64());
        }
        into.receipts().read(rest);
        readPartitions(parts, into);
        into.objects().retained();
        return new Header(header.i64(), LogPosition.read(header));
    }

    /** The blocks of partitions and the rest, all undamaged. */
    private static ByteBuffer[] parts(ByteBuffer bytes) {
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
        return parts;
    }

    private static void readPartitions(ByteBuffer[] parts, Content into) {
        FrozenPartitions.Filling frozen = into.partitions().filling();
        Optional<PartitionId> before = Optional.empty();
        for (int i = 0; i < parts.length - 1; i++) {
            BinaryReader block = new BinaryReader(parts[i]);
            while (block.remaining() > 0) {
                int at = block.position();
                boolean logged = PartitionRecord.pass(block);
                ByteBuffer record = parts[i].slice(at, block.position() - at);
                PartitionId id = PartitionRecord.id(record, 0);
                if (before.filter(last -> last.compareTo(id) >= 0).isPresent()) {
                    throw new MalformedBytesException("partition " + id + " is out of order");
                }
                before = Optional.of(id);
                count(id, PartitionRecord.view(record, 0, into.objects()), into.objects());
                if (logged) {
                    into.partitions().load(id, PartitionRecord.read(record, into.objects()));
                } else {
                    frozen.add(id, record);
                }
            }
        }
        frozen.end();
    }

    private static void count(PartitionId id, PartitionState partition, ObjectUses objects) {
        SegmentRows segments = partition.segments();
        for (int i = 0; i < segments.size(); i++) {
            objects.retain(segments.object(i), id, segments.lengthBytes(i));
        }
    }

    private static ByteBuffer slice(ByteBuffer bytes, int from, int length) {
        if (from < 0 || length < 0 || from > bytes.remaining() - length) {
            throw new MalformedBytesException("the snapshot ends too early");
        }
        return bytes.slice(bytes.position() + from, length);
    }
}
