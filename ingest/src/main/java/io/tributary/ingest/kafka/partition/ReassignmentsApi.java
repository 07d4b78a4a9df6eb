package io.tributary.ingest.kafka.partition;

import io.tributary.ingest.kafka.cluster.Cluster;
import io.tributary.ingest.kafka.cluster.KafkaErrors;
import io.tributary.ingest.kafka.cluster.KafkaTopics;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.ingest.kafka.wire.Session;
import io.tributary.metadata.topic.Topic;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignablePartition;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignableTopic;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignablePartitionResponse;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignableTopicResponse;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.ElectLeadersResponseData.PartitionResult;
import org.apache.kafka.common.message.ElectLeadersResponseData.ReplicaElectionResult;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.AlterPartitionReassignmentsRequest;
import org.apache.kafka.common.requests.AlterPartitionReassignmentsResponse;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.ElectLeadersRequest;
import org.apache.kafka.common.requests.ElectLeadersResponse;
import org.apache.kafka.common.requests.ListPartitionReassignmentsResponse;

/**
 * Answers who wants to move partitions or their leadership: a cluster has one broker, on which they
 * are and stay. Blocks.
 */
public final class ReassignmentsApi {
    private final KafkaTopics topics;

    public ReassignmentsApi(KafkaTopics topics) {
        this.topics = topics;
    }

    /** None is ever under way, whatever is asked about. */
    public AbstractResponse list(KafkaRequest request) {
        Cluster.requireAdministrator(request.session());
        return new ListPartitionReassignmentsResponse(new ListPartitionReassignmentsResponseData());
    }

    public AbstractResponse alter(KafkaRequest request) {
        Cluster.requireAdministrator(request.session());
        AlterPartitionReassignmentsRequestData data =
                ((AlterPartitionReassignmentsRequest) request.body()).data();
        AlterPartitionReassignmentsResponseData answer =
                new AlterPartitionReassignmentsResponseData()
                        .setAllowReplicationFactorChange(data.allowReplicationFactorChange());
        for (ReassignableTopic topic : data.topics()) {
            List<ReassignablePartitionResponse> partitions = new ArrayList<>();
            for (ReassignablePartition one : topic.partitions()) {
                ApiError result = alter(request.session(), topic.name(), one);
                partitions.add(
                        new ReassignablePartitionResponse()
                                .setPartitionIndex(one.partitionIndex())
                                .setErrorCode(result.error().code())
                                .setErrorMessage(result.message()));
            }
            answer.responses()
                    .add(
                            new ReassignableTopicResponse()
                                    .setName(topic.name())
                                    .setPartitions(partitions));
        }
        return new AlterPartitionReassignmentsResponse(answer);
    }

    private ApiError alter(Session session, String topic, ReassignablePartition wanted) {
        try {
            requirePartition(session, topic, wanted.partitionIndex());
        } catch (IOException | RuntimeException e) {
            return KafkaErrors.described(e);
        }
        if (wanted.replicas() == null) {
            return new ApiError(
                    Errors.NO_REASSIGNMENT_IN_PROGRESS, "The partition is not on the move.");
        }
        return wanted.replicas().equals(List.of(Cluster.NODE_ID))
                ? ApiError.NONE
                : new ApiError(
                        Errors.INVALID_REPLICA_ASSIGNMENT,
                        "The cluster has one broker, "
                                + Cluster.NODE_ID
                                + "; where records lie is the service's own affair.");
    }

    private void requirePartition(Session session, String topic, int index) throws IOException {
        Topic found = topics.see(session, topic);
        if (index < 0 || index >= found.partitions()) {
            throw Errors.UNKNOWN_TOPIC_OR_PARTITION.exception();
        }
    }

    /** Every partition is led where it should be; of all of them, none is worth a word. */
    public AbstractResponse elect(KafkaRequest request) {
        Cluster.requireAdministrator(request.session());
        ElectLeadersRequest asked = (ElectLeadersRequest) request.body();
        List<ReplicaElectionResult> results = new ArrayList<>();
        if (asked.data().topicPartitions() != null) {
            for (var topic : asked.data().topicPartitions()) {
                List<PartitionResult> partitions = new ArrayList<>();
                for (int index : topic.partitions()) {
                    partitions.add(elect(request.session(), topic.topic(), index));
                }
                results.add(
                        new ReplicaElectionResult()
                                .setTopic(topic.topic())
                                .setPartitionResult(partitions));
            }
        }
        return new ElectLeadersResponse(
                new ElectLeadersResponseData().setReplicaElectionResults(results));
    }

    private PartitionResult elect(Session session, String topic, int index) {
        ApiError result;
        try {
            requirePartition(session, topic, index);
            result = new ApiError(Errors.ELECTION_NOT_NEEDED);
        } catch (IOException | RuntimeException e) {
            result = KafkaErrors.described(e);
        }
        return new PartitionResult()
                .setPartitionId(index)
                .setErrorCode(result.error().code())
                .setErrorMessage(result.message());
    }
}
