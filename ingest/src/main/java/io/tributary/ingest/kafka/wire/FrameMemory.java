package io.tributary.ingest.kafka.wire;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what all connections' requests take together, so that neither strangers nor one tenant
 * with many connections take the heap. Thread-safe.
 */
final class FrameMemory {
    /** Small requests pass even where large ones have taken everything. */
    private static final int ALWAYS_BYTES = 16 << 10;

    private final long maxBytes;
    private final AtomicLong held = new AtomicLong();

    FrameMemory(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    Share share() {
        return new Share();
    }

    /** One connection's part. Not thread-safe. */
    final class Share {
        private long mine;
        private boolean ended;

        /** Says how much it holds now; false when that is too much. */
        boolean hold(long bytes) {
            if (ended) {
                return false;
            }
            long all = held.addAndGet(bytes - mine);
            mine = bytes;
            return bytes <= ALWAYS_BYTES || all <= maxBytes;
        }

        void giveBack() {
            held.addAndGet(-mine);
            mine = 0;
            ended = true;
        }
    }
}
