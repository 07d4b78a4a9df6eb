package io.tributary.ingest.kafka.partition;

import io.tributary.ingest.kafka.cluster.KafkaErrors;
import io.tributary.ingest.kafka.cluster.KafkaTopics;
import io.tributary.ingest.kafka.cluster.KafkaTopics.Served;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.topic.Topic;
import io.tributary.storage.DeleteOutcome;
import java.io.IOException;
import java.util.OptionalLong;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.DeleteRecordsRequest;
import org.apache.kafka.common.requests.DeleteRecordsResponse;

/** Deletes the records before an offset, for who may manage the topic. Blocks until durable. */
public final class DeleteRecordsApi {
    private final KafkaTopics topics;

    public DeleteRecordsApi(KafkaTopics topics) {
        this.topics = topics;
    }

    public AbstractResponse delete(KafkaRequest request) {
        DeleteRecordsResponseData answer = new DeleteRecordsResponseData();
        for (DeleteRecordsTopic topic : ((DeleteRecordsRequest) request.body()).data().topics()) {
            DeleteRecordsTopicResult result = new DeleteRecordsTopicResult().setName(topic.name());
            for (DeleteRecordsPartition one : topic.partitions()) {
                result.partitions().add(delete(request, topic.name(), one));
            }
            answer.topics().add(result);
        }
        return new DeleteRecordsResponse(answer);
    }

    private DeleteRecordsPartitionResult delete(
            KafkaRequest request, String name, DeleteRecordsPartition asked) {
        DeleteRecordsPartitionResult answer =
                new DeleteRecordsPartitionResult()
                        .setPartitionIndex(asked.partitionIndex())
                        .setLowWatermark(DeleteRecordsResponse.INVALID_LOW_WATERMARK);
        try {
            Topic topic = topics.allowed(request.session(), Operation.MANAGE, name, Uuid.ZERO_UUID);
            Served partition =
                    topics.partition(topic, asked.partitionIndex(), KafkaTopics.ANY_EPOCH);
            return switch (partition.shard().deleteRecords(partition.id(), before(asked))) {
                case DeleteOutcome.Deleted deleted ->
                        answer.setLowWatermark(deleted.lowWatermark());
                case DeleteOutcome.OutOfRange out ->
                        answer.setErrorCode(Errors.OFFSET_OUT_OF_RANGE.code());
                case DeleteOutcome.AgainstPolicy no ->
                        answer.setErrorCode(Errors.POLICY_VIOLATION.code());
                case DeleteOutcome.PartitionGone gone ->
                        answer.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
            };
        } catch (IOException | RuntimeException e) {
            return answer.setErrorCode(KafkaErrors.of(e).code());
        }
    }

    /** Empty for everything there is now. */
    private static OptionalLong before(DeleteRecordsPartition asked) {
        if (asked.offset() == DeleteRecordsRequest.HIGH_WATERMARK) {
            return OptionalLong.empty();
        }
        if (asked.offset() < 0) {
            throw Errors.OFFSET_OUT_OF_RANGE.exception();
        }
        return OptionalLong.of(asked.offset());
    }
}
