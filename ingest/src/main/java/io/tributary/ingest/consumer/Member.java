package io.tributary.ingest.consumer;

import io.tributary.ingest.group.GroupCaller;
import io.tributary.ingest.group.TenantGroups;
import io.tributary.ingest.id.TopicUuid;
import io.tributary.kernel.id.PartitionId;
import io.tributary.kernel.id.TopicId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * An instance's membership in its group, by KIP-848: what it tells the coordinator, and what that
 * says it has. Blocks on the coordinator. Not thread-safe.
 */
final class Member {
    private static final int REVOCATION_MILLIS = 60_000;
    private static final int JOINING = 0;
    private static final int LEAVING = -1;

    /** No member is in it: asks whether a member is known. */
    private static final int NO_SUCH_EPOCH = Integer.MAX_VALUE;

    private final TenantGroups groups;
    private final String group;
    private final String memberId;

    private int epoch = JOINING;
    private boolean joined;
    private List<String> topics = List.of();
    private boolean topicsChanged;
    private Set<PartitionId> owned = Set.of();
    private boolean ownedChanged;
    private long intervalMillis;

    Member(TenantGroups groups, String group, String memberId) {
        this.groups = groups;
        this.group = group;
        this.memberId = memberId;
    }

    /** What a heartbeat found out. */
    sealed interface Beat {
        /** All is as it was. */
        record Same() implements Beat {}

        /** The coordinator wants the instance to have these partitions, and no others. */
        record Assigned(Set<PartitionId> partitions) implements Beat {}

        /** The group has gone on without it: all it had may be another's now. */
        record Lost() implements Beat {}
    }

    String id() {
        return memberId;
    }

    /** The epoch to commit under. */
    int epoch() {
        return epoch;
    }

    boolean joined() {
        return joined;
    }

    /** What it has. */
    Set<PartitionId> owned() {
        return owned;
    }

    /** How often to tell that it is there. */
    long intervalMillis() {
        return intervalMillis;
    }

    List<String> topics() {
        return topics;
    }

    /** Changes what it wants; says whether that is news to be told. */
    boolean want(List<String> names) {
        if (names.equals(topics)) {
            return false;
        }
        topics = List.copyOf(names);
        topicsChanged = true;
        return true;
    }

    /** Takes over what was assigned; to be told with the next heartbeat. */
    void own(Set<PartitionId> partitions) {
        owned = Set.copyOf(partitions);
        ownedChanged = true;
    }

    /** Whether there is something to tell at once. */
    boolean hasNews() {
        return ownedChanged || topicsChanged || !joined;
    }

    /** Whether the coordinator still knows the member, as it was before the node began anew. */
    boolean known(GroupCaller caller) {
        Errors error = Errors.forCode(send(caller, request(NO_SUCH_EPOCH)).errorCode());
        return switch (error) {
            case FENCED_MEMBER_EPOCH, NONE -> true;
            case UNKNOWN_MEMBER_ID, GROUP_ID_NOT_FOUND -> false;
            default -> throw Coordinator.problem(error);
        };
    }

    /** Joins or stays. */
    Beat beat(GroupCaller caller) {
        ConsumerGroupHeartbeatRequestData request = request(epoch);
        if (epoch == JOINING) {
            request.setRebalanceTimeoutMs(REVOCATION_MILLIS)
                    .setSubscribedTopicNames(topics)
                    .setTopicPartitions(List.of());
        } else {
            if (topicsChanged) {
                request.setSubscribedTopicNames(topics);
            }
            if (ownedChanged) {
                request.setTopicPartitions(ownedAsTold());
            }
        }
        ConsumerGroupHeartbeatResponseData answer = send(caller, request);
        Errors error = Errors.forCode(answer.errorCode());
        return switch (error) {
            case NONE -> {
                joined = true;
                epoch = answer.memberEpoch();
                intervalMillis = answer.heartbeatIntervalMs();
                topicsChanged = false;
                ownedChanged = false;
                yield assigned(answer);
            }
            case UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH, GROUP_ID_NOT_FOUND -> {
                forget();
                yield new Beat.Lost();
            }
            default -> throw Coordinator.problem(error);
        };
    }

    private Beat assigned(ConsumerGroupHeartbeatResponseData answer) {
        if (answer.assignment() == null) {
            return new Beat.Same();
        }
        Set<PartitionId> partitions = new HashSet<>();
        for (ConsumerGroupHeartbeatResponseData.TopicPartitions one :
                answer.assignment().topicPartitions()) {
            TopicId topic = TopicUuid.topicId(one.topicId());
            one.partitions().forEach(index -> partitions.add(new PartitionId(topic, index)));
        }
        return partitions.equals(owned) ? new Beat.Same() : new Beat.Assigned(partitions);
    }

    /** Leaves for good or until it wants something again; what fails is left to time. */
    Optional<Errors> leave(GroupCaller caller) {
        if (!joined) {
            return Optional.empty();
        }
        Errors error = Errors.forCode(send(caller, request(LEAVING)).errorCode());
        forget();
        owned = Set.of();
        return error == Errors.NONE ? Optional.empty() : Optional.of(error);
    }

    private void forget() {
        joined = false;
        epoch = JOINING;
        ownedChanged = false;
    }

    private ConsumerGroupHeartbeatRequestData request(int asEpoch) {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId(group)
                .setMemberId(memberId)
                .setMemberEpoch(asEpoch);
    }

    private ConsumerGroupHeartbeatResponseData send(
            GroupCaller caller, ConsumerGroupHeartbeatRequestData request) {
        return Coordinator.answer(groups.consumerHeartbeat(caller, request));
    }

    private List<TopicPartitions> ownedAsTold() {
        Map<TopicId, TopicPartitions> byTopic = new LinkedHashMap<>();
        for (PartitionId one : owned) {
            byTopic.computeIfAbsent(
                            one.topic(),
                            topic ->
                                    new TopicPartitions()
                                            .setTopicId(TopicUuid.of(topic))
                                            .setPartitions(new ArrayList<>()))
                    .partitions()
                    .add(one.index());
        }
        return List.copyOf(byTopic.values());
    }
}
