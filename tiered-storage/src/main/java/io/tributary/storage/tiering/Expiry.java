package io.tributary.storage.tiering;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.log.Command;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves log starts as retention asks. Used by one thread at a time; blocks. */
final class Expiry {
    private static final Logger LOG = LoggerFactory.getLogger(Expiry.class);

    /** How late a changed retention may take effect. */
    private static final Duration RECHECK = Duration.ofSeconds(5);

    private final ShardContext shard;
    private final Uploads uploads;

    Expiry(ShardContext shard, Uploads uploads) {
        this.shard = shard;
        this.uploads = uploads;
    }

    void run() throws IOException {
        long now = shard.nowMillis();
        long recheck = now + RECHECK.toMillis();
        List<Command> moves = new ArrayList<>();
        for (PartitionId partition : shard.own().upkeep().retentionDue(now)) {
            Optional<PartitionSettings> settings = shard.node().topics().of(partition.topic());
            shard.own().upkeep().retentionIdle(partition, recheck);
            if (settings.isPresent()) {
                shard.own()
                        .upkeep()
                        .retainedFrom(partition, settings.get(), now, recheck)
                        .ifPresent(start -> moves.add(new Command.LogStartMoved(partition, start)));
            }
        }
        if (!moves.isEmpty()) {
            uploads.log(moves);
            LOG.info("log starts moved shard={} partitions={}", shard.shard(), moves.size());
        }
    }
}
