package io.tributary.ingest.kafka.api;

import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.kafka.cluster.KafkaErrors;
import io.tributary.ingest.kafka.cluster.KafkaTopics;
import io.tributary.ingest.kafka.cluster.KafkaTopics.Served;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.topic.Topic;
import io.tributary.storage.BatchRequest;
import io.tributary.storage.BatchRequest.Part;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.Shard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.ProduceRequest;

/**
 * Appends what producers send, each partition's batch on its own, and answers once all is durable.
 * The connection's next request begins as soon as this one's batches have their order.
 */
final class ProduceApi {
    private static final short FIRST_WITH_ZSTD = 7;

    private final IngestNode node;
    private final KafkaTopics topics;

    ProduceApi(IngestNode node, KafkaTopics topics) {
        this.node = node;
        this.topics = topics;
    }

    /** Takes the request; it is answered later, on any thread. */
    void produce(KafkaRequest request) {
        ProduceRequest asked = (ProduceRequest) request.body();
        ProduceAnswer answer = new ProduceAnswer(request, node.metrics());
        Map<Shard, Appends> appends = new LinkedHashMap<>();
        for (TopicProduceData topic : asked.data().topicData()) {
            produce(request, topic, answer, appends);
        }
        appends.values().forEach(Appends::send);
        answer.complete();
        request.handedOver();
    }

    private void produce(
            KafkaRequest request,
            TopicProduceData asked,
            ProduceAnswer answer,
            Map<Shard, Appends> appends) {
        List<PartitionProduceData> partitions = asked.partitionData();
        Topic topic;
        try {
            refuseWhole((ProduceRequest) request.body());
            topic =
                    topics.allowed(
                            request.session(), Operation.PRODUCE, asked.name(), asked.topicId());
        } catch (IOException | RuntimeException e) {
            Errors error = KafkaErrors.of(e);
            partitions.forEach(
                    one -> answer.slot(asked, one.index()).refused(error, e.getMessage()));
            return;
        }
        PartitionSettings settings = node.settings().apply(topic);
        for (PartitionProduceData one : partitions) {
            ProduceAnswer.Slot slot = answer.slot(asked, one.index());
            try {
                ByteBuffer batch = batch(request.version(), one);
                Served served = topics.partition(topic, one.index(), KafkaTopics.ANY_EPOCH);
                appends.computeIfAbsent(served.shard(), Appends::new)
                        .add(new Part(served.id(), settings, batch), slot);
            } catch (IOException | RuntimeException e) {
                slot.refused(KafkaErrors.of(e), e.getMessage());
            }
        }
    }

    private static void refuseWhole(ProduceRequest asked) {
        if (asked.acks() < -1 || asked.acks() > 1) {
            throw Errors.INVALID_REQUIRED_ACKS.exception();
        }
        if (asked.transactionalId() != null) {
            throw Errors.INVALID_TXN_STATE.exception("Transactions are not served.");
        }
    }

    /** The one batch that a partition may be sent. */
    private static ByteBuffer batch(short version, PartitionProduceData partition) {
        if (!(partition.records() instanceof MemoryRecords records) || records.sizeInBytes() == 0) {
            throw Errors.INVALID_RECORD.exception("There is no batch.");
        }
        ByteBuffer batch = records.buffer();
        RecordBatch first = records.firstBatch();
        if (version < FIRST_WITH_ZSTD
                && first != null
                && first.compressionType() == CompressionType.ZSTD) {
            throw Errors.UNSUPPORTED_COMPRESSION_TYPE.exception();
        }
        return batch;
    }

    /** What goes to one shard, in requests no larger than it takes. */
    private static final class Appends {
        private final Shard shard;
        private final List<Part> parts = new ArrayList<>();
        private final List<ProduceAnswer.Slot> slots = new ArrayList<>();

        Appends(Shard shard) {
            this.shard = shard;
        }

        void add(Part part, ProduceAnswer.Slot slot) {
            parts.add(part);
            slots.add(slot);
        }

        void send() {
            int from = 0;
            long bytes = 0;
            for (int to = 0; to <= parts.size(); to++) {
                long more = to < parts.size() ? parts.get(to).batch().remaining() : 0;
                if (to == parts.size() || (to > from && bytes + more > Shard.MAX_REQUEST_BYTES)) {
                    send(parts.subList(from, to), slots.subList(from, to));
                    from = to;
                    bytes = 0;
                }
                bytes += more;
            }
        }

        private void send(List<Part> some, List<ProduceAnswer.Slot> theirs) {
            shard.append(
                    new BatchRequest(some),
                    outcomes -> {
                        for (int i = 0; i < theirs.size(); i++) {
                            theirs.get(i).ended(some.get(i), outcomes.get(i));
                        }
                    });
        }
    }
}
