package io.tributary.storage.log;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.Receipt.Why;
import io.tributary.storage.log.Command.BatchAppended;
import io.tributary.storage.log.Command.Compacted;
import io.tributary.storage.log.Command.EpochStarted;
import io.tributary.storage.log.Command.LogStartMoved;
import io.tributary.storage.log.Command.ObjectsDeleted;
import io.tributary.storage.log.Command.OrdinalRun;
import io.tributary.storage.log.Command.Orphan;
import io.tributary.storage.log.Command.OrphansDeleted;
import io.tributary.storage.log.Command.OrphansFound;
import io.tributary.storage.log.Command.RetryNoted;
import io.tributary.storage.log.Command.SegmentsStored;
import io.tributary.storage.log.Command.TopicRemoved;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.SegmentInfo;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * What one entry of a shard's log says: commands that take effect together, and when they were
 * decided. Batches share the entry's memory.
 */
public record LogEntry(long decidedAtMillis, List<Command> commands) {
    private static final int VERSION = 4;
    private static final int HEADER_BYTES = 9;

    private static final int EPOCH_STARTED = 1;
    private static final int BATCH_APPENDED = 2;
    private static final int RETRY_NOTED = 3;
    private static final int SEGMENTS_STORED = 4;
    private static final int LOG_START_MOVED = 5;
    private static final int TOPIC_REMOVED = 6;
    private static final int OBJECTS_DELETED = 7;
    private static final int ORPHANS_FOUND = 8;
    private static final int ORPHANS_DELETED = 9;
    private static final int COMPACTED = 10;

    /** What an orphan takes at least: an empty key and its size. */
    private static final int MIN_ORPHAN_BYTES = 4 + 8;

    /** Writes an entry command by command. */
    public static final class Writer {
        private final BinaryWriter out;

        public Writer(long decidedAtMillis, int expectedBytes) {
            out = new BinaryWriter(expectedBytes);
            out.u8(VERSION).i64(decidedAtMillis);
        }

        public boolean isEmpty() {
            return out.size() == HEADER_BYTES;
        }

        /** Adds a batch, copying the bytes between position and limit. */
        public void batch(PartitionId partition, ByteBuffer batch) {
            int length = begin(BATCH_APPENDED);
            write(partition);
            out.raw(batch);
            end(length);
        }

        /** Adds a batch whose header and records lie apart, copying both. */
        public void batch(PartitionId partition, ByteBuffer header, ByteBuffer records) {
            int length = begin(BATCH_APPENDED);
            write(partition);
            out.raw(header).raw(records);
            end(length);
        }

        public void add(Command command) {
            switch (command) {
                case EpochStarted c -> {
                    int length = begin(EPOCH_STARTED);
                    out.i64(c.epoch());
                    end(length);
                }
                case BatchAppended c -> batch(c.partition(), c.batch());
                case RetryNoted c -> {
                    int length = begin(RETRY_NOTED);
                    out.string(c.tenant().value()).uuid(c.key()).i64(c.fingerprint());
                    write(c.partition());
                    out.i32(c.runs().size());
                    c.runs().forEach(run -> run.write(out));
                    out.i64(c.from()).i32(c.hashes().limit());
                    for (int i = 0; i < c.hashes().limit(); i++) {
                        out.i32(c.hashes().get(i));
                    }
                    end(length);
                }
                case SegmentsStored c -> {
                    int length = begin(SEGMENTS_STORED);
                    c.object().write(out);
                    out.i64(c.objectBytes()).i32(c.segments().size());
                    c.segments().forEach(segment -> segment.write(out));
                    end(length);
                }
                case Compacted c -> {
                    int length = begin(COMPACTED);
                    write(c.partition());
                    out.i64(c.startOffset()).i64(c.endOffset()).i64(c.bytes());
                    out.i64(c.cleanTo()).i64(c.horizonMillis());
                    end(length);
                }
                case LogStartMoved c -> {
                    int length = begin(LOG_START_MOVED);
                    write(c.partition());
                    out.i64(c.offset()).u8(c.why().code());
                    end(length);
                }
                case TopicRemoved c -> {
                    int length = begin(TOPIC_REMOVED);
                    out.uuid(c.topic().value()).u8(c.why().code());
                    end(length);
                }
                case ObjectsDeleted c -> {
                    int length = begin(OBJECTS_DELETED);
                    out.i32(c.objects().size());
                    c.objects().forEach(object -> object.write(out));
                    end(length);
                }
                case OrphansFound c -> {
                    int length = begin(ORPHANS_FOUND);
                    out.i32(c.orphans().size());
                    c.orphans().forEach(orphan -> out.string(orphan.key()).i64(orphan.sizeBytes()));
                    end(length);
                }
                case OrphansDeleted c -> {
                    int length = begin(ORPHANS_DELETED);
                    out.i32(c.keys().size());
                    c.keys().forEach(out::string);
                    end(length);
                }
            }
        }

        /** The finished entry; write no more afterwards. */
        public ByteBuffer toBuffer() {
            return out.toBuffer();
        }

        private int begin(int type) {
            out.u8(type);
            int lengthAt = out.size();
            out.i32(0);
            return lengthAt;
        }

        private void end(int lengthAt) {
            out.i32At(lengthAt, out.size() - lengthAt - 4);
        }

        private void write(PartitionId partition) {
            out.uuid(partition.topic().value()).i32(partition.index());
        }
    }

    /**
     * Reads an entry.
     *
     * @throws MalformedBytesException it does not have this shape
     */
    public static LogEntry read(ByteBuffer entry) {
        BinaryReader in = new BinaryReader(entry);
        int version = in.u8();
        if (version != VERSION) {
            throw new MalformedBytesException(
                    "log entry version " + version + ", this release reads " + VERSION);
        }
        long decidedAtMillis = in.i64();
        List<Command> commands = new ArrayList<>();
        while (in.remaining() > 0) {
            int type = in.u8();
            int length = in.i32();
            int position = in.position();
            try {
                commands.add(readCommand(type, position, new BinaryReader(in.slice(length))));
            } catch (IllegalArgumentException e) {
                throw new MalformedBytesException("command at " + position + ": " + e.getMessage());
            }
        }
        return new LogEntry(decidedAtMillis, commands);
    }

    private static Command readCommand(int type, int position, BinaryReader in) {
        Command command =
                switch (type) {
                    case EPOCH_STARTED -> new EpochStarted(in.i64());
                    case BATCH_APPENDED -> {
                        PartitionId partition = readPartition(in);
                        int batchAt = position + in.position();
                        yield new BatchAppended(partition, batchAt, in.slice(in.remaining()));
                    }
                    case RETRY_NOTED -> readRetry(in);
                    case SEGMENTS_STORED -> {
                        ObjectId object = ObjectId.read(in);
                        long bytes = in.i64();
                        int count = in.count(SegmentInfo.MIN_BYTES);
                        List<SegmentInfo> segments = new ArrayList<>(count);
                        for (int i = 0; i < count; i++) {
                            segments.add(SegmentInfo.read(in));
                        }
                        yield new SegmentsStored(object, bytes, segments);
                    }
                    case COMPACTED ->
                            new Compacted(
                                    readPartition(in),
                                    in.i64(),
                                    in.i64(),
                                    in.i64(),
                                    in.i64(),
                                    in.i64());
                    case LOG_START_MOVED ->
                            new LogStartMoved(readPartition(in), in.i64(), readWhy(in));
                    case TOPIC_REMOVED -> new TopicRemoved(new TopicId(in.uuid()), readWhy(in));
                    case OBJECTS_DELETED -> {
                        int count = in.count(ObjectId.BYTES);
                        List<ObjectId> objects = new ArrayList<>(count);
                        for (int i = 0; i < count; i++) {
                            objects.add(ObjectId.read(in));
                        }
                        yield new ObjectsDeleted(objects);
                    }
                    case ORPHANS_FOUND -> {
                        int count = in.count(MIN_ORPHAN_BYTES);
                        List<Orphan> orphans = new ArrayList<>(count);
                        for (int i = 0; i < count; i++) {
                            orphans.add(new Orphan(in.string(), in.i64()));
                        }
                        yield new OrphansFound(orphans);
                    }
                    case ORPHANS_DELETED -> {
                        int count = in.count(4);
                        List<String> keys = new ArrayList<>(count);
                        for (int i = 0; i < count; i++) {
                            keys.add(in.string());
                        }
                        yield new OrphansDeleted(keys);
                    }
                    default -> throw new MalformedBytesException("unknown command type " + type);
                };
        if (in.remaining() > 0) {
            throw new MalformedBytesException(
                    in.remaining() + " bytes too many in command type " + type);
        }
        return command;
    }

    private static RetryNoted readRetry(BinaryReader in) {
        TenantId tenant = new TenantId(in.string());
        UUID key = in.uuid();
        long fingerprint = in.i64();
        PartitionId partition = readPartition(in);
        int count = in.count(OrdinalRun.BYTES);
        List<OrdinalRun> runs = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            runs.add(OrdinalRun.read(in));
        }
        long from = in.i64();
        int[] hashes = new int[in.count(Integer.BYTES)];
        for (int i = 0; i < hashes.length; i++) {
            hashes[i] = in.i32();
        }
        return new RetryNoted(
                tenant, key, fingerprint, partition, runs, from, IntBuffer.wrap(hashes));
    }

    private static PartitionId readPartition(BinaryReader in) {
        return new PartitionId(new TopicId(in.uuid()), in.i32());
    }

    private static Why readWhy(BinaryReader in) {
        int code = in.u8();
        return Why.of(code)
                .orElseThrow(() -> new MalformedBytesException("no reason has the code " + code));
    }
}
