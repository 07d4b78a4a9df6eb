package io.tributary.ingest.group;

import io.tributary.ingest.id.TopicUuid;
import io.tributary.metadata.topic.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.OffsetFetchResponse;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/** Looking up committed offsets. Blocks on the metadata store. */
final class OffsetLookUp {
    private static final long NO_OFFSET = -1;
    private static final int NO_EPOCH = -1;

    private final GroupCoordinator coordinator;
    private final CallerTopics topics;

    OffsetLookUp(GroupCoordinator coordinator, CallerTopics topics) {
        this.coordinator = coordinator;
        this.topics = topics;
    }

    CompletableFuture<OffsetFetchResponseGroup> fetch(
            GroupCaller caller, OffsetFetchRequestGroup request, boolean requireStable) {
        Errors refusal = Errors.NONE;
        if (request.groupId() == null || Answers.tooLong(request.groupId())) {
            refusal = Errors.INVALID_GROUP_ID;
        } else if (!GroupRights.mayUse(caller.who())) {
            refusal = Errors.GROUP_AUTHORIZATION_FAILED;
        }
        if (refusal != Errors.NONE) {
            return Answers.now(refused(caller, request, refusal));
        }
        Scope scope = Scope.of(caller.tenant());
        List<OffsetFetchResponseTopics> refused = new ArrayList<>();
        OffsetFetchRequestGroup scoped =
                request.duplicate().setGroupId(scope.in(request.groupId()));
        boolean all = OffsetFetchRequest.requestAllOffsets(request);
        if (!all) {
            scoped.setTopics(new ArrayList<>());
            try {
                for (OffsetFetchRequestTopics asked : request.topics()) {
                    scope(caller, scope, asked, scoped.topics(), refused);
                }
            } catch (CoordinatorNotAvailableException e) {
                return Answers.now(refused(caller, request, Errors.COORDINATOR_NOT_AVAILABLE));
            }
        }
        return Answers.of(
                        coordinator.fetchOffsets(
                                new CallerContext(caller, ApiKeys.OFFSET_FETCH),
                                scoped,
                                requireStable),
                        answer -> {
                            if (answer.errorCode() != Errors.NONE.code()) {
                                return refused(caller, request, Errors.forCode(answer.errorCode()));
                            }
                            OffsetFetchResponseGroup own =
                                    new OffsetFetchResponseGroup()
                                            .setGroupId(request.groupId())
                                            .setTopics(refused);
                            for (OffsetFetchResponseTopics topic : answer.topics()) {
                                String name = scope.out(topic.name());
                                if (!all || CallerTopics.allowed(caller, name)) {
                                    own.topics().add(topic.duplicate().setName(name));
                                }
                            }
                            return own;
                        },
                        error -> refused(caller, request, error))
                .thenApply(answer -> all ? withIds(caller, answer) : answer);
    }

    private static OffsetFetchResponseGroup refused(
            GroupCaller caller, OffsetFetchRequestGroup request, Errors error) {
        return OffsetFetchResponse.groupError(request, error, caller.version());
    }

    private void scope(
            GroupCaller caller,
            Scope scope,
            OffsetFetchRequestTopics asked,
            List<OffsetFetchRequestTopics> allowed,
            List<OffsetFetchResponseTopics> refused) {
        String name = asked.name();
        Uuid id = asked.topicId();
        try {
            if (!id.equals(Uuid.ZERO_UUID)) {
                name = topics.find(caller, name, id).name();
            } else if (!CallerTopics.allowed(caller, name)) {
                throw Errors.TOPIC_AUTHORIZATION_FAILED.exception();
            } else {
                // What was committed to an earlier topic of this name is not this one's.
                id = topics.ifThere(caller, name).map(topic -> TopicUuid.of(topic.id())).orElse(id);
            }
        } catch (CoordinatorNotAvailableException e) {
            throw e;
        } catch (ApiException e) {
            refused.add(refusal(asked, Errors.forException(e)));
            return;
        }
        allowed.add(asked.duplicate().setName(scope.in(name)).setTopicId(id));
    }

    private static OffsetFetchResponseTopics refusal(OffsetFetchRequestTopics asked, Errors error) {
        OffsetFetchResponseTopics topic =
                new OffsetFetchResponseTopics().setName(asked.name()).setTopicId(asked.topicId());
        for (int partition : asked.partitionIndexes()) {
            topic.partitions()
                    .add(
                            new OffsetFetchResponsePartitions()
                                    .setPartitionIndex(partition)
                                    .setCommittedOffset(NO_OFFSET)
                                    .setCommittedLeaderEpoch(NO_EPOCH)
                                    .setMetadata("")
                                    .setErrorCode(error.code()));
        }
        return topic;
    }

    /** Clients that name topics by id are told of those only that have one still. */
    private OffsetFetchResponseGroup withIds(GroupCaller caller, OffsetFetchResponseGroup answer) {
        if (!OffsetFetchRequest.useTopicIds(caller.version())) {
            return answer;
        }
        List<OffsetFetchResponseTopics> there = new ArrayList<>();
        for (OffsetFetchResponseTopics one : answer.topics()) {
            Optional<Topic> topic = topics.ifThere(caller, one.name());
            topic.ifPresent(known -> there.add(one.setTopicId(TopicUuid.of(known.id()))));
        }
        return answer.setTopics(there);
    }
}
