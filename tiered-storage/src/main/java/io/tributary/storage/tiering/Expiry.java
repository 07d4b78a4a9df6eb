package io.tributary.storage.tiering;

import io.tributary.kernel.id.PartitionId;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.Receipt.Why;
import io.tributary.storage.TopicSettings;
import io.tributary.storage.log.Command;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.state.Timetable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves log starts as retention asks, and drops local copies as local retention asks; looks only at
 * partitions that are due. Blocks.
 */
final class Expiry {
    private static final Logger LOG = LoggerFactory.getLogger(Expiry.class);

    /** How soon a partition is looked at again whose settings could not be read. */
    private static final Duration RETRY = Duration.ofSeconds(5);

    /** Partitions looked at in one go, so that other work has its turn. */
    private static final int AT_ONCE = 2_000;

    private final ShardContext shard;
    private final Uploads uploads;
    private final Timetable timetable;
    private long settingsSeen;

    Expiry(ShardContext shard, Uploads uploads, Timetable timetable) {
        this.shard = shard;
        this.uploads = uploads;
        this.timetable = timetable;
    }

    /** Looks at what is due; used by one thread at a time. */
    void run() throws IOException {
        long now = shard.nowMillis();
        TopicSettings.Changes changes = shard.node().topics().changes(settingsSeen);
        timetable.settingsChanged(changes.topics(), now);
        settingsSeen = changes.upTo();
        expire(timetable.retentionDue(now, now + RETRY.toMillis(), AT_ONCE));
        for (ObjectId object : timetable.unwantedCopies()) {
            shard.node().local().drop(object);
        }
    }

    /**
     * Removes what has expired of some partitions; durable when this returns. Thread-safe.
     *
     * @return log starts that moved
     */
    Map<PartitionId, Long> expire(Collection<PartitionId> partitions) throws IOException {
        long now = shard.nowMillis();
        Map<PartitionId, Long> starts = new HashMap<>();
        List<Command> moves = new ArrayList<>();
        for (PartitionId partition : partitions) {
            Optional<PartitionSettings> settings = shard.node().topics().of(partition.topic());
            OptionalLong start =
                    settings.isPresent()
                            ? timetable.look(partition, settings.get(), now)
                            : OptionalLong.empty();
            if (start.isPresent()) {
                starts.put(partition, start.getAsLong());
                moves.add(new Command.LogStartMoved(partition, start.getAsLong(), Why.RETENTION));
            }
        }
        if (!moves.isEmpty()) {
            uploads.log(moves);
            LOG.info("log starts moved shard={} partitions={}", shard.shard(), moves.size());
        }
        return starts;
    }
}
