package io.tributary.ingest.kafka.api;

import io.tributary.ingest.group.GroupRights;
import io.tributary.ingest.group.TenantGroups;
import io.tributary.ingest.kafka.cluster.Cluster;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.metadata.access.Principal;
import java.util.EnumSet;
import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupDescribeRequest;
import org.apache.kafka.common.requests.ConsumerGroupDescribeResponse;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.DeleteGroupsResponse;
import org.apache.kafka.common.requests.DescribeGroupsRequest;
import org.apache.kafka.common.requests.DescribeGroupsResponse;
import org.apache.kafka.common.requests.ListGroupsRequest;
import org.apache.kafka.common.requests.ListGroupsResponse;

/** Lists groups, describes and deletes them. */
final class GroupAdminApi {
    private final TenantGroups groups;

    GroupAdminApi(TenantGroups groups) {
        this.groups = groups;
    }

    void list(KafkaRequest request) {
        Later.answer(
                request,
                groups.listGroups(
                        GroupMembersApi.caller(request),
                        ((ListGroupsRequest) request.body()).data()),
                ListGroupsResponse::new);
    }

    void describe(KafkaRequest request) {
        DescribeGroupsRequestData asked = ((DescribeGroupsRequest) request.body()).data();
        int operations = authorizedOperations(request.session().who());
        Later.answer(
                request,
                groups.describeGroups(GroupMembersApi.caller(request), asked.groups()),
                all -> {
                    if (asked.includeAuthorizedOperations()) {
                        all.stream()
                                .filter(group -> group.errorCode() == Errors.NONE.code())
                                .forEach(group -> group.setAuthorizedOperations(operations));
                    }
                    return new DescribeGroupsResponse(
                            new DescribeGroupsResponseData().setGroups(all));
                });
    }

    void describeConsumer(KafkaRequest request) {
        ConsumerGroupDescribeRequestData asked =
                ((ConsumerGroupDescribeRequest) request.body()).data();
        int operations = authorizedOperations(request.session().who());
        Later.answer(
                request,
                groups.describeConsumerGroups(GroupMembersApi.caller(request), asked.groupIds()),
                all -> {
                    if (asked.includeAuthorizedOperations()) {
                        all.stream()
                                .filter(group -> group.errorCode() == Errors.NONE.code())
                                .forEach(group -> group.setAuthorizedOperations(operations));
                    }
                    return new ConsumerGroupDescribeResponse(
                            new ConsumerGroupDescribeResponseData().setGroups(all));
                });
    }

    void delete(KafkaRequest request) {
        Later.answer(
                request,
                groups.deleteGroups(
                        GroupMembersApi.caller(request),
                        ((DeleteGroupsRequest) request.body()).data().groupsNames()),
                results ->
                        new DeleteGroupsResponse(
                                new DeleteGroupsResponseData().setResults(results)));
    }

    private static int authorizedOperations(Principal who) {
        Set<AclOperation> allowed = EnumSet.noneOf(AclOperation.class);
        if (GroupRights.mayUse(who)) {
            allowed.addAll(EnumSet.of(AclOperation.READ, AclOperation.DESCRIBE));
        }
        if (GroupRights.mayDelete(who)) {
            allowed.addAll(EnumSet.of(AclOperation.DELETE, AclOperation.DESCRIBE));
        }
        if (!allowed.isEmpty()) {
            allowed.add(AclOperation.DESCRIBE_CONFIGS);
        }
        return Cluster.bits(allowed);
    }
}
