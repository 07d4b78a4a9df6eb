package io.tributary.storage.tiering;

import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.ObjectWriter;
import io.tributary.storage.state.Levels.Run;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts smaller objects in the place of those with records of removed topics, with mostly expired
 * ones, or old ones with any that expired; the old object is garbage then. Used by one thread at a
 * time; blocks.
 */
final class Rewrite {
    private static final Logger LOG = LoggerFactory.getLogger(Rewrite.class);

    /** The rest follows; flushing goes between. */
    private static final int AT_ONCE = 4;

    /** When an object that could not be read is tried again: what was removed must go. */
    private static final Duration AGAIN = Duration.ofSeconds(30);

    /**
     * How long what expired may stay in an object whose other records are read: one with any in it
     * that is older than this gives way, so that each is rewritten no more often.
     */
    static final Duration EXPIRED_STAYS = Duration.ofDays(7);

    /** How often to look for those. */
    private static final Duration LOOK = Duration.ofHours(1);

    private final ShardContext shard;
    private final Uploads uploads;
    private final SegmentCopy copy;
    private final Queue<ObjectId> withExpired = new ArrayDeque<>();
    private long nextLookMillis;

    Rewrite(ShardContext shard, Uploads uploads, SegmentCopy copy) {
        this.shard = shard;
        this.uploads = uploads;
        this.copy = copy;
    }

    /**
     * Rewrites some of what should be.
     *
     * @param merging objects that give way to others anyhow
     */
    void run(Set<ObjectId> merging) throws IOException {
        List<ObjectId> due =
                shard.own().upkeep().rewritable().stream()
                        .filter(object -> !merging.contains(object))
                        .filter(object -> !copy.unreadableFor(object, AGAIN))
                        .limit(AT_ONCE)
                        .toList();
        for (ObjectId object : due.isEmpty() ? nextOld(merging) : due) {
            rewrite(object);
        }
    }

    /** At most one: there may be many, and none of them is in a hurry. */
    private List<ObjectId> nextOld(Set<ObjectId> merging) {
        long now = shard.nowMillis();
        if (withExpired.isEmpty() && now >= nextLookMillis) {
            withExpired.addAll(shard.own().upkeep().holdingExpired(now - EXPIRED_STAYS.toMillis()));
            nextLookMillis = now + LOOK.toMillis();
        }
        return Optional.ofNullable(withExpired.poll()).stream()
                .filter(object -> !merging.contains(object))
                .toList();
    }

    private void rewrite(ObjectId old) throws IOException {
        // Without any the last of it expired meanwhile.
        List<Run> live = shard.own().levels().runs(Set.of(old));
        if (!live.isEmpty()) {
            ObjectWriter.Written written =
                    uploads.uploadOnce(
                            old.level(),
                            shard.node().local().contains(old),
                            writer -> {
                                for (Run run : live) {
                                    copy.asTheyAre(run, writer);
                                }
                                return List.of();
                            });
            shard.own().counts().rewritten(written.sizeBytes());
            LOG.info(
                    "object rewritten shard={} from={} to={} segments={} bytes={}",
                    shard.shard(),
                    old.name(),
                    written.id().name(),
                    written.segments().size(),
                    written.sizeBytes());
        }
    }
}
