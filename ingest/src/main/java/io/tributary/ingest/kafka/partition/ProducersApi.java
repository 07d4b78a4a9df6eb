package io.tributary.ingest.kafka.partition;

import io.tributary.ingest.kafka.cluster.KafkaErrors;
import io.tributary.ingest.kafka.cluster.KafkaTopics;
import io.tributary.ingest.kafka.cluster.KafkaTopics.Served;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.ingest.kafka.wire.Session;
import io.tributary.metadata.access.Operation;
import io.tributary.storage.Shard.KnownProducer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.message.DescribeProducersResponseData.TopicResponse;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.DescribeProducersRequest;
import org.apache.kafka.common.requests.DescribeProducersResponse;

/** Says which idempotent producers partitions know, to who may read them. Blocks. */
public final class ProducersApi {
    private static final int NO_COORDINATOR = -1;

    private final KafkaTopics topics;

    public ProducersApi(KafkaTopics topics) {
        this.topics = topics;
    }

    public AbstractResponse describe(KafkaRequest request) {
        DescribeProducersResponseData answer = new DescribeProducersResponseData();
        for (TopicRequest topic : ((DescribeProducersRequest) request.body()).data().topics()) {
            List<PartitionResponse> partitions = new ArrayList<>();
            for (int index : topic.partitionIndexes()) {
                partitions.add(describe(request.session(), topic.name(), index));
            }
            answer.topics()
                    .add(new TopicResponse().setName(topic.name()).setPartitions(partitions));
        }
        return new DescribeProducersResponse(answer);
    }

    private PartitionResponse describe(Session session, String topic, int index) {
        PartitionResponse answer = new PartitionResponse().setPartitionIndex(index);
        try {
            Served partition =
                    topics.partition(
                            topics.allowed(session, Operation.CONSUME, topic, Uuid.ZERO_UUID),
                            index,
                            KafkaTopics.ANY_EPOCH);
            return answer.setActiveProducers(
                    partition.shard().producers(partition.id()).stream()
                            .map(ProducersApi::state)
                            .toList());
        } catch (IOException | RuntimeException e) {
            ApiError error = KafkaErrors.described(e);
            return answer.setErrorCode(error.error().code()).setErrorMessage(error.message());
        }
    }

    private static ProducerState state(KnownProducer producer) {
        return new ProducerState()
                .setProducerId(producer.id())
                .setProducerEpoch(producer.epoch())
                .setLastSequence(producer.lastSequence())
                .setLastTimestamp(producer.lastTimestamp())
                .setCoordinatorEpoch(NO_COORDINATOR);
    }
}
