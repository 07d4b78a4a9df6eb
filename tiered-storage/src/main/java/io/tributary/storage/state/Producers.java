package io.tributary.storage.state;

import io.tributary.kernel.bytes.BinaryReader;
import io.tributary.kernel.bytes.BinaryWriter;
import io.tributary.storage.segment.BatchHeader;
import io.tributary.storage.segment.ProducerStamp;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The idempotent producers one partition knows, as the bytes a snapshot has for them until somebody
 * asks; the one that has been silent the longest is first, and is forgotten first where there are
 * too many. Guarded by the lock of its {@link ShardState}.
 */
final class Producers {
    /** The most a partition knows. */
    static final int MOST = 1_000;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** Empty once decoded. */
    private ByteBuffer encoded;

    private final Map<Long, Producer> byId = new LinkedHashMap<>(4);

    /** Producers as {@link #toBytes} has them; shares the memory until somebody asks. */
    Producers(ByteBuffer encoded) {
        this.encoded = encoded;
    }

    private Map<Long, Producer> decoded() {
        if (encoded.hasRemaining()) {
            BinaryReader in = new BinaryReader(encoded);
            while (in.remaining() > 0) {
                Producer producer = Producer.read(in);
                byId.put(producer.id(), producer);
            }
            encoded = NOTHING;
        }
        return byId;
    }

    Optional<Producer> find(long id, long silentSinceMillis) {
        return Optional.ofNullable(decoded().get(id))
                .filter(producer -> producer.lastUsedMillis() >= silentSinceMillis);
    }

    List<Producer> list(long silentSinceMillis) {
        return decoded().values().stream()
                .filter(producer -> producer.lastUsedMillis() >= silentSinceMillis)
                .toList();
    }

    /** Takes over that a batch was appended; forgets who has been silent for too long. */
    void appended(ProducerStamp stamp, BatchHeader header, long atMillis, long silentSinceMillis) {
        Producer after =
                Producer.after(
                        find(stamp.producerId(), silentSinceMillis),
                        stamp,
                        header.baseOffset(),
                        header.maxTimestamp(),
                        atMillis);
        byId.remove(stamp.producerId());
        byId.put(stamp.producerId(), after);
        forgetSilent(silentSinceMillis);
        if (byId.size() > MOST) {
            byId.remove(byId.keySet().iterator().next());
        }
    }

    void forgetSilent(long sinceMillis) {
        var oldest = decoded().values().iterator();
        while (oldest.hasNext() && oldest.next().lastUsedMillis() < sinceMillis) {
            oldest.remove();
        }
    }

    /** Forgets whose batches at or beyond the offset are lost, so that they may come again. */
    void cut(long offset) {
        decoded().values().removeIf(producer -> producer.reachesBeyond(offset));
    }

    boolean isEmpty() {
        return !encoded.hasRemaining() && byId.isEmpty();
    }

    /** Never changed afterwards. */
    ByteBuffer toBytes() {
        BinaryWriter out = new BinaryWriter(byId.size() * 5 * Producer.Batch.BYTES);
        decoded().values().forEach(producer -> producer.write(out));
        return out.toBuffer();
    }
}
