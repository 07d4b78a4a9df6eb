package io.tributary.ingest.kafka.partition;

import io.tributary.ingest.id.TopicUuid;
import io.tributary.ingest.kafka.cluster.Cluster;
import io.tributary.ingest.kafka.cluster.KafkaErrors;
import io.tributary.ingest.kafka.cluster.KafkaTopics;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.ingest.kafka.wire.Session;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.Topics;
import io.tributary.storage.ShardUnavailableException;
import io.tributary.storage.Shards;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.DescribeTopicPartitionsRequest;
import org.apache.kafka.common.requests.DescribeTopicPartitionsResponse;
import org.apache.kafka.common.requests.MetadataResponse;

/**
 * Describes topics' partitions in the order of their names, so many at a time; a cursor says where
 * to go on. Blocks.
 */
public final class DescribeTopicPartitionsApi {
    /** Kafka's {@code max.request.partition.size.limit}. */
    private static final int MAX_PARTITIONS = 2_000;

    private final Topics all;
    private final KafkaTopics topics;
    private final Shards shards;

    public DescribeTopicPartitionsApi(Topics all, KafkaTopics topics, Shards shards) {
        this.all = all;
        this.topics = topics;
        this.shards = shards;
    }

    public AbstractResponse describe(KafkaRequest request) throws IOException {
        DescribeTopicPartitionsRequestData data =
                ((DescribeTopicPartitionsRequest) request.body()).data();
        String from = data.cursor() == null ? "" : data.cursor().topicName();
        int fromPartition = data.cursor() == null ? 0 : data.cursor().partitionIndex();
        if (fromPartition < 0) {
            throw Errors.INVALID_REQUEST.exception("The cursor's partition must not be negative.");
        }
        int left = Math.clamp(data.responsePartitionLimit(), 1, MAX_PARTITIONS);
        DescribeTopicPartitionsResponseData answer = new DescribeTopicPartitionsResponseData();
        for (String name : names(request.session(), data).tailSet(from)) {
            if (left == 0) {
                answer.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(0));
                break;
            }
            int begin = name.equals(from) ? fromPartition : 0;
            DescribeTopicPartitionsResponseTopic topic =
                    describe(request.session(), name, begin, left);
            answer.topics().add(topic);
            left -= topic.partitions().size();
            int end = begin + topic.partitions().size();
            if (left == 0 && end < partitions(request.session(), name)) {
                answer.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(end));
                break;
            }
        }
        return new DescribeTopicPartitionsResponse(answer);
    }

    /** Those asked for, or all that may be seen. */
    private SortedSet<String> names(Session session, DescribeTopicPartitionsRequestData data)
            throws IOException {
        SortedSet<String> names = new TreeSet<>();
        for (TopicRequest one : data.topics()) {
            names.add(one.name());
        }
        if (names.isEmpty()) {
            for (Topic topic : all.list(session.tenant())) {
                if (session.who().maySee(topic.name())) {
                    names.add(topic.name());
                }
            }
        }
        return names;
    }

    private int partitions(Session session, String name) throws IOException {
        return topics.see(session, name).partitions();
    }

    private DescribeTopicPartitionsResponseTopic describe(
            Session session, String name, int begin, int limit) {
        DescribeTopicPartitionsResponseTopic answer =
                new DescribeTopicPartitionsResponseTopic().setName(name);
        try {
            Topic topic = topics.see(session, name);
            List<DescribeTopicPartitionsResponsePartition> partitions = new ArrayList<>();
            int end = (int) Math.min(topic.partitions(), (long) begin + limit);
            for (int i = begin; i < end; i++) {
                partitions.add(partition(topic, i));
            }
            return answer.setTopicId(TopicUuid.of(topic.id()))
                    .setPartitions(partitions)
                    .setTopicAuthorizedOperations(
                            Cluster.authorizedOperations(session.who(), name));
        } catch (IOException | RuntimeException e) {
            return answer.setErrorCode(KafkaErrors.of(e).code());
        }
    }

    private DescribeTopicPartitionsResponsePartition partition(Topic topic, int index) {
        List<Integer> here = List.of(Cluster.NODE_ID);
        DescribeTopicPartitionsResponsePartition answer =
                new DescribeTopicPartitionsResponsePartition()
                        .setPartitionIndex(index)
                        .setReplicaNodes(here)
                        .setIsrNodes(here)
                        // Kafka's client fails where these are missing.
                        .setEligibleLeaderReplicas(List.of())
                        .setLastKnownElr(List.of());
        try {
            return answer.setLeaderId(Cluster.NODE_ID)
                    .setLeaderEpoch(shards.shard(topic.shard(index)).epoch());
        } catch (ShardUnavailableException e) {
            return answer.setLeaderId(MetadataResponse.NO_LEADER_ID)
                    .setErrorCode(Errors.LEADER_NOT_AVAILABLE.code());
        }
    }
}
