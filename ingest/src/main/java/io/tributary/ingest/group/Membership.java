package io.tributary.ingest.group;

import io.tributary.metadata.access.Operation;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/** Being in a group, in the classic protocol and in KIP-848's. */
final class Membership {
    private static final String UNKNOWN_MEMBER = "";
    private static final int JOINING = 0;

    private final GroupCoordinator coordinator;
    private final GroupTopics topics;
    private final Census census;

    Membership(GroupCoordinator coordinator, GroupTopics topics, Census census) {
        this.coordinator = coordinator;
        this.topics = topics;
        this.census = census;
    }

    private static Errors refusal(GroupCaller caller, String groupId) {
        if (groupId == null || groupId.isEmpty() || Answers.tooLong(groupId)) {
            return Errors.INVALID_GROUP_ID;
        }
        return GroupRights.mayUse(caller.who()) ? Errors.NONE : Errors.GROUP_AUTHORIZATION_FAILED;
    }

    CompletableFuture<JoinGroupResponseData> join(
            GroupCaller caller, JoinGroupRequestData request) {
        Scope scope = Scope.of(caller.tenant());
        Errors refusal = refusal(caller, request.groupId());
        if (refusal == Errors.NONE && request.memberId().equals(UNKNOWN_MEMBER)) {
            refusal = census.admission(caller.tenant(), scope.in(request.groupId()));
        }
        JoinGroupRequestData scoped = request.duplicate();
        boolean readable = request.protocolType().equals(ConsumerBytes.PROTOCOL_TYPE);
        if (refusal == Errors.NONE && readable) {
            try {
                scoped.protocols()
                        .forEach(
                                one ->
                                        one.setMetadata(
                                                ConsumerBytes.subscription(
                                                        one.metadata(), scope::in)));
            } catch (ApiException e) {
                refusal = Errors.forException(e);
            }
        }
        if (refusal != Errors.NONE) {
            return Answers.now(joinRefused(request, refusal));
        }
        return Answers.of(
                coordinator.joinGroup(
                        new CallerContext(caller, ApiKeys.JOIN_GROUP),
                        scoped.setGroupId(scope.in(request.groupId())),
                        BufferSupplier.NO_CACHING),
                answer -> readable ? joined(scope, answer) : answer,
                error -> joinRefused(request, error));
    }

    private static JoinGroupResponseData joinRefused(JoinGroupRequestData request, Errors error) {
        return new JoinGroupResponseData()
                .setErrorCode(error.code())
                .setMemberId(request.memberId());
    }

    private static JoinGroupResponseData joined(Scope scope, JoinGroupResponseData answer) {
        JoinGroupResponseData own = answer.duplicate();
        own.members()
                .forEach(
                        member ->
                                member.setMetadata(
                                        ConsumerBytes.subscription(member.metadata(), scope::out)));
        return own;
    }

    CompletableFuture<SyncGroupResponseData> sync(
            GroupCaller caller, SyncGroupRequestData request) {
        Errors refusal = refusal(caller, request.groupId());
        if (refusal != Errors.NONE) {
            return Answers.now(new SyncGroupResponseData().setErrorCode(refusal.code()));
        }
        if (request.protocolType() != null) {
            return sync(caller, request, request.protocolType());
        }
        // Clients of old do not say what their group's bytes are; the coordinator knows.
        Scope scope = Scope.of(caller.tenant());
        return coordinator
                .describeGroups(
                        new CallerContext(caller, ApiKeys.DESCRIBE_GROUPS),
                        List.of(scope.in(request.groupId())))
                .thenCompose(
                        described -> {
                            String type = described.getFirst().protocolType();
                            return sync(
                                    caller,
                                    request,
                                    type.isEmpty() ? ConsumerBytes.PROTOCOL_TYPE : type);
                        })
                .exceptionally(
                        problem ->
                                new SyncGroupResponseData()
                                        .setErrorCode(Answers.error(problem).code()));
    }

    private CompletableFuture<SyncGroupResponseData> sync(
            GroupCaller caller, SyncGroupRequestData request, String protocolType) {
        Scope scope = Scope.of(caller.tenant());
        boolean readable = protocolType.equals(ConsumerBytes.PROTOCOL_TYPE);
        SyncGroupRequestData scoped = request.duplicate().setGroupId(scope.in(request.groupId()));
        if (readable) {
            try {
                scoped.assignments()
                        .forEach(
                                one ->
                                        one.setAssignment(
                                                ConsumerBytes.assignment(
                                                        one.assignment(), scope::in)));
            } catch (ApiException e) {
                return Answers.now(
                        new SyncGroupResponseData().setErrorCode(Errors.forException(e).code()));
            }
        }
        return Answers.of(
                coordinator.syncGroup(
                        new CallerContext(caller, ApiKeys.SYNC_GROUP),
                        scoped,
                        BufferSupplier.NO_CACHING),
                answer ->
                        readable
                                ? answer.duplicate()
                                        .setAssignment(
                                                ConsumerBytes.assignment(
                                                        answer.assignment(), scope::out))
                                : answer,
                error -> new SyncGroupResponseData().setErrorCode(error.code()));
    }

    CompletableFuture<HeartbeatResponseData> heartbeat(
            GroupCaller caller, HeartbeatRequestData request) {
        Errors refusal = refusal(caller, request.groupId());
        if (refusal != Errors.NONE) {
            return Answers.now(new HeartbeatResponseData().setErrorCode(refusal.code()));
        }
        return Answers.of(
                coordinator.heartbeat(
                        new CallerContext(caller, ApiKeys.HEARTBEAT),
                        request.duplicate()
                                .setGroupId(Scope.of(caller.tenant()).in(request.groupId()))),
                UnaryOperator.identity(),
                error -> new HeartbeatResponseData().setErrorCode(error.code()));
    }

    CompletableFuture<LeaveGroupResponseData> leave(
            GroupCaller caller, LeaveGroupRequestData request) {
        Errors refusal = refusal(caller, request.groupId());
        if (refusal != Errors.NONE) {
            return Answers.now(new LeaveGroupResponseData().setErrorCode(refusal.code()));
        }
        return Answers.of(
                coordinator.leaveGroup(
                        new CallerContext(caller, ApiKeys.LEAVE_GROUP),
                        request.duplicate()
                                .setGroupId(Scope.of(caller.tenant()).in(request.groupId()))),
                UnaryOperator.identity(),
                error -> new LeaveGroupResponseData().setErrorCode(error.code()));
    }

    CompletableFuture<ConsumerGroupHeartbeatResponseData> consumerHeartbeat(
            GroupCaller caller, ConsumerGroupHeartbeatRequestData request) {
        Scope scope = Scope.of(caller.tenant());
        ConsumerGroupHeartbeatRequestData scoped = request.duplicate();
        try {
            check(caller, scope, request);
            scoped.setGroupId(scope.in(request.groupId()));
            if (request.subscribedTopicNames() != null) {
                scoped.setSubscribedTopicNames(
                        request.subscribedTopicNames().stream().map(scope::in).toList());
            }
            String regex = request.subscribedTopicRegex();
            if (regex != null && !regex.isEmpty()) {
                scoped.setSubscribedTopicRegex(ScopedRegex.in(scope, regex));
                topics.search(caller.tenant());
            }
        } catch (ApiException e) {
            return Answers.now(
                    new ConsumerGroupHeartbeatResponseData()
                            .setErrorCode(Errors.forException(e).code())
                            .setErrorMessage(e.getMessage()));
        }
        return Answers.of(
                coordinator.consumerGroupHeartbeat(
                        new CallerContext(caller, ApiKeys.CONSUMER_GROUP_HEARTBEAT), scoped),
                answer -> answer.setErrorMessage(scope.text(answer.errorMessage())),
                error ->
                        new ConsumerGroupHeartbeatResponseData()
                                .setErrorCode(error.code())
                                .setErrorMessage(error.message()));
    }

    private void check(GroupCaller caller, Scope scope, ConsumerGroupHeartbeatRequestData request) {
        if (request.groupId().isEmpty()) {
            throw Errors.INVALID_REQUEST.exception("GroupId can't be empty.");
        }
        Errors refusal = refusal(caller, request.groupId());
        if (refusal != Errors.NONE) {
            throw refusal.exception();
        }
        if (request.subscribedTopicNames() != null
                && !request.subscribedTopicNames().stream()
                        .allMatch(topic -> caller.who().may(Operation.CONSUME, topic))) {
            throw Errors.TOPIC_AUTHORIZATION_FAILED.exception();
        }
        if (request.memberEpoch() == JOINING) {
            Errors admission = census.admission(caller.tenant(), scope.in(request.groupId()));
            if (admission == Errors.POLICY_VIOLATION) {
                throw admission.exception("The tenant has as many consumer groups as it may.");
            }
            if (admission != Errors.NONE) {
                throw admission.exception();
            }
        }
    }
}
