package io.tributary.ingest.kafka.api;

import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.metadata.producer.ProducerIds;
import java.io.IOException;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractResponse;

/** Answers the requests of authenticated clients, each on a thread that may block. */
public final class KafkaApis implements Consumer<KafkaRequest> {
    private final IngestNode node;
    private final MetadataApi metadata;
    private final ProduceApi produce;
    private final ProducerIdApi producerIds;
    private final FetchApi fetch;
    private final OffsetsApi offsets;
    private final TopicsApi administration;

    /**
     * Makes them.
     *
     * @param autoCreation whether topics are made that clients ask about
     */
    public KafkaApis(IngestNode node, TopicAdmin admin, boolean autoCreation, ProducerIds ids) {
        this.node = node;
        KafkaTopics topics = new KafkaTopics(node.topics(), node.shards());
        metadata = new MetadataApi(node, topics, new AutoCreation(topics, admin, autoCreation));
        administration = new TopicsApi(topics, admin);
        produce = new ProduceApi(node, topics);
        producerIds = new ProducerIdApi(ids);
        fetch = new FetchApi(node, topics);
        offsets = new OffsetsApi(topics);
    }

    @Override
    public void accept(KafkaRequest request) {
        node.blocking().execute(() -> run(request));
    }

    private void run(KafkaRequest request) {
        try {
            if (request.api() == ApiKeys.PRODUCE) {
                produce.produce(request);
            } else {
                request.answer(answer(request));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            request.close("the service stops");
        } catch (IOException | RuntimeException e) {
            request.fail(KafkaErrors.of(e).exception());
        }
    }

    private AbstractResponse answer(KafkaRequest request) throws IOException, InterruptedException {
        return switch (request.api()) {
            case METADATA -> metadata.metadata(request);
            case DESCRIBE_CLUSTER -> metadata.describeCluster(request);
            case INIT_PRODUCER_ID -> producerIds.init(request);
            case FETCH -> fetch.fetch(request);
            case LIST_OFFSETS -> offsets.list(request);
            case OFFSET_FOR_LEADER_EPOCH -> offsets.endOfEpoch(request);
            case CREATE_TOPICS -> administration.create(request);
            case DELETE_TOPICS -> administration.delete(request);
            case CREATE_PARTITIONS -> administration.grow(request);
            default -> throw new IllegalStateException(request.api() + " has no answer");
        };
    }
}
