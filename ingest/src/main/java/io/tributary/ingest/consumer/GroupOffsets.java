package io.tributary.ingest.consumer;

import io.tributary.ingest.consumer.Subscription.Place;
import io.tributary.ingest.group.GroupCaller;
import io.tributary.ingest.group.TenantGroups;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.protocol.Errors;

/** A group's committed offsets, by topics' names. Blocks on the coordinator. */
public final class GroupOffsets {
    /** Of commits: the last that names topics by name. */
    static final short COMMIT_VERSION = 9;

    /** Of look-ups, likewise. */
    static final short FETCH_VERSION = 9;

    private static final int NO_EPOCH = -1;

    private final TenantGroups groups;
    private final String group;

    GroupOffsets(TenantGroups groups, String group) {
        this.groups = groups;
        this.group = group;
    }

    /**
     * An offset with what its committer noted.
     *
     * @param metadata null for nothing
     */
    public record Offset(long offset, String metadata) {}

    /** Commits; the first partition that fails says why. */
    void commit(GroupCaller caller, String memberId, int epoch, Map<Place, Offset> offsets) {
        Map<String, OffsetCommitRequestTopic> topics = new LinkedHashMap<>();
        offsets.forEach(
                (place, offset) ->
                        topics.computeIfAbsent(
                                        place.topic(),
                                        name -> new OffsetCommitRequestTopic().setName(name))
                                .partitions()
                                .add(
                                        new OffsetCommitRequestPartition()
                                                .setPartitionIndex(place.partition())
                                                .setCommittedOffset(offset.offset())
                                                .setCommittedMetadata(offset.metadata())));
        OffsetCommitRequestData request =
                new OffsetCommitRequestData()
                        .setGroupId(group)
                        .setMemberId(memberId)
                        .setGenerationIdOrMemberEpoch(epoch)
                        .setTopics(new ArrayList<>(topics.values()));
        OffsetCommitResponseData answer = Coordinator.answer(groups.commitOffsets(caller, request));
        for (OffsetCommitResponseData.OffsetCommitResponseTopic topic : answer.topics()) {
            for (OffsetCommitResponseData.OffsetCommitResponsePartition one : topic.partitions()) {
                if (one.errorCode() != Errors.NONE.code()) {
                    throw Coordinator.problem(Errors.forCode(one.errorCode()));
                }
            }
        }
    }

    /** Those of these places for which something was committed. */
    Map<Place, Offset> committed(GroupCaller caller, Collection<Place> places, boolean stable) {
        Map<String, OffsetFetchRequestTopics> topics = new LinkedHashMap<>();
        for (Place place : places) {
            topics.computeIfAbsent(
                            place.topic(),
                            name ->
                                    new OffsetFetchRequestTopics()
                                            .setName(name)
                                            .setPartitionIndexes(new ArrayList<>()))
                    .partitionIndexes()
                    .add(place.partition());
        }
        OffsetFetchResponseGroup answer =
                Coordinator.answer(
                        groups.fetchOffsets(
                                caller,
                                new OffsetFetchRequestGroup()
                                        .setGroupId(group)
                                        .setMemberId(null)
                                        .setMemberEpoch(NO_EPOCH)
                                        .setTopics(List.copyOf(topics.values())),
                                stable));
        if (answer.errorCode() != Errors.NONE.code()) {
            Errors error = Errors.forCode(answer.errorCode());
            if (error == Errors.GROUP_ID_NOT_FOUND) {
                return Map.of();
            }
            throw Coordinator.problem(error);
        }
        Map<Place, Offset> found = new LinkedHashMap<>();
        answer.topics()
                .forEach(
                        topic ->
                                topic.partitions()
                                        .forEach(
                                                one -> {
                                                    if (one.errorCode() != Errors.NONE.code()) {
                                                        throw Coordinator.problem(
                                                                Errors.forCode(one.errorCode()));
                                                    }
                                                    if (one.committedOffset() >= 0) {
                                                        found.put(
                                                                new Place(
                                                                        topic.name(),
                                                                        one.partitionIndex()),
                                                                new Offset(
                                                                        one.committedOffset(),
                                                                        one.metadata()));
                                                    }
                                                }));
        return found;
    }
}
