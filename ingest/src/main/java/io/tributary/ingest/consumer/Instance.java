package io.tributary.ingest.consumer;

import io.tributary.ingest.consumer.GroupOffsets.Offset;
import io.tributary.ingest.consumer.Positions.Move;
import io.tributary.ingest.consumer.Subscription.Place;
import io.tributary.ingest.door.TenantCaller;
import io.tributary.ingest.group.GroupCaller;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.kernel.id.PartitionId;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.topic.Topic;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer instance: all its calls come here, whichever connection they came in on, and are done
 * one at a time; a poll that waits lets others through. Thread-safe; blocks.
 */
public final class Instance {
    private static final Logger LOG = LoggerFactory.getLogger(Instance.class);
    private static final long SOONEST_MILLIS = 50;

    private final ConsumerNode node;
    private final InstanceKey key;
    private final InstanceConfig config;
    private final Standing standing;
    private final Membership membership;
    private final ReentrantLock lock = new ReentrantLock();
    private final Semaphore polls = new Semaphore(1);

    private boolean gone;
    private int turn;
    private long usedAt;
    private volatile CountDownLatch wake = new CountDownLatch(0);

    /**
     * An instance as it is stored.
     *
     * @param revived whether the node may have begun anew since it was used
     */
    Instance(ConsumerNode node, InstanceKey key, InstanceRecord record, boolean revived) {
        this.node = node;
        this.key = key;
        config = record.config();
        standing = new Standing(node, key, record, revived);
        membership = standing.membership();
        usedAt = node.now();
    }

    InstanceKey key() {
        return key;
    }

    InstanceConfig config() {
        return config;
    }

    /** Lets in one poll; others wait there a moment. */
    Semaphore polls() {
        return polls;
    }

    private interface Work<T> {
        T run() throws IOException;
    }

    /** Does work on behalf of a caller while nothing else is done. */
    private <T> T alone(Work<T> work) throws IOException {
        lock.lock();
        try {
            if (gone) {
                throw Refusals.noInstance();
            }
            usedAt = node.now();
            return work.run();
        } finally {
            lock.unlock();
        }
    }

    /** Subscribes to topics, instead of those before; the group hears of it at once. */
    void subscribe(TenantCaller caller, Subscription wanted) throws IOException {
        alone(
                () -> {
                    if (standing.subscription() instanceof Subscription.Assigned) {
                        throw exclusive();
                    }
                    Principal who = caller.now();
                    List<String> names = standing.interest().names(who, wanted);
                    standing.change(wanted, names);
                    if (!names.isEmpty() || membership.member().joined()) {
                        membership.beat(standing.as(caller, who));
                    }
                    return null;
                });
    }

    private static RuntimeException exclusive() {
        return Refusals.illegalState(
                "Subscription to topics, partitions and pattern are mutually exclusive");
    }

    /** Reads these partitions from now on, and tells no group. */
    void assign(TenantCaller caller, List<Place> places) throws IOException {
        alone(
                () -> {
                    if (standing.subscribed()) {
                        throw exclusive();
                    }
                    Principal who = caller.now();
                    Set<PartitionId> own = new HashSet<>();
                    for (Place place : places) {
                        own.add(standing.partition(who, place).getKey());
                    }
                    membership.keep(own);
                    standing.change(
                            places.isEmpty()
                                    ? new Subscription.None()
                                    : new Subscription.Assigned(places),
                            List.of());
                    return null;
                });
    }

    /** Reads nothing from now on. */
    void unsubscribe(TenantCaller caller) throws IOException {
        alone(
                () -> {
                    GroupCaller group = standing.as(caller, caller.now());
                    if (config.autoCommit()) {
                        standing.received();
                        membership.commitReceived(group);
                    }
                    Optional<?> _ = membership.member().leave(group);
                    membership.keep(Set.of());
                    standing.change(new Subscription.None(), List.of());
                    return null;
                });
    }

    /** The topics it subscribes to, as far as they are there. */
    List<String> topics(TenantCaller caller) throws IOException {
        return alone(() -> standing.interest().names(caller.now(), standing.subscription()));
    }

    /** The partitions it has now. */
    List<Place> assignment(TenantCaller caller) throws IOException {
        return alone(
                () -> {
                    standing.refresh(caller);
                    List<Place> places = new ArrayList<>();
                    standing.partitions(caller.now())
                            .forEach(
                                    (id, topic) -> places.add(new Place(topic.name(), id.index())));
                    return places;
                });
    }

    /** Commits these, or all that was returned. */
    void commit(TenantCaller caller, Optional<Map<Place, Offset>> offsets) throws IOException {
        alone(
                () -> {
                    standing.refresh(caller);
                    GroupCaller group = standing.as(caller, caller.now());
                    if (offsets.isPresent()) {
                        Map<PartitionId, Long> ends = new LinkedHashMap<>();
                        for (Map.Entry<Place, Offset> one : offsets.get().entrySet()) {
                            ends.put(
                                    standing.partition(group.who(), one.getKey()).getKey(),
                                    one.getValue().offset());
                        }
                        membership.commitNamed(group, offsets.get());
                        membership.positions().committed(ends);
                    } else {
                        standing.received();
                        membership.commit(group, membership.positions().uncommitted());
                    }
                    return null;
                });
    }

    /** What the group has committed, of these partitions or of all the instance has. */
    Map<Place, Offset> committed(TenantCaller caller, Optional<List<Place>> places)
            throws IOException {
        Collection<Place> asked = places.isPresent() ? places.get() : assignment(caller);
        return alone(
                () -> {
                    Principal who = caller.now();
                    for (Place place : asked) {
                        var _ = standing.partition(who, place);
                    }
                    return asked.isEmpty()
                            ? Map.of()
                            : membership.committed(standing.as(caller, who), asked);
                });
    }

    /** Where to go on: an offset, or what a partition says. */
    public interface Where {
        long in(Topic topic, int partition) throws IOException;
    }

    /** Goes on elsewhere in partitions it has. */
    void seek(TenantCaller caller, Map<Place, Where> to) throws IOException {
        alone(
                () -> {
                    standing.refresh(caller);
                    Principal who = caller.now();
                    Map<PartitionId, Topic> own = standing.partitions(who);
                    Map<PartitionId, Long> found = new LinkedHashMap<>();
                    for (Map.Entry<Place, Where> one : to.entrySet()) {
                        Place place = one.getKey();
                        var partition = standing.partition(who, place);
                        if (!own.containsKey(partition.getKey())) {
                            throw Refusals.illegalState(
                                    "No current assignment for partition "
                                            + place.topic()
                                            + "-"
                                            + place.partition());
                        }
                        found.put(
                                partition.getKey(),
                                one.getValue().in(partition.getValue(), place.partition()));
                    }
                    found.forEach(membership.positions()::set);
                    standing.store();
                    return null;
                });
    }

    /** Begins a poll: what was returned before has been received. */
    void asksAgain(TenantCaller caller) throws IOException {
        alone(
                () -> {
                    standing.received();
                    if (config.autoCommit()) {
                        membership.commitReceived(standing.as(caller, caller.now()));
                    }
                    standing.storeIfDue();
                    return null;
                });
    }

    /** Looks at everything it has, with the rights of now. */
    Round look(TenantCaller caller, int maxBytes, CountDownLatch forChanges) throws IOException {
        return alone(
                () -> {
                    wake = forChanges;
                    if (standing.subscription() instanceof Subscription.None) {
                        throw Refusals.illegalState(
                                "Consumer is not subscribed to any topics or assigned any"
                                        + " partitions");
                    }
                    standing.refresh(caller);
                    return standing.read(caller, maxBytes, turn);
                });
    }

    /** A look's records are what the poll returns; false where something changed meanwhile. */
    boolean take(Round round) throws IOException {
        return alone(
                () -> {
                    boolean same = membership.positions().at(round.moves());
                    if (same) {
                        membership.positions().returned(round.moves());
                        turn = (turn + 1) & Integer.MAX_VALUE;
                    }
                    return same;
                });
    }

    /** What a poll returned has reached nobody. */
    void undo(Map<PartitionId, Move> moves) {
        lock.lock();
        try {
            membership.positions().undo(moves);
        } finally {
            lock.unlock();
        }
    }

    /** Ends it for its caller; what was returned counts as received. */
    void delete(TenantCaller caller) throws IOException {
        alone(
                () -> {
                    GroupCaller group = standing.as(caller, caller.now());
                    if (config.autoCommit()) {
                        standing.received();
                        membership.commitReceived(group);
                    }
                    end(group);
                    return null;
                });
    }

    private void end(GroupCaller caller) {
        node.log().write(key, Optional.empty());
        gone = true;
        wake.countDown();
        try {
            Optional<?> _ = membership.member().leave(caller);
        } catch (ProblemException e) {
            // The group misses it after its session.
            LOG.debug(
                    "a consumer instance could not leave tenant={} group={} instance={}",
                    key.tenant(),
                    key.group(),
                    key.name(),
                    e);
        }
    }

    /**
     * What is to be done between calls: staying in the group, storing positions, and giving up what
     * nobody uses.
     *
     * @param atOnce whether the group has news
     * @return when to look again; empty when it is gone
     */
    Optional<Duration> tend(boolean atOnce) {
        lock.lock();
        try {
            if (gone) {
                return Optional.empty();
            }
            long now = node.now();
            if (polls.availablePermits() == 0) {
                usedAt = now;
            }
            long unused = node.timeout().toMillis() - (now - usedAt);
            if (unused <= 0) {
                end(standing.itself());
                return Optional.empty();
            }
            Member member = membership.member();
            boolean wants = !member.topics().isEmpty() || member.joined();
            if (wants && (atOnce || membership.due(now, Long.MAX_VALUE))) {
                Set<PartitionId> before = member.owned();
                membership.beat(standing.itself());
                if (!before.equals(member.owned())) {
                    wake.countDown();
                }
            }
            standing.storeIfDue();
            long next = wants ? membership.dueAt() - node.now() : unused;
            return Optional.of(
                    Duration.ofMillis(
                            Math.clamp(next, SOONEST_MILLIS, Math.max(SOONEST_MILLIS, unused))));
        } finally {
            lock.unlock();
        }
    }
}
