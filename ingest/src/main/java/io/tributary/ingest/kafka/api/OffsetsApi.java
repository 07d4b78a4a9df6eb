package io.tributary.ingest.kafka.api;

import io.tributary.ingest.kafka.cluster.KafkaErrors;
import io.tributary.ingest.kafka.cluster.KafkaTopics;
import io.tributary.ingest.kafka.cluster.KafkaTopics.Served;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.ingest.kafka.wire.Session;
import io.tributary.metadata.access.Operation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochRequest;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochResponse;

/** Says where partitions begin and end, and which offset belongs to a time. Blocks. */
final class OffsetsApi {
    private static final short FIRST_WITH_EPOCHS = 4;

    private final KafkaTopics topics;

    OffsetsApi(KafkaTopics topics) {
        this.topics = topics;
    }

    AbstractResponse list(KafkaRequest request) {
        ListOffsetsResponseData answer = new ListOffsetsResponseData();
        for (ListOffsetsTopic topic : ((ListOffsetsRequest) request.body()).topics()) {
            List<ListOffsetsPartitionResponse> partitions = new ArrayList<>();
            for (ListOffsetsPartition one : topic.partitions()) {
                partitions.add(list(request, topic.name(), one));
            }
            answer.topics()
                    .add(
                            new ListOffsetsTopicResponse()
                                    .setName(topic.name())
                                    .setPartitions(partitions));
        }
        return new ListOffsetsResponse(answer);
    }

    private ListOffsetsPartitionResponse list(
            KafkaRequest request, String topic, ListOffsetsPartition asked) {
        ListOffsetsPartitionResponse answer =
                new ListOffsetsPartitionResponse().setPartitionIndex(asked.partitionIndex());
        try {
            Served partition =
                    find(
                            request.session(),
                            topic,
                            asked.partitionIndex(),
                            asked.currentLeaderEpoch());
            OffsetSearch.Found found =
                    new OffsetSearch(partition.shard(), partition.id())
                            .at(asked.timestamp(), request.version());
            boolean epoch = found.offset() >= 0 && request.version() >= FIRST_WITH_EPOCHS;
            return answer.setOffset(found.offset())
                    .setTimestamp(found.timestamp())
                    .setLeaderEpoch(epoch ? partition.epoch() : ListOffsetsResponse.UNKNOWN_EPOCH);
        } catch (IOException | RuntimeException e) {
            return answer.setErrorCode(KafkaErrors.of(e).code());
        }
    }

    private Served find(Session session, String topic, int index, int knownEpoch)
            throws IOException {
        return topics.partition(
                topics.allowed(session, Operation.CONSUME, topic, Uuid.ZERO_UUID),
                index,
                knownEpoch);
    }

    /**
     * Where an epoch ends. What a reader has seen is never taken back, whatever the epoch was: so
     * each ends for now where the partition does.
     */
    AbstractResponse endOfEpoch(KafkaRequest request) {
        OffsetForLeaderEpochResponseData answer = new OffsetForLeaderEpochResponseData();
        for (OffsetForLeaderTopic topic :
                ((OffsetsForLeaderEpochRequest) request.body()).data().topics()) {
            List<EpochEndOffset> partitions = new ArrayList<>();
            for (OffsetForLeaderPartition one : topic.partitions()) {
                partitions.add(endOfEpoch(request.session(), topic.topic(), one));
            }
            answer.topics()
                    .add(
                            new OffsetForLeaderTopicResult()
                                    .setTopic(topic.topic())
                                    .setPartitions(partitions));
        }
        return new OffsetsForLeaderEpochResponse(answer);
    }

    private EpochEndOffset endOfEpoch(
            Session session, String topic, OffsetForLeaderPartition asked) {
        EpochEndOffset answer = new EpochEndOffset().setPartition(asked.partition());
        try {
            Served partition = find(session, topic, asked.partition(), asked.currentLeaderEpoch());
            if (asked.leaderEpoch() < 0 || asked.leaderEpoch() > partition.epoch()) {
                return answer;
            }
            return answer.setLeaderEpoch(asked.leaderEpoch())
                    .setEndOffset(partition.shard().offsets(partition.id()).highWatermark());
        } catch (IOException | RuntimeException e) {
            return answer.setErrorCode(KafkaErrors.of(e).code());
        }
    }
}
