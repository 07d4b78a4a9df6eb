package io.tributary.storage.restore;

import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TopicId;
import io.tributary.storage.log.LogPosition;
import io.tributary.storage.object.ObjectId;
import io.tributary.storage.segment.SegmentInfo;
import io.tributary.storage.state.Salvage;
import io.tributary.storage.state.ShardState;
import io.tributary.storage.state.Upkeep;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What an object store has of one shard.
 *
 * @param snapshot the newest that can be read; empty where there is none
 * @param sizes bytes of every object that is there
 * @param later objects the snapshot does not know and that may continue it; where there is no
 *     snapshot, all
 * @param highestEpoch of all that is there, also what is not taken over; 0 for nothing
 * @param warnings what is damaged or left aside, for people
 */
public record StoredShard(
        ShardId shard,
        Optional<Loaded> snapshot,
        Map<ObjectId, Long> sizes,
        List<StoredObject> later,
        long highestEpoch,
        List<String> warnings) {
    /**
     * A snapshot's content.
     *
     * @param known every object it names, read or garbage
     * @param replayFrom the first entry of the log that it does not cover
     */
    public record Loaded(
            String key,
            long epoch,
            LogPosition replayFrom,
            ShardState state,
            Salvage salvage,
            Upkeep.Known known) {
        boolean knows(ObjectId object) {
            return known.live().containsKey(object.key()) || known.garbage().contains(object.key());
        }
    }

    /** The partitions of a topic that anything is there of. */
    public SortedSet<PartitionId> partitions(TopicId topic) {
        Stream<PartitionId> known =
                snapshot.stream()
                        .flatMap(loaded -> loaded.salvage().partitions().stream())
                        .map(Salvage.Contents::partition);
        Stream<PartitionId> found =
                later.stream()
                        .flatMap(object -> object.segments().stream())
                        .map(SegmentInfo::partition);
        return Stream.concat(known, found)
                .filter(partition -> partition.topic().equals(topic))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** An object as it describes itself. */
    public record StoredObject(ObjectId id, long sizeBytes, List<SegmentInfo> segments) {}
}
