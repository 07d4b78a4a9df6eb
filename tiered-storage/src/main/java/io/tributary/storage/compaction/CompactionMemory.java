package io.tributary.storage.compaction;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The room for one {@link KeyMap} on a node: whichever shard has it compacts, the others wait.
 * Thread-safe.
 */
public final class CompactionMemory {
    /** About 780,000 keys at once; a partition with more is compacted in several passes. */
    public static final long BUDGET_BYTES = 32 << 20;

    private final long budgetBytes;
    private final AtomicBoolean taken = new AtomicBoolean();

    public CompactionMemory(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    /** An empty map; empty while another shard has one. */
    public Optional<KeyMap> take() {
        return taken.compareAndSet(false, true)
                ? Optional.of(new KeyMap(budgetBytes))
                : Optional.empty();
    }

    /** Whoever took the map uses it no more. */
    public void giveBack() {
        taken.set(false);
    }
}
