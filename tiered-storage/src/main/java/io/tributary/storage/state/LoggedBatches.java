package io.tributary.storage.state;

import io.tributary.kernel.bytes.MalformedBytesException;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.log.ShardLog;
import io.tributary.storage.segment.BatchFields;
import io.tributary.storage.segment.BatchHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads record batches that lie in a shard's log, of every entry only what is wanted: most hold
 * batches of many partitions. What comes without its entry is checked by itself, and by its entry
 * where it does not look right. Thread-safe; blocks where the tail cache has not got it.
 */
public final class LoggedBatches {
    /** Batches that lie no farther apart in their entry are read together. */
    private static final int MOST_BETWEEN = 1 << 10;

    /** Of more ledgers it forgets what it knows. */
    private static final int MAX_LEDGERS = 1_000;

    private final ShardLog log;

    /**
     * The leader epoch of a ledger's batches, which one owner wrote: no checksum of theirs has it.
     */
    private final Map<Long, Integer> epochs = new ConcurrentHashMap<>();

    public LoggedBatches(ShardLog log) {
        this.log = log;
    }

    /** Takes batches one after the other. */
    public interface Output {
        /** Returns false for no more. */
        boolean accept(BatchRef ref, ByteBuffer batch) throws IOException;
    }

    /** Hands over batches in the order of their places, a part of one entry in memory at a time. */
    public void read(List<BatchRef> refs, Output output) throws IOException {
        int from = 0;
        while (from < refs.size()) {
            int to = from + 1;
            while (to < refs.size() && together(refs.get(to - 1), refs.get(to))) {
                to++;
            }
            List<BatchRef> run = refs.subList(from, to);
            ByteBuffer bytes = bytes(run);
            for (BatchRef ref : run) {
                if (!output.accept(ref, slice(bytes, run, ref))) {
                    return;
                }
            }
            from = to;
        }
    }

    /** All of them in memory. */
    public List<ByteBuffer> read(List<BatchRef> refs) throws IOException {
        List<ByteBuffer> batches = new ArrayList<>(refs.size());
        read(refs, (ref, batch) -> batches.add(batch));
        return batches;
    }

    private static boolean together(BatchRef before, BatchRef next) {
        int between = next.position() - before.position() - before.length();
        return next.at().equals(before.at()) && between >= 0 && between <= MOST_BETWEEN;
    }

    private static ByteBuffer slice(ByteBuffer bytes, List<BatchRef> run, BatchRef ref) {
        return bytes.slice(ref.position() - run.getFirst().position(), ref.length());
    }

    private ByteBuffer bytes(List<BatchRef> run) throws IOException {
        LogPosition at = run.getFirst().at();
        int from = run.getFirst().position();
        int length = run.getLast().position() + run.getLast().length() - from;
        Optional<ByteBuffer> tail = log.tail(at, from, length);
        if (tail.isPresent()) {
            return tail.get();
        }
        Integer epoch = epochs.get(at.ledgerId());
        if (epoch != null) {
            ByteBuffer part = log.read(at, from, length);
            if (run.stream().allMatch(ref -> undamaged(ref, slice(part, run, ref), epoch))) {
                return part;
            }
        }
        ByteBuffer part = log.read(at).slice(from, length);
        if (epochs.size() >= MAX_LEDGERS) {
            epochs.clear();
        }
        epochs.put(at.ledgerId(), BatchFields.leaderEpoch(part));
        return part;
    }

    private static boolean undamaged(BatchRef ref, ByteBuffer batch, int epoch) {
        try {
            BatchHeader header = BatchHeader.parse(batch);
            return header.sizeBytes() == ref.length()
                    && header.baseOffset() == ref.baseOffset()
                    && BatchFields.leaderEpoch(batch) == epoch
                    && header.crcMatches(batch);
        } catch (MalformedBytesException e) {
            return false;
        }
    }
}
