package io.tributary.ingest.kafka.api;

import io.tributary.ingest.group.GroupCaller;
import io.tributary.ingest.group.TenantGroups;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatResponse;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.JoinGroupResponse;
import org.apache.kafka.common.requests.LeaveGroupRequest;
import org.apache.kafka.common.requests.LeaveGroupResponse;
import org.apache.kafka.common.requests.SyncGroupRequest;
import org.apache.kafka.common.requests.SyncGroupResponse;

/**
 * What a member of a group says. A join or sync may wait for the others; no thread waits with it,
 * and until its answer the connection's next request does not begin, as in Kafka.
 */
final class GroupMembersApi {
    private final TenantGroups groups;

    GroupMembersApi(TenantGroups groups) {
        this.groups = groups;
    }

    /** Who sent a request. */
    static GroupCaller caller(KafkaRequest request) {
        return new GroupCaller(
                request.session().who(), request.clientId(), request.address(), request.version());
    }

    void join(KafkaRequest request) {
        Later.answer(
                request,
                groups.join(caller(request), ((JoinGroupRequest) request.body()).data()),
                answer -> new JoinGroupResponse(answer, request.version()));
    }

    void sync(KafkaRequest request) {
        SyncGroupRequest asked = (SyncGroupRequest) request.body();
        if (!asked.areMandatoryProtocolTypeAndNamePresent()) {
            request.answer(
                    new SyncGroupResponse(
                            new SyncGroupResponseData()
                                    .setErrorCode(Errors.INCONSISTENT_GROUP_PROTOCOL.code())));
            return;
        }
        Later.answer(request, groups.sync(caller(request), asked.data()), SyncGroupResponse::new);
    }

    void heartbeat(KafkaRequest request) {
        Later.answer(
                request,
                groups.heartbeat(caller(request), ((HeartbeatRequest) request.body()).data()),
                HeartbeatResponse::new);
    }

    void leave(KafkaRequest request) {
        Later.answer(
                request,
                groups.leave(
                        caller(request), ((LeaveGroupRequest) request.body()).normalizedData()),
                answer -> new LeaveGroupResponse(answer, request.version()));
    }

    void consumerHeartbeat(KafkaRequest request) {
        Later.answer(
                request,
                groups.consumerHeartbeat(
                        caller(request), ((ConsumerGroupHeartbeatRequest) request.body()).data()),
                ConsumerGroupHeartbeatResponse::new);
    }
}
