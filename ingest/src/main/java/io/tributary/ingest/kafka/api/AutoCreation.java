package io.tributary.ingest.kafka.api;

import io.tributary.ingest.kafka.cluster.KafkaTopics;
import io.tributary.ingest.kafka.cluster.TopicAdmin;
import io.tributary.ingest.kafka.wire.Session;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.broker.BrokerConfigs;
import io.tributary.metadata.broker.BrokerSettings;
import io.tributary.metadata.broker.BrokerView;
import io.tributary.metadata.topic.Topic;
import java.io.IOException;
import java.util.Map;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.protocol.Errors;

/**
 * Makes topics that clients ask about and that are not there, as Kafka does with {@code
 * auto.create.topics.enable}: for clients that wish it and may.
 */
final class AutoCreation {
    private final KafkaTopics topics;
    private final TopicAdmin admin;
    private final BrokerSettings brokers;

    AutoCreation(KafkaTopics topics, TopicAdmin admin, BrokerSettings brokers) {
        this.topics = topics;
        this.admin = admin;
        this.brokers = brokers;
    }

    Topic create(Session session, String name) throws IOException {
        BrokerView broker = brokers.find(session.tenant());
        if (!broker.flag(BrokerConfigs.AUTO_CREATE_TOPICS)
                || !session.who().may(Operation.MANAGE, name)) {
            throw Errors.UNKNOWN_TOPIC_OR_PARTITION.exception();
        }
        try {
            return admin.create(
                    session.who(),
                    name,
                    broker.number(BrokerConfigs.NUM_PARTITIONS),
                    Map.of(),
                    false);
        } catch (ProblemException e) {
            // Another client may have been first; else the limits say no.
            try {
                return topics.see(session, name);
            } catch (UnknownTopicOrPartitionException stillNone) {
                throw e;
            }
        }
    }
}
