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
 * are only batches without a producer id, transaction or gap, of one leader epoch and one kind of
 * timestamp; records keep offset, timestamp, key, value, headers and order. Everything else passes
 * through a {@link Recompressor}. Not thread-safe.
 */
final class BatchJoiner implements AutoCloseable {
    /** Records of a joined batch, uncompressed, take no more. */
    static final int JOINED_BYTES = 256 << 10;

    /** Only smaller batches, as they are stored, are joined with others. */
    static final int TINY_BYTES = 16 << 10;

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
    }

    /** Lets out what is held back: the segment ends. */
    void end() throws IOException {
        if (members.size() > 1) {
            ByteBuffer joined =
                    recompressor.encode(members.getFirst(), run.bytes(), run.sizeBytes());
            BatchFields.extend(joined, run.count(), maxTimestamp);
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
                        && BatchFields.count(batch) == header.lastOffsetDelta() + 1
                        && header.crcMatches(batch)
                ? inflater.inflate(batch, JOINED_BYTES)
                : OptionalInt.empty();
    }

    private boolean continues(ByteBuffer batch, BatchHeader header) {
        ByteBuffer first = members.getFirst();
        return header.baseOffset() == BatchHeader.parse(first).baseOffset() + run.count()
                && BatchFields.leaderEpoch(batch) == BatchFields.leaderEpoch(first)
                && BatchFields.logAppendTime(batch) == BatchFields.logAppendTime(first)
                && (!BatchFields.logAppendTime(batch) || header.maxTimestamp() == maxTimestamp);
    }

    private boolean join(ByteBuffer batch, int length) {
        long base = BatchFields.baseTimestamp(members.isEmpty() ? batch : members.getFirst());
        return run.add(
                ByteBuffer.wrap(inflater.bytes(), 0, length),
                BatchFields.count(batch),
                BatchFields.baseTimestamp(batch) - base);
    }

    @Override
    public void close() {
        recompressor.close();
        inflater.close();
    }
}
