package io.tributary.ingest.consumer;

import io.tributary.ingest.consumer.GroupOffsets.Offset;
import io.tributary.ingest.consumer.InstanceRecord.Held;
import io.tributary.ingest.consumer.Subscription.Place;
import io.tributary.ingest.group.GroupCaller;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import io.tributary.metadata.topic.Topic;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an instance has of its group, and how far it is there: follows what the coordinator says,
 * commits what is given up, and finds where to begin in what is new. Not thread-safe; blocks.
 */
final class Membership {
    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

    /** A join, what it brings, the word that it was taken, and one of each more. */
    private static final int MOST_BEATS = 6;

    private final ConsumerNode node;
    private final InstanceKey key;
    private final InstanceConfig config;
    private final Member member;
    private final GroupOffsets offsets;
    private final Positions positions = new Positions();

    /** From before the node began anew; empty once it is used or wrong. */
    private Map<PartitionId, Held> stored;

    private boolean revived;
    private boolean alone;
    private long lastBeat;

    Membership(ConsumerNode node, InstanceKey key, InstanceRecord record, boolean revived) {
        this.node = node;
        this.key = key;
        this.revived = revived;
        config = record.config();
        stored = record.positions();
        member = new Member(node.groups(), key.group(), record.memberId());
        offsets = new GroupOffsets(node.groups(), key.group());
    }

    Member member() {
        return member;
    }

    Positions positions() {
        return positions;
    }

    /** Whether it reads assigned partitions, as a member of no group. */
    void alone(boolean isAlone) {
        alone = isAlone;
    }

    /** Positions to store: those in use, and of before for what is not in use yet. */
    Map<PartitionId, Held> toStore() {
        Map<PartitionId, Held> all = new HashMap<>(stored);
        all.putAll(positions.toStore());
        return all;
    }

    /** Whether to tell the group that the instance is there. */
    boolean due(long now, long atMostMillis) {
        return member.hasNews()
                || now - lastBeat >= Math.min(member.intervalMillis(), atMostMillis);
    }

    /** When to tell at the latest. */
    long dueAt() {
        return lastBeat + Math.max(1, member.intervalMillis());
    }

    /** Tells the group, and follows until there is nothing more to tell. */
    void beat(GroupCaller caller) {
        lastBeat = node.now();
        if (revived) {
            if (!member.known(caller)) {
                stored = Map.of();
            }
            revived = false;
        }
        for (int i = 0; i < MOST_BEATS; i++) {
            switch (member.beat(caller)) {
                case Member.Beat.Same _ -> {}
                case Member.Beat.Lost _ -> {
                    LOG.info(
                            "a group went on without a consumer instance tenant={} group={}"
                                    + " instance={}",
                            key.tenant(),
                            key.group(),
                            key.name());
                    keep(Set.of());
                    member.own(Set.of());
                }
                case Member.Beat.Assigned(Set<PartitionId> partitions) ->
                        follow(caller, partitions);
            }
            boolean nothing = !member.joined() && member.topics().isEmpty();
            if (nothing || !member.hasNews()) {
                return;
            }
        }
    }

    private void follow(GroupCaller caller, Set<PartitionId> partitions) {
        Set<PartitionId> revoked = new HashSet<>(member.owned());
        revoked.removeAll(partitions);
        if (!revoked.isEmpty() && config.autoCommit()) {
            commitReceived(caller);
        }
        keep(partitions);
        member.own(partitions);
    }

    /** Commits what was received, as far as that is not done; what fails is tried again later. */
    void commitReceived(GroupCaller caller) {
        Map<PartitionId, Long> all = positions.uncommitted();
        if (all.isEmpty()) {
            return;
        }
        try {
            commit(caller, all);
        } catch (IOException | ProblemException e) {
            LOG.warn(
                    "offsets are not committed now tenant={} group={} instance={} problem={}",
                    key.tenant(),
                    key.group(),
                    key.name(),
                    e.toString());
        }
    }

    /** Commits offsets of the instance's own. */
    void commit(GroupCaller caller, Map<PartitionId, Long> ends) throws IOException {
        Map<Place, Offset> named = new LinkedHashMap<>();
        for (Map.Entry<PartitionId, Long> one : ends.entrySet()) {
            Optional<Topic> topic = node.ingest().topics().find(one.getKey().topic());
            topic.ifPresent(
                    found ->
                            named.put(
                                    new Place(found.name(), one.getKey().index()),
                                    new Offset(one.getValue(), "")));
        }
        if (!named.isEmpty()) {
            commitNamed(caller, named);
        }
        positions.committed(ends);
    }

    /** Commits any offsets, as a member where it is one. */
    void commitNamed(GroupCaller caller, Map<Place, Offset> named) {
        GroupCaller committer =
                new GroupCaller(
                        caller.who(),
                        caller.clientId(),
                        caller.address(),
                        GroupOffsets.COMMIT_VERSION);
        if (alone || !member.joined()) {
            offsets.commit(committer, "", -1, named);
        } else {
            offsets.commit(committer, member.id(), member.epoch(), named);
        }
    }

    /** What the group has committed, as far as it has. */
    Map<Place, Offset> committed(GroupCaller caller, Collection<Place> places) {
        return offsets.committed(
                new GroupCaller(
                        caller.who(),
                        caller.clientId(),
                        caller.address(),
                        GroupOffsets.FETCH_VERSION),
                places,
                config.readCommitted());
    }

    /**
     * Finds where to begin in partitions in which that is not known yet.
     *
     * @return whether it follows from nothing that is stored anywhere
     */
    boolean place(GroupCaller caller, Map<PartitionId, Topic> partitions) throws IOException {
        Map<PartitionId, Place> open = new LinkedHashMap<>();
        partitions.forEach(
                (id, topic) -> {
                    if (positions.next(id).isEmpty()) {
                        open.put(id, new Place(topic.name(), id.index()));
                    }
                });
        if (open.isEmpty()) {
            return false;
        }
        Map<Place, Offset> committed = committed(caller, open.values());
        boolean anew = false;
        for (Map.Entry<PartitionId, Place> one : open.entrySet()) {
            PartitionId id = one.getKey();
            Offset found = committed.get(one.getValue());
            long offset = found == null ? Positions.NOTHING : found.offset();
            Held before = stored.get(id);
            if (before != null && (found == null || offset == before.committed())) {
                positions.begin(id, before.offset(), offset);
            } else if (found != null) {
                positions.begin(id, offset, offset);
            } else {
                positions.begin(id, reset(partitions.get(id), id, "no"), offset);
                anew = true;
            }
        }
        Map<PartitionId, Held> unused = new HashMap<>(stored);
        unused.keySet().removeAll(open.keySet());
        stored = unused;
        return anew;
    }

    /** Where to go on without a usable offset. */
    long reset(Topic topic, PartitionId partition, String why) throws IOException {
        var ends = node.ingest().shards().shard(topic.shard(partition.index())).offsets(partition);
        return switch (config.reset()) {
            case EARLIEST -> ends.logStart();
            case LATEST -> ends.highWatermark();
            case NONE ->
                    throw Refusals.illegalState(
                            "there is "
                                    + why
                                    + " offset for "
                                    + topic.name()
                                    + "-"
                                    + partition.index()
                                    + ", and auto.offset.reset is none.");
        };
    }

    /** Forgets all about other partitions than these. */
    void keep(Set<PartitionId> partitions) {
        positions.keep(partitions);
        Map<PartitionId, Held> kept = new HashMap<>(stored);
        kept.keySet().retainAll(partitions);
        stored = kept;
    }

    /** A topic by its id. */
    Optional<Topic> topic(TopicId id) throws IOException {
        return node.ingest().topics().find(id);
    }
}
