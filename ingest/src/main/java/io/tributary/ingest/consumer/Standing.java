package io.tributary.ingest.consumer;

import io.tributary.ingest.consumer.Subscription.Place;
import io.tributary.ingest.door.TenantCaller;
import io.tributary.ingest.group.GroupCaller;
import io.tributary.kernel.id.PartitionId;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.topic.Topic;
import io.tributary.storage.OffsetOutOfRangeException;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an instance reads, as what it is in its group, and what of that is stored. Blocks; used by
 * one at a time.
 */
final class Standing {
    /** How often a call tells the group that the instance is there, and looks for topics. */
    private static final long CALL_BEAT_MILLIS = 1_000;

    private static final Duration STORED_EVERY = Duration.ofSeconds(5);
    private static final short HEARTBEAT_VERSION = 1;

    private final ConsumerNode node;
    private final InstanceKey key;
    private final InstanceConfig config;
    private final Membership membership;
    private final Interest interest;

    private Subscription subscription;
    private long lookedAt;
    private long storedAt;
    private boolean storeSoon;

    Standing(ConsumerNode node, InstanceKey key, InstanceRecord record, boolean revived) {
        this.node = node;
        this.key = key;
        config = record.config();
        subscription = record.subscription();
        membership = new Membership(node, key, record, revived);
        membership.alone(subscription instanceof Subscription.Assigned);
        boolean _ = membership.member().want(record.topics());
        interest = new Interest(node.ingest().topics(), key.tenant());
        storedAt = node.now();
    }

    Membership membership() {
        return membership;
    }

    Interest interest() {
        return interest;
    }

    Subscription subscription() {
        return subscription;
    }

    /** Whether the group assigns what it reads. */
    boolean subscribed() {
        return subscription instanceof Subscription.Topics
                || subscription instanceof Subscription.Matching;
    }

    GroupCaller as(TenantCaller caller, Principal who) {
        return new GroupCaller(who, key.name(), caller.address(), HEARTBEAT_VERSION);
    }

    /** The service itself, between calls: it changes nothing of what the instance reads. */
    GroupCaller itself() {
        return new GroupCaller(
                new Principal(Optional.of(key.tenant()), "", Role.ADMIN, List.of()),
                key.name(),
                InetAddress.getLoopbackAddress(),
                HEARTBEAT_VERSION);
    }

    /** Reads something else from now on, of which these topics are there. */
    void change(Subscription wanted, List<String> topics) {
        subscription = wanted;
        membership.alone(wanted instanceof Subscription.Assigned);
        boolean _ = membership.member().want(topics);
        lookedAt = node.now();
        store();
    }

    /** Looks for topics and tells the group that the instance is there, where it is time to. */
    void refresh(TenantCaller caller) throws IOException {
        if (!subscribed()) {
            return;
        }
        long now = node.now();
        Member member = membership.member();
        Principal who = caller.now();
        if (now - lookedAt >= CALL_BEAT_MILLIS) {
            lookedAt = now;
            if (member.want(interest.names(who, subscription))) {
                store();
            }
        }
        boolean nothing = member.topics().isEmpty() && !member.joined();
        if (!nothing && (member.owned().isEmpty() || membership.due(now, CALL_BEAT_MILLIS))) {
            membership.beat(as(caller, who));
        }
    }

    /**
     * What it has, as far as it is there and the caller may read it.
     *
     * @throws io.tributary.kernel.fault.ProblemException that is more than it may have
     */
    Map<PartitionId, Topic> partitions(Principal who) throws IOException {
        Map<PartitionId, Topic> all = new LinkedHashMap<>();
        if (subscription instanceof Subscription.Assigned(List<Place> places)) {
            for (Place place : places) {
                var found = partition(who, place);
                all.put(found.getKey(), found.getValue());
            }
            return all;
        }
        if (membership.member().owned().size() > InstanceRecord.MOST_PARTITIONS) {
            throw Refusals.tooMuch("partitions", InstanceRecord.MOST_PARTITIONS);
        }
        Set<String> names = Set.copyOf(membership.member().topics());
        for (PartitionId id : membership.member().owned().stream().sorted().toList()) {
            membership
                    .topic(id.topic())
                    .filter(topic -> topic.tenant().equals(key.tenant()))
                    .filter(topic -> names.contains(topic.name()))
                    .filter(topic -> who.may(Operation.CONSUME, topic.name()))
                    .filter(topic -> id.index() < topic.partitions())
                    .ifPresent(topic -> all.put(id, topic));
        }
        return all;
    }

    /**
     * A partition that may be consumed.
     *
     * @throws io.tributary.kernel.fault.ProblemException it is not there, or may not be consumed
     */
    Map.Entry<PartitionId, Topic> partition(Principal who, Place place) throws IOException {
        Topic topic =
                interest.find(who, place.topic()).orElseThrow(Refusals.noTopic()::asException);
        if (place.partition() >= topic.partitions()) {
            throw Refusals.noPartition().asException();
        }
        return Map.entry(topic.partition(place.partition()), topic);
    }

    /** Reads what it has, beginning with a partition by its place among them. */
    Round read(TenantCaller caller, int maxBytes, int first) throws IOException {
        Principal who = caller.now();
        Map<PartitionId, Topic> partitions = partitions(who);
        if (membership.place(as(caller, who), partitions)) {
            store();
        }
        Round round =
                new Round(node.ingest().shards(), new ProxyRecordWriter(config.format()), maxBytes);
        List<PartitionId> order = new ArrayList<>(partitions.keySet());
        for (int i = 0; i < order.size() && !round.full(); i++) {
            PartitionId next = order.get((first + i) % order.size());
            read(round, partitions.get(next), next);
        }
        return round;
    }

    private void read(Round round, Topic topic, PartitionId partition) throws IOException {
        Positions positions = membership.positions();
        try {
            round.add(topic, partition.index(), positions.next(partition).orElseThrow());
        } catch (OffsetOutOfRangeException e) {
            positions.set(partition, membership.reset(topic, partition, "no such"));
            store();
            round.add(topic, partition.index(), positions.next(partition).orElseThrow());
        }
    }

    /** What was returned has been received; it is stored when it is time to. */
    void received() {
        storeSoon |= membership.positions().received();
    }

    void storeIfDue() {
        if (storeSoon && node.now() - storedAt >= STORED_EVERY.toMillis()) {
            store();
        }
    }

    /** Makes what is known of the instance durable. */
    void store() {
        node.log()
                .write(
                        key,
                        Optional.of(
                                new InstanceRecord(
                                        config,
                                        membership.member().id(),
                                        subscription,
                                        membership.member().topics(),
                                        membership.toStore())));
        storedAt = node.now();
        storeSoon = false;
    }
}
