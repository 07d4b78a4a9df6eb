package io.tributary.ingest.group;

import io.tributary.ingest.id.TopicUuid;
import io.tributary.metadata.topic.Topic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartition;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartitionCollection;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopic;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopicCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/** Committing offsets and deleting them. Blocks on the metadata store. */
final class CommittedOffsets {
    private static final int NO_GENERATION = 0;

    private final GroupCoordinator coordinator;
    private final CallerTopics topics;
    private final Census census;

    CommittedOffsets(GroupCoordinator coordinator, CallerTopics topics, Census census) {
        this.coordinator = coordinator;
        this.topics = topics;
        this.census = census;
    }

    private static Errors refusal(GroupCaller caller, String groupId) {
        if (groupId == null || Answers.tooLong(groupId)) {
            return Errors.INVALID_GROUP_ID;
        }
        return GroupRights.mayUse(caller.who()) ? Errors.NONE : Errors.GROUP_AUTHORIZATION_FAILED;
    }

    CompletableFuture<OffsetCommitResponseData> commit(
            GroupCaller caller, OffsetCommitRequestData request) {
        Scope scope = Scope.of(caller.tenant());
        Errors refusal = refusal(caller, request.groupId());
        if (refusal == Errors.NONE && request.generationIdOrMemberEpoch() < NO_GENERATION) {
            refusal = census.admission(caller.tenant(), scope.in(request.groupId()));
        }
        if (refusal != Errors.NONE) {
            return Answers.now(commitRefused(request, refusal));
        }
        Codes codes = new Codes();
        OffsetCommitRequestData scoped =
                request.duplicate()
                        .setGroupId(scope.in(request.groupId()))
                        .setTopics(new ArrayList<>());
        try {
            for (OffsetCommitRequestTopic asked : request.topics()) {
                scope(caller, scope, asked, codes, scoped);
            }
        } catch (CoordinatorNotAvailableException e) {
            return Answers.now(commitRefused(request, Errors.COORDINATOR_NOT_AVAILABLE));
        }
        if (scoped.topics().isEmpty()) {
            return Answers.now(committed(request, codes));
        }
        return Answers.of(
                coordinator.commitOffsets(
                        new CallerContext(caller, ApiKeys.OFFSET_COMMIT),
                        scoped,
                        BufferSupplier.NO_CACHING),
                answer -> {
                    answer.topics()
                            .forEach(
                                    topic ->
                                            topic.partitions()
                                                    .forEach(
                                                            one ->
                                                                    codes.put(
                                                                            topic.topicId(),
                                                                            one.partitionIndex(),
                                                                            one.errorCode())));
                    return committed(request, codes);
                },
                error -> commitRefused(request, error));
    }

    /** Adds what may be committed of a topic, and notes why the rest may not. */
    private void scope(
            GroupCaller caller,
            Scope scope,
            OffsetCommitRequestTopic asked,
            Codes codes,
            OffsetCommitRequestData scoped) {
        Topic topic;
        try {
            topic = topics.find(caller, asked.name(), asked.topicId());
        } catch (CoordinatorNotAvailableException e) {
            throw e;
        } catch (ApiException e) {
            codes.refuse(asked.name(), asked.topicId(), Errors.forException(e));
            return;
        }
        Uuid id = TopicUuid.of(topic.id());
        codes.found(asked.name(), asked.topicId(), id);
        OffsetCommitRequestTopic some =
                new OffsetCommitRequestTopic().setName(scope.in(topic.name())).setTopicId(id);
        asked.partitions()
                .forEach(
                        one -> {
                            if (one.partitionIndex() >= 0
                                    && one.partitionIndex() < topic.partitions()) {
                                some.partitions().add(one.duplicate());
                            } else {
                                codes.put(
                                        id,
                                        one.partitionIndex(),
                                        Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
                            }
                        });
        if (!some.partitions().isEmpty()) {
            scoped.topics().add(some);
        }
    }

    private static OffsetCommitResponseData committed(
            OffsetCommitRequestData request, Codes codes) {
        OffsetCommitResponseData answer = new OffsetCommitResponseData();
        for (OffsetCommitRequestTopic asked : request.topics()) {
            OffsetCommitResponseTopic topic =
                    new OffsetCommitResponseTopic()
                            .setName(asked.name())
                            .setTopicId(asked.topicId());
            asked.partitions()
                    .forEach(
                            one ->
                                    topic.partitions()
                                            .add(
                                                    new OffsetCommitResponsePartition()
                                                            .setPartitionIndex(one.partitionIndex())
                                                            .setErrorCode(
                                                                    codes.of(
                                                                            asked.name(),
                                                                            asked.topicId(),
                                                                            one
                                                                                    .partitionIndex()))));
            answer.topics().add(topic);
        }
        return answer;
    }

    private static OffsetCommitResponseData commitRefused(
            OffsetCommitRequestData request, Errors error) {
        Codes codes = new Codes();
        request.topics().forEach(one -> codes.refuse(one.name(), one.topicId(), error));
        return committed(request, codes);
    }

    CompletableFuture<OffsetDeleteResponseData> delete(
            GroupCaller caller, OffsetDeleteRequestData request) {
        Scope scope = Scope.of(caller.tenant());
        Errors refusal =
                request.groupId().isEmpty()
                        ? Errors.INVALID_GROUP_ID
                        : refusal(caller, request.groupId());
        if (refusal != Errors.NONE) {
            return Answers.now(new OffsetDeleteResponseData().setErrorCode(refusal.code()));
        }
        OffsetDeleteResponseTopicCollection refused = new OffsetDeleteResponseTopicCollection();
        OffsetDeleteRequestTopicCollection allowed = new OffsetDeleteRequestTopicCollection();
        try {
            for (OffsetDeleteRequestTopic asked : request.topics()) {
                scope(caller, scope, asked, refused, allowed);
            }
        } catch (CoordinatorNotAvailableException e) {
            return Answers.now(
                    new OffsetDeleteResponseData()
                            .setErrorCode(Errors.COORDINATOR_NOT_AVAILABLE.code()));
        }
        // Without any topic too: whether there is such a group is worth an answer.
        return Answers.of(
                coordinator.deleteOffsets(
                        new CallerContext(caller, ApiKeys.OFFSET_DELETE),
                        new OffsetDeleteRequestData()
                                .setGroupId(scope.in(request.groupId()))
                                .setTopics(allowed),
                        BufferSupplier.NO_CACHING),
                answer -> answer.errorCode() == 0 ? deleted(scope, answer, refused) : answer,
                error -> new OffsetDeleteResponseData().setErrorCode(error.code()));
    }

    private void scope(
            GroupCaller caller,
            Scope scope,
            OffsetDeleteRequestTopic asked,
            OffsetDeleteResponseTopicCollection refused,
            OffsetDeleteRequestTopicCollection allowed) {
        OffsetDeleteResponseTopic no = new OffsetDeleteResponseTopic().setName(asked.name());
        OffsetDeleteRequestTopic yes =
                new OffsetDeleteRequestTopic().setName(scope.in(asked.name()));
        Errors error = Errors.UNKNOWN_TOPIC_OR_PARTITION;
        int partitions = 0;
        try {
            partitions = topics.find(caller, asked.name(), Uuid.ZERO_UUID).partitions();
        } catch (CoordinatorNotAvailableException e) {
            throw e;
        } catch (ApiException e) {
            error = Errors.forException(e);
        }
        for (OffsetDeleteRequestPartition one : asked.partitions()) {
            if (one.partitionIndex() >= 0 && one.partitionIndex() < partitions) {
                yes.partitions().add(one.duplicate());
            } else {
                no.partitions()
                        .mustAdd(
                                new OffsetDeleteResponsePartition()
                                        .setPartitionIndex(one.partitionIndex())
                                        .setErrorCode(error.code()));
            }
        }
        if (!no.partitions().isEmpty()) {
            refused.mustAdd(no);
        }
        if (!yes.partitions().isEmpty()) {
            allowed.mustAdd(yes);
        }
    }

    private static OffsetDeleteResponseData deleted(
            Scope scope,
            OffsetDeleteResponseData answer,
            OffsetDeleteResponseTopicCollection refused) {
        OffsetDeleteResponseData own = new OffsetDeleteResponseData().setTopics(refused);
        for (OffsetDeleteResponseTopic topic : answer.topics()) {
            String name = scope.out(topic.name());
            OffsetDeleteResponseTopic there = own.topics().find(name);
            OffsetDeleteResponsePartitionCollection partitions;
            if (there == null) {
                there = new OffsetDeleteResponseTopic().setName(name);
                own.topics().mustAdd(there);
            }
            partitions = there.partitions();
            topic.partitions().forEach(one -> partitions.mustAdd(one.duplicate()));
        }
        return own;
    }

    /** How the commit of each partition ended. */
    private static final class Codes {
        private record Asked(String name, Uuid id) {}

        private final Map<Asked, Errors> refused = new HashMap<>();
        private final Map<Asked, Uuid> ids = new HashMap<>();
        private final Map<Uuid, Map<Integer, Short>> codes = new LinkedHashMap<>();

        void refuse(String name, Uuid id, Errors error) {
            refused.put(new Asked(name, id), error);
        }

        void found(String name, Uuid id, Uuid topic) {
            ids.put(new Asked(name, id), topic);
        }

        void put(Uuid topic, int partition, short code) {
            codes.computeIfAbsent(topic, none -> new HashMap<>()).put(partition, code);
        }

        short of(String name, Uuid id, int partition) {
            Asked asked = new Asked(name, id);
            if (refused.containsKey(asked)) {
                return refused.get(asked).code();
            }
            return codes.getOrDefault(ids.get(asked), Map.of())
                    .getOrDefault(partition, Errors.UNKNOWN_SERVER_ERROR.code());
        }
    }
}
