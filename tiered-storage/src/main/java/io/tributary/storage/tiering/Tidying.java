package io.tributary.storage.tiering;

import java.io.IOException;
import java.time.Duration;

/**
 * The work on stored objects that can wait: it stops while many records wait for the object store,
 * and pauses when it fails. Used by one thread at a time; blocks, but never for more than a few
 * objects.
 */
final class Tidying {
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final ShardContext shard;
    private final Rewrite rewrite;
    private final Merge merge;
    private final Compaction compaction;

    /** Whether compaction is next to begin: they take turns, and never work side by side. */
    private boolean compactionNext;

    private long pausedUntilMillis;

    Tidying(ShardContext shard, Uploads uploads) {
        this.shard = shard;
        SegmentCopy copy =
                new SegmentCopy(shard.node().segments(), shard.node().environment().clock());
        rewrite = new Rewrite(shard, uploads, copy);
        merge = new Merge(shard, uploads, copy);
        compaction = new Compaction(shard, uploads, copy);
    }

    /** Does a bounded part of what there is to do. */
    void step() throws IOException {
        if (shard.own().state().loggedBytes() >= shard.node().settings().backlogBytes() / 2) {
            abandon();
            return;
        }
        if (shard.nowMillis() < pausedUntilMillis) {
            return;
        }
        boolean complete = false;
        try {
            rewrite.run(merge.inputs().isEmpty() ? compaction.inputs() : merge.inputs());
            mergeOrCompact();
            complete = true;
        } finally {
            if (!complete) {
                abandon();
                pausedUntilMillis = shard.nowMillis() + PAUSE.toMillis();
            }
        }
    }

    private void mergeOrCompact() throws IOException {
        if (merge.inputs().isEmpty() && (compactionNext || !compaction.inputs().isEmpty())) {
            compaction.step();
            compactionNext = false;
        }
        if (compaction.inputs().isEmpty()) {
            merge.step();
            compactionNext = merge.inputs().isEmpty();
        }
    }

    /** Forgets what is under way; what it made stays. */
    void abandon() {
        merge.abandon();
        compaction.abandon();
    }
}
