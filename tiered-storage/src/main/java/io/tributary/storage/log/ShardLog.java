package io.tributary.storage.log;

import io.tributary.log.LedgerMissingException;
import io.tributary.log.LedgerReader;
import io.tributary.log.LedgerWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The ledgers of one shard as one log: appends go to the newest, reads to whichever holds the
 * entry. One thread appends; any thread reads.
 */
public final class ShardLog {
    private final TailCache tail;
    private final Map<Long, LedgerReader> ledgers = new ConcurrentHashMap<>();
    private LedgerWriter current;
    private long nextEntry;
    private final AtomicLong currentBytes = new AtomicLong();

    /**
     * A log without ledgers; it can be read once they are added, and appended to after {@link
     * #begin}.
     */
    public ShardLog(TailCache tail) {
        this.tail = tail;
    }

    /** Appends go to this empty ledger from now on. Only the appending thread calls this. */
    public void begin(LedgerWriter next) {
        ledgers.put(next.ledgerId(), next);
        current = next;
        nextEntry = 0;
        currentBytes.set(0);
    }

    /** Adds an older ledger for reading, or puts a closed writer's reader in its place. */
    public Optional<LedgerReader> add(LedgerReader ledger) {
        return Optional.ofNullable(ledgers.put(ledger.ledgerId(), ledger));
    }

    /** An entry on its way: where it will lie, and when it is durable. */
    public record Appended(LogPosition position, CompletableFuture<Long> durable) {}

    /** Appends; see {@link LedgerWriter#append}. Only the appending thread calls this. */
    public Appended append(ByteBuffer entry) {
        LogPosition position = nextPosition();
        nextEntry++;
        currentBytes.addAndGet(entry.remaining());
        tail.add(position, entry);
        return new Appended(position, current.append(entry));
    }

    /** Where the next entry goes. Only the appending thread calls this. */
    public LogPosition nextPosition() {
        return new LogPosition(current.ledgerId(), nextEntry);
    }

    /**
     * Appends go to this empty ledger from now on. Only the appending thread calls this.
     *
     * @return the ledger that took them before
     */
    public long switchTo(LedgerWriter next) {
        long before = current.ledgerId();
        begin(next);
        return before;
    }

    /** Bytes appended to the newest ledger. */
    public long currentBytes() {
        return currentBytes.get();
    }

    /** Bytes of all ledgers, of one replica. */
    public long sizeBytes() {
        return ledgers.values().stream().mapToLong(LedgerReader::sizeBytes).sum();
    }

    /**
     * Reads one durable entry from its ledger; blocks.
     *
     * @throws LedgerMissingException its ledger was trimmed
     */
    public ByteBuffer read(LogPosition position) throws IOException {
        return ledger(position).read(position.entry());
    }

    /**
     * Reads a part of one durable entry from its ledger, unchecked; blocks.
     *
     * @throws LedgerMissingException its ledger was trimmed
     */
    public ByteBuffer read(LogPosition position, int from, int length) throws IOException {
        return ledger(position).read(position.entry(), from, length);
    }

    /** A part of one entry, durable or not, if the tail cache has it. */
    public Optional<ByteBuffer> tail(LogPosition position, int from, int length) {
        return tail.get(position, from, length);
    }

    private LedgerReader ledger(LogPosition position) throws LedgerMissingException {
        LedgerReader ledger = ledgers.get(position.ledgerId());
        if (ledger == null) {
            throw new LedgerMissingException(position.ledgerId(), "the shard's log");
        }
        return ledger;
    }

    /** Lets go of ledgers that are no longer part of the log. */
    public void drop(Collection<Long> ledgerIds) throws IOException {
        tail.forget(ledgerIds);
        for (long id : ledgerIds) {
            LedgerReader ledger = ledgers.remove(id);
            if (ledger != null) {
                ledger.close();
            }
        }
    }

    /** Closes every ledger; what was appended stays. */
    public void close() throws IOException {
        drop(java.util.Set.copyOf(ledgers.keySet()));
    }
}
