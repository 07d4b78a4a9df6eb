package io.tributary.storage.log;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** The newest entries of all shards' logs, in memory up to a budget, oldest out. Thread-safe. */
public final class TailCache {
    /** What an entry takes besides its bytes, about. */
    private static final int OVERHEAD_BYTES = 160;

    private final long budgetBytes;
    private final Map<LogPosition, ByteBuffer> entries = new LinkedHashMap<>();
    private final AtomicLong size = new AtomicLong();

    public TailCache(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    /** Keeps the entry; its bytes must not change any more. */
    public void add(LogPosition position, ByteBuffer entry) {
        synchronized (entries) {
            entries.put(position, entry.asReadOnlyBuffer());
            long bytes = size.addAndGet(weight(entry));
            var eldest = entries.entrySet().iterator();
            while (bytes > budgetBytes && eldest.hasNext()) {
                bytes = size.addAndGet(-weight(eldest.next().getValue()));
                eldest.remove();
            }
        }
    }

    /** The entry, shared; empty when it is too old. */
    public Optional<ByteBuffer> get(LogPosition position) {
        synchronized (entries) {
            return Optional.ofNullable(entries.get(position)).map(ByteBuffer::duplicate);
        }
    }

    /** Forgets everything of these ledgers. */
    public void forget(java.util.Collection<Long> ledgerIds) {
        synchronized (entries) {
            entries.entrySet()
                    .removeIf(
                            entry -> {
                                boolean gone = ledgerIds.contains(entry.getKey().ledgerId());
                                if (gone) {
                                    size.addAndGet(-weight(entry.getValue()));
                                }
                                return gone;
                            });
        }
    }

    private static long weight(ByteBuffer entry) {
        return (long) entry.capacity() + OVERHEAD_BYTES;
    }

    public long sizeBytes() {
        return size.get();
    }
}
