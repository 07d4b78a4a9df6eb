package io.tributary.storage.recompression;

import io.tributary.storage.segment.BatchFields;
import io.tributary.storage.segment.BatchHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Makes one batch of many tiny ones that follow each other, so that they compress together. Joined
 * are only batches without a producer id or transaction, of one leader epoch and one kind of
 * timestamp, also where offsets between or in them were compacted away; records keep offset,
 * timestamp, key, value, headers and order. Everything else passes through a {@link Recompressor}.
 * Not thread-safe.
 */
final class BatchJoiner implements AutoCloseable {
    /** Records of a joined batch, uncompressed, take no more. */
    static final int JOINED_BYTES = 256 << 10;

    /** Only smaller batches, as they are stored, are joined with others. */
    static final int TINY_BYTES = 16 << 10;

    /** Of how many offsets joined batches have the first and the last, at most. */
    static final int JOINED_OFFSETS = 1 << 20;

    /** Takes the batches that come out, in order. */
    interface Output {
        void accept(ByteBuffer batch) throws IOException;
    }

    private final Output output;

    /** Holds the newest batch's records until they are joined; no others pass through it. */
    private final Inflater inflater = new Inflater();

    private final Recompressor recompressor;
    private final RunOfRecords run = new RunOfRecords(JOINED_BYTES);

    /** The batches of the run as they came, in memory of their own. */
    private final List<ByteBuffer> members = new ArrayList<>();

    private long membersBytes;
    private long maxTimestamp;
    private long lastOffset;

    BatchJoiner(int zstdLevel, Output output) {
        this.output = output;
        recompressor = new Recompressor(zstdLevel);
    }

    /** Takes the next batch of the segment; it comes out now or later. */
    void add(ByteBuffer batch) throws IOException {
        BatchHeader header = BatchHeader.parse(batch);
        OptionalInt length = joinable(batch, header);
        if (length.isEmpty()) {
            end();
            output.accept(recompressor.recompress(batch));
            return;
        }
        if (!members.isEmpty() && !(continues(batch, header) && join(batch, length.getAsInt()))) {
            end();
        }
        if (members.isEmpty() && !join(batch, length.getAsInt())) {
            output.accept(recompressor.recompress(batch));
            return;
        }
        ByteBuffer copy = ByteBuffer.allocate(batch.remaining()).put(batch.duplicate()).flip();
        maxTimestamp =
                members.isEmpty()
                        ? header.maxTimestamp()
                        : Math.max(maxTimestamp, header.maxTimestamp());
        members.add(copy);
        membersBytes += copy.remaining();
        lastOffset = header.lastOffset();
    }

    /** Lets out what is held back: the segment ends. */
    void end() throws IOException {
        if (members.size() > 1) {
            ByteBuffer joined =
                    recompressor.encode(members.getFirst(), run.bytes(), run.sizeBytes());
            long base = BatchHeader.parse(members.getFirst()).baseOffset();
            BatchFields.extend(joined, run.count(), (int) (lastOffset - base), maxTimestamp);
            if (joined.remaining() < membersBytes) {
                output.accept(joined);
                members.clear();
            }
        }
        for (ByteBuffer member : members) {
            output.accept(recompressor.recompress(member));
        }
        members.clear();
        membersBytes = 0;
        run.clear();
    }

    /** The length of the records, now in the inflater, of a batch that may be joined. */
    private OptionalInt joinable(ByteBuffer batch, BatchHeader header) {
        return header.sizeBytes() <= TINY_BYTES
                        && BatchFields.plain(batch)
                        && BatchFields.count(batch) > 0
                        && header.lastOffsetDelta() < JOINED_OFFSETS
                        && header.crcMatches(batch)
                ? inflater.inflate(batch, JOINED_BYTES)
                : OptionalInt.empty();
    }

    private boolean continues(ByteBuffer batch, BatchHeader header) {
        ByteBuffer first = members.getFirst();
        return header.baseOffset() > lastOffset
                && header.lastOffset() - BatchHeader.parse(first).baseOffset() < JOINED_OFFSETS
                && BatchFields.leaderEpoch(batch) == BatchFields.leaderEpoch(first)
                && BatchFields.logAppendTime(batch) == BatchFields.logAppendTime(first)
                && (!BatchFields.logAppendTime(batch) || header.maxTimestamp() == maxTimestamp);
    }

    private boolean join(ByteBuffer batch, int length) {
        ByteBuffer first = members.isEmpty() ? batch : members.getFirst();
        long offset = BatchHeader.parse(batch).baseOffset() - BatchHeader.parse(first).baseOffset();
        return run.add(
                ByteBuffer.wrap(inflater.bytes(), 0, length),
                BatchFields.count(batch),
                (int) offset,
                BatchFields.baseTimestamp(batch) - BatchFields.baseTimestamp(first));
    }

    @Override
    public void close() {
        recompressor.close();
        inflater.close();
    }
}
