package io.tributary.storage.tiering;

import io.tributary.storage.log.Command;
import io.tributary.storage.object.ObjectId;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes objects that nothing reads any more, from the store and every cache. What is going to go
 * is in the log before it does and what went is afterwards, so that a crash in between repeats the
 * deletion and its receipt is never lost. Used by one thread at a time; blocks.
 */
final class Reaper {
    private static final Logger LOG = LoggerFactory.getLogger(Reaper.class);
    private static final int AT_ONCE = 100;

    private final ShardContext shard;
    private final Uploads uploads;

    Reaper(ShardContext shard, Uploads uploads) {
        this.shard = shard;
        this.uploads = uploads;
    }

    /** Deletes all the garbage and the orphans there are now. */
    void run() throws IOException {
        deleteOrphans();
        deleteGarbage();
    }

    /** Deletes orphans that were found just now. */
    void run(List<Command.Orphan> found) throws IOException {
        for (int from = 0; from < found.size(); from += AT_ONCE) {
            uploads.log(
                    List.of(
                            new Command.OrphansFound(
                                    found.subList(from, Math.min(found.size(), from + AT_ONCE)))));
        }
        deleteOrphans();
    }

    private void deleteOrphans() throws IOException {
        List<String> orphans = shard.own().upkeep().orphans();
        if (orphans.isEmpty()) {
            return;
        }
        uploads.log(List.of());
        for (int from = 0; from < orphans.size(); from += AT_ONCE) {
            List<String> some = orphans.subList(from, Math.min(orphans.size(), from + AT_ONCE));
            shard.node().objects().delete(some);
            uploads.log(List.of(new Command.OrphansDeleted(some)));
        }
        LOG.info("orphans deleted shard={} objects={}", shard.shard(), orphans.size());
    }

    private void deleteGarbage() throws IOException {
        List<ObjectId> garbage = shard.own().upkeep().garbage();
        if (garbage.isEmpty()) {
            return;
        }
        // What made them garbage must be durable before they go.
        uploads.log(List.of());
        for (int from = 0; from < garbage.size(); from += AT_ONCE) {
            List<ObjectId> some = garbage.subList(from, Math.min(garbage.size(), from + AT_ONCE));
            for (ObjectId object : some) {
                shard.node().local().drop(object);
                shard.node().chunks().drop(object);
            }
            shard.node().objects().delete(some.stream().map(ObjectId::key).toList());
            uploads.log(List.of(new Command.ObjectsDeleted(some)));
        }
        LOG.info("objects deleted shard={} objects={}", shard.shard(), garbage.size());
    }
}
