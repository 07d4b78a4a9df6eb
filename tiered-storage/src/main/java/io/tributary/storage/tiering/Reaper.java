package io.tributary.storage.tiering;

import io.tributary.storage.log.Command;
import io.tributary.storage.object.ObjectId;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes objects that nothing reads any more, from the store and every cache. Used by one thread
 * at a time; blocks.
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

    /** Deletes all the garbage there is now. */
    void run() throws IOException {
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
