package io.tributary.ingest.group;

import io.tributary.metadata.topic.Topics;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResultCollection;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * Consumer groups as a tenant sees them: its own, under its own names. Requests and answers are
 * Kafka's, with the rights of the caller applied. What goes wrong is an error code in the answer,
 * as Kafka has it; no future fails. Futures complete on any thread, which must not be held up. The
 * methods about offsets may block on the metadata store, the others do not.
 */
public final class TenantGroups {
    private final Membership membership;
    private final CommittedOffsets offsets;
    private final OffsetLookUp lookUp;
    private final GroupViews views;

    TenantGroups(GroupCoordinator coordinator, GroupTopics known, Topics topics, Census census) {
        CallerTopics callerTopics = new CallerTopics(topics);
        membership = new Membership(coordinator, known, census);
        offsets = new CommittedOffsets(coordinator, callerTopics, census);
        lookUp = new OffsetLookUp(coordinator, callerTopics);
        views = new GroupViews(coordinator);
    }

    public CompletableFuture<JoinGroupResponseData> join(
            GroupCaller caller, JoinGroupRequestData request) {
        return membership.join(caller, request);
    }

    public CompletableFuture<SyncGroupResponseData> sync(
            GroupCaller caller, SyncGroupRequestData request) {
        return membership.sync(caller, request);
    }

    public CompletableFuture<HeartbeatResponseData> heartbeat(
            GroupCaller caller, HeartbeatRequestData request) {
        return membership.heartbeat(caller, request);
    }

    public CompletableFuture<LeaveGroupResponseData> leave(
            GroupCaller caller, LeaveGroupRequestData request) {
        return membership.leave(caller, request);
    }

    /** Joins, stays in or leaves a group whose assignment the coordinator makes (KIP-848). */
    public CompletableFuture<ConsumerGroupHeartbeatResponseData> consumerHeartbeat(
            GroupCaller caller, ConsumerGroupHeartbeatRequestData request) {
        return membership.consumerHeartbeat(caller, request);
    }

    /** Commits offsets; topics may be named by name or by id, and are answered in the same way. */
    public CompletableFuture<OffsetCommitResponseData> commitOffsets(
            GroupCaller caller, OffsetCommitRequestData request) {
        return offsets.commit(caller, request);
    }

    /**
     * Looks up a group's committed offsets.
     *
     * @param request with topics; without, that is null, all the group has
     * @param requireStable whether to wait for transactions that are open
     */
    public CompletableFuture<OffsetFetchResponseGroup> fetchOffsets(
            GroupCaller caller, OffsetFetchRequestGroup request, boolean requireStable) {
        return lookUp.fetch(caller, request, requireStable);
    }

    /** Removes committed offsets of topics that the group does not read now. */
    public CompletableFuture<OffsetDeleteResponseData> deleteOffsets(
            GroupCaller caller, OffsetDeleteRequestData request) {
        return offsets.delete(caller, request);
    }

    /** The tenant's groups, as far as the caller may see them. */
    public CompletableFuture<ListGroupsResponseData> listGroups(
            GroupCaller caller, ListGroupsRequestData request) {
        return views.list(caller, request);
    }

    /** Describes groups of the classic protocol, in the order of the ids. */
    public CompletableFuture<List<DescribeGroupsResponseData.DescribedGroup>> describeGroups(
            GroupCaller caller, List<String> groupIds) {
        return views.describe(caller, groupIds);
    }

    /** Describes groups of KIP-848's protocol, in the order of the ids. */
    public CompletableFuture<List<ConsumerGroupDescribeResponseData.DescribedGroup>>
            describeConsumerGroups(GroupCaller caller, List<String> groupIds) {
        return views.describeConsumer(caller, groupIds);
    }

    /** Removes groups without members, of either protocol, and their offsets. */
    public CompletableFuture<DeletableGroupResultCollection> deleteGroups(
            GroupCaller caller, List<String> groupIds) {
        return views.delete(caller, groupIds);
    }
}
