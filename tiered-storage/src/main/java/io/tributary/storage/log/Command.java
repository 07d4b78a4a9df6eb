package io.tributary.storage.log;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.Receipt.Why;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.SegmentInfo;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.List;
import java.util.UUID;

/** One change of a shard, as its log holds it; docs/formats/shard-log-entry.md. */
public sealed interface Command {
    /** A new owner begins. */
    record EpochStarted(long epoch) implements Command {}

    /**
     * A record batch continues its partition.
     *
     * @param position of the batch's first byte within the entry
     * @param batch a Kafka v2 batch with its offsets assigned
     */
    record BatchAppended(PartitionId partition, int position, ByteBuffer batch)
            implements Command {}

    /**
     * What became of records of a request that may come again.
     *
     * @param runs the offsets given, by ordinal
     * @param from ordinal of the first record that {@code hashes} is about
     * @param hashes from 0 to its limit: of all records up to and with each, by {@link
     *     io.tributary.storage.ContentChain}
     */
    record RetryNoted(
            TenantId tenant,
            UUID key,
            long fingerprint,
            PartitionId partition,
            List<OrdinalRun> runs,
            long from,
            IntBuffer hashes)
            implements Command {
        public RetryNoted {
            runs = List.copyOf(runs);
        }
    }

    /** {@code count} consecutive ordinals of a request that have consecutive offsets. */
    record OrdinalRun(long ordinal, long baseOffset, int count) {
        public static final int BYTES = 8 + 8 + 4;

        /** The ordinal behind it. */
        public long end() {
            return ordinal + count;
        }

        /** The offset behind it. */
        public long endOffset() {
            return baseOffset + count;
        }

        public static OrdinalRun read(BinaryReader in) {
            return new OrdinalRun(in.i64(), in.i64(), in.i32());
        }

        public void write(BinaryWriter out) {
            out.i64(ordinal).i64(baseOffset).i32(count);
        }
    }

    /**
     * An object is in the store and holds these segments. A segment takes the place of everything
     * its partition had between the segment's offsets, in the log or in other objects.
     */
    record SegmentsStored(ObjectId object, long objectBytes, List<SegmentInfo> segments)
            implements Command {
        public SegmentsStored {
            segments = List.copyOf(segments);
        }
    }

    /**
     * Records that newer ones of their keys superseded are left out of the segments that the same
     * entry stores after this.
     *
     * @param startOffset from here, inclusive, to {@code endOffset}, exclusive, they went; the same
     *     where none did
     * @param bytes what they took, as it was stored
     * @param cleanTo every key has one record below this offset now; 0 where that is not so yet
     * @param horizonMillis with {@code cleanTo}, when the first tombstone below it may go; {@link
     *     Long#MAX_VALUE} for never
     */
    record Compacted(
            PartitionId partition,
            long startOffset,
            long endOffset,
            long bytes,
            long cleanTo,
            long horizonMillis)
            implements Command {}

    /** Records below the offset are gone, by retention or because somebody wanted it. */
    record LogStartMoved(PartitionId partition, long offset, Why why) implements Command {}

    /** All the topic's records are gone and none may follow. */
    record TopicRemoved(TopicId topic, Why why) implements Command {}

    /** Objects that nothing refers to are no longer in the store. */
    record ObjectsDeleted(List<ObjectId> objects) implements Command {
        public ObjectsDeleted {
            objects = List.copyOf(objects);
        }
    }

    /** Objects under these keys lie in the store without a reference, and are going to go. */
    record OrphansFound(List<Orphan> orphans) implements Command {
        public OrphansFound {
            orphans = List.copyOf(orphans);
        }
    }

    /** An object that nothing refers to. */
    record Orphan(String key, long sizeBytes) {}

    /** Orphans that are no longer in the store. */
    record OrphansDeleted(List<String> keys) implements Command {
        public OrphansDeleted {
            keys = List.copyOf(keys);
        }
    }
}
