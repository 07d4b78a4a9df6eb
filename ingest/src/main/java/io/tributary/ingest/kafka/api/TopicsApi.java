package io.tributary.ingest.kafka.api;

import io.tributary.ingest.id.TopicUuid;
import io.tributary.ingest.kafka.cluster.KafkaErrors;
import io.tributary.ingest.kafka.cluster.KafkaTopics;
import io.tributary.ingest.kafka.cluster.TopicAdmin;
import io.tributary.ingest.kafka.config.ConfigEntries;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.ingest.kafka.wire.Session;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.broker.BrokerConfigs;
import io.tributary.metadata.broker.BrokerSettings;
import io.tributary.metadata.broker.BrokerView;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.TopicConfigs;
import io.tributary.metadata.topic.TopicNames;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreatePartitionsResponse;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.DeleteTopicsResponse;

/**
 * Makes, grows and deletes topics. Any replication factor and assignment that makes sense by itself
 * is taken: where records lie is the service's own affair. Blocks.
 */
final class TopicsApi {
    private static final int ANY_COUNT = -1;

    private static final short REPLICATION_FACTOR = 1;

    private final KafkaTopics topics;
    private final TopicAdmin admin;
    private final BrokerSettings brokers;

    TopicsApi(KafkaTopics topics, TopicAdmin admin, BrokerSettings brokers) {
        this.topics = topics;
        this.admin = admin;
        this.brokers = brokers;
    }

    AbstractResponse create(KafkaRequest request) {
        CreateTopicsRequestData data = ((CreateTopicsRequest) request.body()).data();
        CreateTopicsResponseData answer = new CreateTopicsResponseData();
        for (CreatableTopic asked : data.topics()) {
            if (answer.topics().find(asked.name()) == null) {
                boolean once = data.topics().findAll(asked.name()).size() == 1;
                answer.topics()
                        .add(
                                once
                                        ? create(request.session(), asked, data.validateOnly())
                                        : refusal(
                                                asked,
                                                new ApiError(
                                                        Errors.INVALID_REQUEST,
                                                        "The topic is named twice.")));
            }
        }
        return new CreateTopicsResponse(answer);
    }

    private CreatableTopicResult create(Session session, CreatableTopic asked, boolean dryRun) {
        Map<String, String> configs = new TreeMap<>();
        asked.configs().forEach(config -> configs.put(config.name(), config.value()));
        int partitions = Placement.partitions(asked);
        try {
            checkNew(session, asked.name());
            Placement.check(asked);
            if (configs.containsValue(null)) {
                throw Errors.INVALID_CONFIG.exception("A config of a topic must have a value.");
            }
            BrokerView broker = brokers.find(session.tenant());
            Topic made =
                    admin.create(
                            session.who(),
                            asked.name(),
                            partitions == ANY_COUNT
                                    ? broker.number(BrokerConfigs.NUM_PARTITIONS)
                                    : partitions,
                            configs,
                            dryRun);
            return new CreatableTopicResult()
                    .setName(made.name())
                    .setTopicId(dryRun ? Uuid.ZERO_UUID : TopicUuid.of(made.id()))
                    .setNumPartitions(made.partitions())
                    .setReplicationFactor(REPLICATION_FACTOR)
                    .setConfigs(ConfigEntries.ofNewTopic(broker, made.configs()));
        } catch (ProblemException e) {
            return refusal(asked, whyNotMade(e, configs));
        } catch (IOException | RuntimeException e) {
            return refusal(asked, KafkaErrors.described(e));
        }
    }

    private void checkNew(Session session, String name) throws IOException {
        if (TopicNames.legal(name) && !session.who().may(Operation.MANAGE, name)) {
            throw Errors.TOPIC_AUTHORIZATION_FAILED.exception();
        }
        try {
            Topic _ = topics.see(session, name);
        } catch (UnknownTopicOrPartitionException e) {
            return;
        }
        throw Errors.TOPIC_ALREADY_EXISTS.exception("Topic '" + name + "' already exists.");
    }

    /** The rules' one refusal is several of Kafka's. */
    private static ApiError whyNotMade(ProblemException refused, Map<String, String> configs) {
        if (refused.problem().status() != 400) {
            return new ApiError(KafkaErrors.of(refused), refused.problem().message());
        }
        try {
            TopicConfigs.validate(configs);
        } catch (ProblemException e) {
            return new ApiError(Errors.INVALID_CONFIG, e.problem().message());
        }
        return new ApiError(Errors.INVALID_PARTITIONS, refused.problem().message());
    }

    private static CreatableTopicResult refusal(CreatableTopic asked, ApiError why) {
        return new CreatableTopicResult()
                .setName(asked.name())
                .setErrorCode(why.error().code())
                .setErrorMessage(why.message());
    }

    AbstractResponse delete(KafkaRequest request) {
        DeleteTopicsResponseData answer = new DeleteTopicsResponseData();
        for (DeleteTopicState asked : ((DeleteTopicsRequest) request.body()).topics()) {
            DeletableTopicResult result =
                    new DeletableTopicResult().setName(asked.name()).setTopicId(asked.topicId());
            try {
                Topic topic =
                        topics.allowed(
                                request.session(), Operation.MANAGE, asked.name(), asked.topicId());
                admin.delete(request.session().who(), topic.name());
                result.setName(topic.name()).setTopicId(TopicUuid.of(topic.id()));
            } catch (IOException | RuntimeException e) {
                result.setErrorCode(KafkaErrors.of(e).code());
            }
            answer.responses().mustAdd(result);
        }
        return new DeleteTopicsResponse(answer);
    }

    AbstractResponse grow(KafkaRequest request) {
        CreatePartitionsRequestData data = ((CreatePartitionsRequest) request.body()).data();
        CreatePartitionsResponseData answer = new CreatePartitionsResponseData();
        Set<String> answered = new HashSet<>();
        for (CreatePartitionsTopic asked : data.topics()) {
            if (!answered.add(asked.name())) {
                continue;
            }
            boolean once = data.topics().findAll(asked.name()).size() == 1;
            ApiError result =
                    once
                            ? grow(request.session(), asked, data.validateOnly())
                            : new ApiError(Errors.INVALID_REQUEST, "The topic is named twice.");
            answer.results()
                    .add(
                            new CreatePartitionsTopicResult()
                                    .setName(asked.name())
                                    .setErrorCode(result.error().code())
                                    .setErrorMessage(result.message()));
        }
        return new CreatePartitionsResponse(answer);
    }

    private ApiError grow(Session session, CreatePartitionsTopic asked, boolean dryRun) {
        try {
            Topic topic = topics.allowed(session, Operation.MANAGE, asked.name(), Uuid.ZERO_UUID);
            Placement.check(asked, topic.partitions());
            admin.grow(session.who(), asked.name(), asked.count(), dryRun);
            return ApiError.NONE;
        } catch (ProblemException e) {
            Errors error =
                    e.problem().status() == 400 ? Errors.INVALID_PARTITIONS : KafkaErrors.of(e);
            return new ApiError(error, e.problem().message());
        } catch (IOException | RuntimeException e) {
            return KafkaErrors.described(e);
        }
    }
}
