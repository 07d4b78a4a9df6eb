package io.tributary.ingest.kafka.api;

import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.id.TopicUuid;
import io.tributary.ingest.kafka.cluster.Cluster;
import io.tributary.ingest.kafka.cluster.KafkaErrors;
import io.tributary.ingest.kafka.cluster.KafkaTopics;
import io.tributary.ingest.kafka.wire.Endpoint;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.ingest.kafka.wire.Session;
import io.tributary.metadata.topic.Topic;
import io.tributary.storage.ShardUnavailableException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeClusterResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;

/** Answers where topics are: here. Blocks on the metadata store. */
final class MetadataApi {
    private final IngestNode node;
    private final KafkaTopics topics;
    private final AutoCreation creation;

    MetadataApi(IngestNode node, KafkaTopics topics, AutoCreation creation) {
        this.node = node;
        this.topics = topics;
        this.creation = creation;
    }

    AbstractResponse metadata(KafkaRequest request) throws IOException {
        MetadataRequest asked = (MetadataRequest) request.body();
        MetadataRequestData data = asked.data();
        Session session = request.session();
        Endpoint endpoint = session.endpoint();
        MetadataResponseData answer =
                new MetadataResponseData()
                        .setClusterId(Cluster.id(session))
                        .setControllerId(Cluster.NODE_ID);
        answer.brokers()
                .add(
                        new MetadataResponseBroker()
                                .setNodeId(Cluster.NODE_ID)
                                .setHost(endpoint.advertisedHost())
                                .setPort(endpoint.port()));
        if (data.includeClusterAuthorizedOperations()) {
            answer.setClusterAuthorizedOperations(Cluster.authorizedOperations(session.who()));
        }
        boolean operations = data.includeTopicAuthorizedOperations();
        if (asked.isAllTopics()) {
            for (Topic topic : node.topics().list(session.tenant())) {
                if (session.who().maySee(topic.name())) {
                    answer.topics().add(described(session, topic, operations));
                }
            }
        } else {
            for (MetadataRequestTopic one : data.topics()) {
                answer.topics().add(one(session, one, data.allowAutoTopicCreation(), operations));
            }
        }
        return new MetadataResponse(answer, request.version());
    }

    private MetadataResponseTopic one(
            Session session, MetadataRequestTopic asked, boolean mayCreate, boolean operations) {
        try {
            return described(session, find(session, asked, mayCreate), operations);
        } catch (IOException | RuntimeException e) {
            return new MetadataResponseTopic()
                    .setErrorCode(KafkaErrors.of(e).code())
                    .setName(asked.name())
                    .setTopicId(asked.topicId());
        }
    }

    private Topic find(Session session, MetadataRequestTopic asked, boolean mayCreate)
            throws IOException {
        if (!asked.topicId().equals(Uuid.ZERO_UUID)) {
            return topics.see(session, asked.topicId());
        }
        try {
            return topics.see(session, asked.name());
        } catch (UnknownTopicOrPartitionException e) {
            if (!mayCreate) {
                throw e;
            }
            return creation.create(session, asked.name());
        }
    }

    private MetadataResponseTopic described(Session session, Topic topic, boolean operations) {
        List<MetadataResponsePartition> partitions = new ArrayList<>();
        for (int i = 0; i < topic.partitions(); i++) {
            partitions.add(partition(topic, i));
        }
        MetadataResponseTopic answer =
                new MetadataResponseTopic()
                        .setName(topic.name())
                        .setTopicId(TopicUuid.of(topic.id()))
                        .setPartitions(partitions);
        if (operations) {
            answer.setTopicAuthorizedOperations(
                    Cluster.authorizedOperations(session.who(), topic.name()));
        }
        return answer;
    }

    private MetadataResponsePartition partition(Topic topic, int index) {
        List<Integer> here = List.of(Cluster.NODE_ID);
        MetadataResponsePartition answer =
                new MetadataResponsePartition()
                        .setPartitionIndex(index)
                        .setReplicaNodes(here)
                        .setIsrNodes(here);
        try {
            return answer.setLeaderId(Cluster.NODE_ID)
                    .setLeaderEpoch(node.shards().shard(topic.shard(index)).epoch());
        } catch (ShardUnavailableException e) {
            return answer.setLeaderId(MetadataResponse.NO_LEADER_ID)
                    .setErrorCode(Errors.LEADER_NOT_AVAILABLE.code());
        }
    }

    AbstractResponse describeCluster(KafkaRequest request) {
        DescribeClusterRequestData data = ((DescribeClusterRequest) request.body()).data();
        Session session = request.session();
        DescribeClusterResponseData answer =
                new DescribeClusterResponseData()
                        .setClusterId(Cluster.id(session))
                        .setControllerId(Cluster.NODE_ID)
                        .setEndpointType(data.endpointType());
        answer.brokers()
                .add(
                        new DescribeClusterBroker()
                                .setBrokerId(Cluster.NODE_ID)
                                .setHost(session.endpoint().advertisedHost())
                                .setPort(session.endpoint().port()));
        if (data.includeClusterAuthorizedOperations()) {
            answer.setClusterAuthorizedOperations(Cluster.authorizedOperations(session.who()));
        }
        return new DescribeClusterResponse(answer);
    }
}
