package io.tributary.storage.compaction;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.tributary.storage.Shard;
import io.tributary.storage.recompression.Inflater;
import io.tributary.storage.segment.BatchFields;
import io.tributary.storage.segment.BatchHeader;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Takes from batches the records that newer ones of the same key have superseded, as Kafka's log
 * cleaner does: what stays keeps offset, timestamp and order, the batch its offsets, leader epoch
 * and producer. Control batches, those of transactions, and what cannot be read stay byte for byte,
 * and nothing is known of their keys: here is where markers and aborted records are to be looked at
 * once there are transactions. Not thread-safe.
 */
public final class BatchCleaner implements AutoCloseable {
    /** Tried first, so that a usual batch needs no more memory. */
    private static final int USUAL_BYTES = 1 << 20;

    /** No batch that was taken in has more than this uncompressed. */
    private static final int MAX_RECORDS_BYTES = 2 * Shard.MAX_REQUEST_BYTES;

    /** What a record's timestamp and length may take more than before, when it is dated anew. */
    private static final int SLACK_BYTES = 10 + 5;

    private static final int NO_CODEC = 0;

    private final Inflater inflater = new Inflater();
    private final ZstdCompressCtx zstd = new ZstdCompressCtx();
    private ByteBuffer kept = ByteBuffer.allocate(0);
    private byte[] compressed = new byte[0];

    /**
     * Begins.
     *
     * @param zstdLevel for batches that change, 1 to 22; 0 for zstd's own default
     */
    public BatchCleaner(int zstdLevel) {
        zstd.setLevel(zstdLevel == 0 ? Zstd.defaultCompressionLevel() : zstdLevel);
    }

    /**
     * Notes the offsets of a batch's keys, from one on.
     *
     * @return the first offset that was not noted, where the map is full
     */
    public OptionalLong note(ByteBuffer batch, long from, KeyMap map, Noted noted) {
        Optional<ByteBuffer> records = records(batch);
        if (records.isEmpty()) {
            noted.unread++;
            return OptionalLong.empty();
        }
        long base = BatchHeader.parse(batch).baseOffset();
        while (records.get().hasRemaining()) {
            KeyedRecord record = KeyedRecord.read(records.get());
            long offset = base + record.offsetDelta();
            if (offset < from) {
                continue;
            }
            KeyMap.Put put =
                    record.key().isPresent()
                            ? map.put(record.key().get(), offset)
                            : KeyMap.Put.KNOWN;
            if (put == KeyMap.Put.FULL) {
                return OptionalLong.of(offset);
            }
            noted.superseded |= put == KeyMap.Put.KNOWN;
            noted.tombstones |= record.tombstone();
        }
        return OptionalLong.empty();
    }

    /** What was seen while keys were noted. */
    public static final class Noted {
        private boolean superseded;
        private boolean tombstones;
        private int unread;

        /** Whether a key was there more than once, or a record without one. */
        public boolean superseded() {
            return superseded;
        }

        /** Whether each key was there once, and none with a tombstone. */
        public boolean nothingToRemove() {
            return !superseded && !tombstones && unread == 0;
        }
    }

    /**
     * What may go.
     *
     * @param map the newest offset of each key below {@code upTo}
     * @param upTo records at or beyond this offset stay
     * @param tombstones empty for all of them to stay
     */
    public record Rules(KeyMap map, long upTo, Optional<Tombstones> tombstones) {}

    /**
     * When tombstones go.
     *
     * @param stayMillis how long from now those stay that were never seen before
     */
    public record Tombstones(long nowMillis, long stayMillis) {}

    /** What went and what comes of it, of one partition or of many. */
    public static final class Tally {
        private long records;
        private long bytes;
        private long horizonMillis = Long.MAX_VALUE;

        /** How many records went. */
        public long records() {
            return records;
        }

        /** How much smaller batches became, as they are stored. */
        public long bytes() {
            return Math.max(0, bytes);
        }

        /** When the first tombstone that stayed may go; {@link Long#MAX_VALUE} for never. */
        public long horizonMillis() {
            return horizonMillis;
        }
    }

    /**
     * What is left of a batch.
     *
     * @param keepPlace whether it stays without records, for its offsets' sake
     * @return the same buffer, or another batch; empty where nothing is left
     */
    public Optional<ByteBuffer> clean(
            ByteBuffer batch, Rules rules, boolean keepPlace, Tally tally) {
        BatchHeader header = BatchHeader.parse(batch);
        if (header.baseOffset() >= rules.upTo()) {
            return Optional.of(batch);
        }
        Optional<ByteBuffer> found = records(batch);
        if (found.isEmpty()) {
            return Optional.of(batch);
        }
        Choice choice = choose(batch, header, found.get(), rules);
        tally.records += choice.removed;
        OptionalLong horizon = BatchFields.deleteHorizon(batch);
        boolean decide =
                choice.tombstones
                        && horizon.isEmpty()
                        && rules.tombstones().isPresent()
                        && header.lastOffset() < rules.upTo();
        if (decide) {
            Tombstones tombstones = rules.tombstones().get();
            horizon = OptionalLong.of(saturated(tombstones.nowMillis(), tombstones.stayMillis()));
        }
        if (choice.tombstones && horizon.isPresent()) {
            tally.horizonMillis = Math.min(tally.horizonMillis, horizon.getAsLong());
        }
        Optional<ByteBuffer> left;
        if (choice.count == 0) {
            left = keepPlace ? Optional.of(empty(batch, header)) : Optional.empty();
        } else if (choice.removed == 0 && !decide) {
            left = Optional.of(batch);
        } else {
            left = Optional.of(encode(batch, header, choice, decide, horizon));
        }
        tally.bytes += batch.remaining() - left.map(ByteBuffer::remaining).orElse(0);
        return left;
    }

    private static long saturated(long a, long b) {
        long sum = a + b;
        return sum < a ? Long.MAX_VALUE : sum;
    }

    /** Which records of a batch stay. */
    private static final class Choice {
        private final ByteBuffer records;
        private final java.util.BitSet stay = new java.util.BitSet();
        private int count;
        private int removed;
        private boolean tombstones;
        private long maxTimestamp = Long.MIN_VALUE;

        private Choice(ByteBuffer records) {
            this.records = records;
        }
    }

    private static Choice choose(
            ByteBuffer batch, BatchHeader header, ByteBuffer records, Rules rules) {
        long baseTimestamp = BatchFields.baseTimestamp(batch);
        OptionalLong horizon = BatchFields.deleteHorizon(batch);
        boolean tombstonesGo =
                horizon.isPresent()
                        && rules.tombstones()
                                .filter(t -> t.nowMillis() >= horizon.getAsLong())
                                .isPresent();
        Choice choice = new Choice(records.duplicate());
        for (int i = 0; records.hasRemaining(); i++) {
            KeyedRecord record = KeyedRecord.read(records);
            long offset = header.baseOffset() + record.offsetDelta();
            boolean stays =
                    offset >= rules.upTo()
                            || (record.key().isPresent()
                                    && offset >= rules.map().newest(record.key().get())
                                    && !(record.tombstone() && tombstonesGo));
            if (stays) {
                choice.stay.set(i);
                choice.count++;
                choice.tombstones |= record.tombstone();
                choice.maxTimestamp =
                        Math.max(choice.maxTimestamp, baseTimestamp + record.timestampDelta());
            } else {
                choice.removed++;
            }
        }
        return choice;
    }

    private ByteBuffer encode(
            ByteBuffer batch,
            BatchHeader header,
            Choice choice,
            boolean dateAnew,
            OptionalLong horizon) {
        ByteBuffer records = choice.records;
        ensure(records.remaining() + (dateAnew ? choice.count * SLACK_BYTES : 0));
        long before = BatchFields.baseTimestamp(batch);
        long base = dateAnew ? horizon.getAsLong() : before;
        for (int i = 0; records.hasRemaining(); i++) {
            KeyedRecord record = KeyedRecord.read(records);
            if (choice.stay.get(i)) {
                // Overflow is undone by the reader's own addition.
                record.write(records, record.timestampDelta() + before - base, kept);
            }
        }
        int length = kept.position();
        ensureCompressed(Math.toIntExact(Zstd.compressBound(length)));
        int size =
                zstd.compressByteArray(compressed, 0, compressed.length, kept.array(), 0, length);
        boolean smaller = size < length;
        return BatchFields.withLeft(
                batch,
                new BatchFields.Left(
                        smaller ? ByteBuffer.wrap(compressed, 0, size) : kept.duplicate().flip(),
                        smaller ? BatchFields.ZSTD : NO_CODEC,
                        choice.count,
                        base,
                        BatchFields.logAppendTime(batch)
                                ? header.maxTimestamp()
                                : choice.maxTimestamp,
                        horizon.isPresent()));
    }

    private static ByteBuffer empty(ByteBuffer batch, BatchHeader header) {
        long time = header.maxTimestamp();
        return BatchFields.count(batch) == 0
                ? batch
                : BatchFields.withLeft(
                        batch,
                        new BatchFields.Left(
                                ByteBuffer.allocate(0), NO_CODEC, 0, time, time, false));
    }

    /** The records, whole and uncompressed; empty where they are to be left alone. */
    private Optional<ByteBuffer> records(ByteBuffer batch) {
        if (BatchFields.control(batch)
                || BatchFields.transactional(batch)
                || !BatchHeader.parse(batch).crcMatches(batch)) {
            return Optional.empty();
        }
        int count = BatchFields.count(batch);
        if (count == 0) {
            return Optional.of(ByteBuffer.allocate(0));
        }
        OptionalInt length = inflater.inflate(batch, USUAL_BYTES);
        if (length.isEmpty()) {
            length = inflater.inflate(batch, MAX_RECORDS_BYTES);
        }
        return length.isPresent()
                ? whole(ByteBuffer.wrap(inflater.bytes(), 0, length.getAsInt()), count)
                : Optional.empty();
    }

    private static Optional<ByteBuffer> whole(ByteBuffer records, int count) {
        ByteBuffer look = records.duplicate();
        try {
            for (int i = 0; i < count; i++) {
                KeyedRecord.read(look);
            }
            return look.hasRemaining() ? Optional.empty() : Optional.of(records);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private void ensure(int length) {
        if (kept.capacity() < length) {
            kept = ByteBuffer.allocate(length);
        }
        kept.clear();
    }

    private void ensureCompressed(int length) {
        if (compressed.length < length) {
            compressed = new byte[length];
        }
    }

    @Override
    public void close() {
        inflater.close();
        zstd.close();
    }
}
