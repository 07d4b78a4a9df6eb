package io.tributary.ingest.kafka.api;

import io.tributary.ingest.group.GroupRights;
import io.tributary.ingest.kafka.cluster.Cluster;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest.CoordinatorType;
import org.apache.kafka.common.requests.FindCoordinatorResponse;

/** Answers which broker has a group: this one. */
final class CoordinatorApi {
    private static final short FIRST_WITH_SEVERAL = 4;
    private static final int NO_NODE = -1;

    AbstractResponse find(KafkaRequest request) {
        FindCoordinatorRequestData data = ((FindCoordinatorRequest) request.body()).data();
        FindCoordinatorResponseData answer = new FindCoordinatorResponseData();
        if (request.version() < FIRST_WITH_SEVERAL) {
            Coordinator one = find(request, data.keyType(), data.key());
            return new FindCoordinatorResponse(
                    answer.setErrorCode(one.errorCode())
                            .setErrorMessage(one.errorMessage())
                            .setNodeId(one.nodeId())
                            .setHost(one.host())
                            .setPort(one.port()));
        }
        for (String key : data.coordinatorKeys()) {
            answer.coordinators().add(find(request, data.keyType(), key));
        }
        return new FindCoordinatorResponse(answer);
    }

    private static Coordinator find(KafkaRequest request, byte type, String key) {
        if (type != CoordinatorType.GROUP.id()) {
            return none(
                    key,
                    Errors.INVALID_REQUEST,
                    type == CoordinatorType.TRANSACTION.id()
                            ? "Transactions are not served."
                            : "Only groups have a coordinator.");
        }
        if (!GroupRights.mayUse(request.session().who())
                && !GroupRights.mayDelete(request.session().who())) {
            return none(
                    key,
                    Errors.GROUP_AUTHORIZATION_FAILED,
                    Errors.GROUP_AUTHORIZATION_FAILED.message());
        }
        return new Coordinator()
                .setKey(key)
                .setNodeId(Cluster.NODE_ID)
                .setHost(request.session().endpoint().advertisedHost())
                .setPort(request.session().endpoint().port())
                .setErrorMessage(Errors.NONE.message());
    }

    private static Coordinator none(String key, Errors error, String why) {
        return new Coordinator()
                .setKey(key)
                .setNodeId(NO_NODE)
                .setPort(NO_NODE)
                .setErrorCode(error.code())
                .setErrorMessage(why);
    }
}
