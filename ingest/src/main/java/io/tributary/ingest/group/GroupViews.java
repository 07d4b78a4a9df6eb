package io.tributary.ingest.group;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResultCollection;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeGroupsResponse;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/** Listing groups, describing and deleting them. */
final class GroupViews {
    private final GroupCoordinator coordinator;

    GroupViews(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    CompletableFuture<ListGroupsResponseData> list(
            GroupCaller caller, ListGroupsRequestData request) {
        if (!GroupRights.mayUse(caller.who()) && !GroupRights.mayDelete(caller.who())) {
            return Answers.now(new ListGroupsResponseData());
        }
        Scope scope = Scope.of(caller.tenant());
        return Answers.of(
                coordinator.listGroups(
                        new CallerContext(caller, ApiKeys.LIST_GROUPS), request.duplicate()),
                answer -> {
                    List<ListedGroup> own = new ArrayList<>();
                    for (ListedGroup group : answer.groups()) {
                        if (scope.owns(group.groupId())) {
                            own.add(group.duplicate().setGroupId(scope.out(group.groupId())));
                        }
                    }
                    return new ListGroupsResponseData()
                            .setErrorCode(answer.errorCode())
                            .setGroups(own);
                },
                error -> new ListGroupsResponseData().setErrorCode(error.code()));
    }

    CompletableFuture<List<DescribeGroupsResponseData.DescribedGroup>> describe(
            GroupCaller caller, List<String> groupIds) {
        Scope scope = Scope.of(caller.tenant());
        return each(
                caller,
                groupIds,
                scoped ->
                        coordinator.describeGroups(
                                new CallerContext(caller, ApiKeys.DESCRIBE_GROUPS), scoped),
                group -> described(scope, group),
                DescribeGroupsResponseData.DescribedGroup::groupId,
                DescribeGroupsResponse::groupError);
    }

    private static DescribeGroupsResponseData.DescribedGroup described(
            Scope scope, DescribeGroupsResponseData.DescribedGroup group) {
        DescribeGroupsResponseData.DescribedGroup own =
                group.duplicate()
                        .setGroupId(scope.out(group.groupId()))
                        .setErrorMessage(scope.text(group.errorMessage()));
        if (group.protocolType().equals(ConsumerBytes.PROTOCOL_TYPE)) {
            own.members()
                    .forEach(
                            member ->
                                    member.setMemberMetadata(
                                                    ConsumerBytes.subscription(
                                                            member.memberMetadata(), scope::out))
                                            .setMemberAssignment(
                                                    ConsumerBytes.assignment(
                                                            member.memberAssignment(),
                                                            scope::out)));
        }
        return own;
    }

    CompletableFuture<List<ConsumerGroupDescribeResponseData.DescribedGroup>> describeConsumer(
            GroupCaller caller, List<String> groupIds) {
        Scope scope = Scope.of(caller.tenant());
        return each(
                caller,
                groupIds,
                scoped ->
                        coordinator.consumerGroupDescribe(
                                new CallerContext(caller, ApiKeys.CONSUMER_GROUP_DESCRIBE), scoped),
                group -> describedConsumer(caller, scope, group),
                ConsumerGroupDescribeResponseData.DescribedGroup::groupId,
                (groupId, error) ->
                        new ConsumerGroupDescribeResponseData.DescribedGroup()
                                .setGroupId(groupId)
                                .setErrorCode(error.code())
                                .setErrorMessage(error.message()));
    }

    private static ConsumerGroupDescribeResponseData.DescribedGroup describedConsumer(
            GroupCaller caller,
            Scope scope,
            ConsumerGroupDescribeResponseData.DescribedGroup group) {
        ConsumerGroupDescribeResponseData.DescribedGroup own =
                group.duplicate()
                        .setGroupId(scope.out(group.groupId()))
                        .setErrorMessage(scope.text(group.errorMessage()));
        for (var member : own.members()) {
            member.setSubscribedTopicNames(
                    member.subscribedTopicNames().stream().map(scope::out).toList());
            String regex = member.subscribedTopicRegex();
            if (regex != null && !regex.isEmpty()) {
                member.setSubscribedTopicRegex(ScopedRegex.out(scope, regex));
            }
            Stream.of(member.assignment(), member.targetAssignment())
                    .flatMap(assignment -> assignment.topicPartitions().stream())
                    .forEach(topic -> topic.setTopicName(scope.out(topic.topicName())));
        }
        boolean visible =
                own.members().stream()
                        .flatMap(
                                member ->
                                        Stream.concat(
                                                member.subscribedTopicNames().stream(),
                                                Stream.of(
                                                                member.assignment(),
                                                                member.targetAssignment())
                                                        .flatMap(
                                                                one ->
                                                                        one
                                                                                .topicPartitions()
                                                                                .stream())
                                                        .map(topic -> topic.topicName())))
                        .allMatch(caller.who()::maySee);
        return visible
                ? own
                : new ConsumerGroupDescribeResponseData.DescribedGroup()
                        .setGroupId(own.groupId())
                        .setErrorCode(Errors.TOPIC_AUTHORIZATION_FAILED.code())
                        .setErrorMessage(
                                "The group has described topic(s) that the client is not"
                                        + " authorized to describe.");
    }

    /** Asks for each group once and answers in the order of the ids. */
    private static <T> CompletableFuture<List<T>> each(
            GroupCaller caller,
            List<String> groupIds,
            Function<List<String>, CompletableFuture<List<T>>> ask,
            Function<T, T> renamed,
            Function<T, String> groupId,
            BiFunction<String, Errors, T> refused) {
        if (!GroupRights.mayUse(caller.who()) && !GroupRights.mayDelete(caller.who())) {
            return Answers.now(
                    groupIds.stream()
                            .map(id -> refused.apply(id, Errors.GROUP_AUTHORIZATION_FAILED))
                            .toList());
        }
        Scope scope = Scope.of(caller.tenant());
        List<String> scoped =
                new LinkedHashSet<>(groupIds)
                        .stream().filter(id -> !Answers.tooLong(id)).map(scope::in).toList();
        return ask.apply(scoped)
                .thenApply(
                        answers -> {
                            Map<String, T> byId = new HashMap<>();
                            for (T answer : answers) {
                                T own = renamed.apply(answer);
                                byId.put(groupId.apply(own), own);
                            }
                            return groupIds.stream()
                                    .map(
                                            id ->
                                                    byId.containsKey(id)
                                                            ? byId.get(id)
                                                            : refused.apply(
                                                                    id, Errors.INVALID_GROUP_ID))
                                    .toList();
                        })
                .exceptionally(
                        problem -> {
                            Errors error = Answers.error(problem);
                            return groupIds.stream().map(id -> refused.apply(id, error)).toList();
                        });
    }

    CompletableFuture<DeletableGroupResultCollection> delete(
            GroupCaller caller, List<String> groupIds) {
        if (!GroupRights.mayDelete(caller.who())) {
            return Answers.now(refused(groupIds, Errors.GROUP_AUTHORIZATION_FAILED));
        }
        Scope scope = Scope.of(caller.tenant());
        List<String> own = groupIds.stream().filter(id -> !Answers.tooLong(id)).distinct().toList();
        return Answers.of(
                coordinator.deleteGroups(
                        new CallerContext(caller, ApiKeys.DELETE_GROUPS),
                        own.stream().map(scope::in).toList(),
                        BufferSupplier.NO_CACHING),
                answer -> {
                    DeletableGroupResultCollection results =
                            refused(
                                    groupIds.stream().filter(Answers::tooLong).toList(),
                                    Errors.INVALID_GROUP_ID);
                    for (DeletableGroupResult one : answer) {
                        results.mustAdd(
                                one.duplicate()
                                        .setGroupId(scope.out(one.groupId()))
                                        .setErrorMessage(scope.text(one.errorMessage())));
                    }
                    return results;
                },
                error -> refused(groupIds, error));
    }

    private static DeletableGroupResultCollection refused(List<String> groupIds, Errors error) {
        DeletableGroupResultCollection results = new DeletableGroupResultCollection();
        new LinkedHashSet<>(groupIds)
                .forEach(
                        id ->
                                results.mustAdd(
                                        new DeletableGroupResult()
                                                .setGroupId(id)
                                                .setErrorCode(error.code())));
        return results;
    }
}
