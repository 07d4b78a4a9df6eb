package io.tributary.ingest.kafka.cluster;

import io.tributary.ingest.id.TopicUuid;
import io.tributary.ingest.kafka.wire.Session;
import io.tributary.kernel.id.PartitionId;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.TopicNames;
import io.tributary.metadata.topic.Topics;
import io.tributary.storage.Shard;
import io.tributary.storage.Shards;
import java.io.IOException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;

/**
 * Where names and ids that a client uses become topics: its own, and only such as it may see.
 * Another tenant's topic is not there. What a client does not get is an {@link ApiException} that
 * says why. Blocks on the metadata store where memory does not know a topic.
 */
public final class KafkaTopics {
    /** A client that believes in no epoch. */
    public static final int ANY_EPOCH = -1;

    private final Topics topics;
    private final Shards shards;

    public KafkaTopics(Topics topics, Shards shards) {
        this.topics = topics;
        this.shards = shards;
    }

    /** A topic that may be seen, whatever may be done with it. */
    public Topic see(Session session, String name) throws IOException {
        if (!TopicNames.legal(name)) {
            throw Errors.INVALID_TOPIC_EXCEPTION.exception();
        }
        if (!session.who().maySee(name)) {
            throw Errors.TOPIC_AUTHORIZATION_FAILED.exception();
        }
        return topics.find(session.tenant(), name)
                .orElseThrow(Errors.UNKNOWN_TOPIC_OR_PARTITION::exception);
    }

    /** Likewise, by id. */
    public Topic see(Session session, Uuid id) throws IOException {
        return topics.find(TopicUuid.topicId(id))
                .filter(topic -> topic.tenant().equals(session.tenant()))
                .filter(topic -> session.who().maySee(topic.name()))
                .orElseThrow(Errors.UNKNOWN_TOPIC_ID::exception);
    }

    /** A topic that this may be done with; by its id where that is not zero. */
    public Topic allowed(Session session, Operation operation, String name, Uuid id)
            throws IOException {
        Topic topic = id.equals(Uuid.ZERO_UUID) ? see(session, name) : see(session, id);
        if (!session.who().may(operation, topic.name())) {
            throw Errors.TOPIC_AUTHORIZATION_FAILED.exception();
        }
        return topic;
    }

    /** A partition as it is served now. */
    public record Served(Shard shard, PartitionId id, int epoch) {}

    /**
     * Finds a partition.
     *
     * @param knownEpoch the epoch the client believes in; -1 for none
     */
    public Served partition(Topic topic, int index, int knownEpoch) throws IOException {
        if (index < 0 || index >= topic.partitions()) {
            throw Errors.UNKNOWN_TOPIC_OR_PARTITION.exception();
        }
        Shard shard = shards.shard(topic.shard(index));
        int epoch = shard.epoch();
        if (knownEpoch != ANY_EPOCH && knownEpoch != epoch) {
            throw (knownEpoch < epoch ? Errors.FENCED_LEADER_EPOCH : Errors.UNKNOWN_LEADER_EPOCH)
                    .exception();
        }
        return new Served(shard, topic.partition(index), epoch);
    }
}
