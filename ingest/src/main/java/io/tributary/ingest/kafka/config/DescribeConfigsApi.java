package io.tributary.ingest.kafka.config;

import io.tributary.ingest.kafka.cluster.Cluster;
import io.tributary.ingest.kafka.cluster.KafkaErrors;
import io.tributary.ingest.kafka.cluster.KafkaTopics;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.ingest.kafka.wire.Session;
import io.tributary.metadata.broker.BrokerSettings;
import io.tributary.metadata.broker.BrokerView;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.Topics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.ListConfigResourcesResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.DescribeConfigsRequest;
import org.apache.kafka.common.requests.DescribeConfigsResponse;
import org.apache.kafka.common.requests.ListConfigResourcesRequest;
import org.apache.kafka.common.requests.ListConfigResourcesResponse;

/** Says what is configured: topics, the broker, groups. Blocks. */
public final class DescribeConfigsApi {
    private static final Set<ConfigResource.Type> LISTED =
            EnumSet.of(
                    ConfigResource.Type.TOPIC,
                    ConfigResource.Type.BROKER,
                    ConfigResource.Type.BROKER_LOGGER,
                    ConfigResource.Type.CLIENT_METRICS,
                    ConfigResource.Type.GROUP);

    private final Topics all;
    private final KafkaTopics topics;
    private final BrokerSettings brokers;

    public DescribeConfigsApi(Topics all, KafkaTopics topics, BrokerSettings brokers) {
        this.all = all;
        this.topics = topics;
        this.brokers = brokers;
    }

    public AbstractResponse describe(KafkaRequest request) {
        DescribeConfigsRequestData data = ((DescribeConfigsRequest) request.body()).data();
        ConfigEntries entries =
                new ConfigEntries(data.includeSynonyms(), data.includeDocumentation());
        DescribeConfigsResponseData answer = new DescribeConfigsResponseData();
        for (DescribeConfigsResource asked : data.resources()) {
            DescribeConfigsResult result =
                    new DescribeConfigsResult()
                            .setResourceType(asked.resourceType())
                            .setResourceName(asked.resourceName());
            try {
                result.setConfigs(only(asked, of(request.session(), asked, entries)));
            } catch (IOException | RuntimeException e) {
                ApiError error = KafkaErrors.described(e);
                result.setErrorCode(error.error().code()).setErrorMessage(error.message());
            }
            answer.results().add(result);
        }
        return new DescribeConfigsResponse(answer);
    }

    private static List<DescribeConfigsResourceResult> only(
            DescribeConfigsResource asked, List<DescribeConfigsResourceResult> found) {
        List<String> keys = asked.configurationKeys();
        return keys == null || keys.isEmpty()
                ? found
                : found.stream().filter(one -> keys.contains(one.name())).toList();
    }

    private List<DescribeConfigsResourceResult> of(
            Session session, DescribeConfigsResource asked, ConfigEntries entries)
            throws IOException {
        String name = asked.resourceName();
        return switch (ConfigResource.Type.forId(asked.resourceType())) {
            case TOPIC -> {
                Topic topic = topics.see(session, name);
                yield entries.ofTopic(brokers.find(session.tenant()), topic.configs());
            }
            case BROKER -> {
                Cluster.requireAdministrator(session);
                BrokerView broker = brokers.find(session.tenant());
                List<DescribeConfigsResourceResult> found = entries.ofBroker(broker);
                // Without a broker's id: what was set for the whole cluster.
                yield Resources.isOneBroker(name)
                        ? found
                        : found.stream()
                                .filter(one -> broker.tenant().containsKey(one.name()))
                                .toList();
            }
            case GROUP -> {
                Resources.requireName("Group", name);
                BrokerView broker = brokers.node();
                yield List.of(
                        entries.ofGroup(
                                broker,
                                "consumer.assignment.interval.ms",
                                "group.consumer.assignment.interval.ms"),
                        entries.ofGroup(
                                broker,
                                "consumer.heartbeat.interval.ms",
                                "group.consumer.heartbeat.interval.ms"),
                        entries.ofGroup(
                                broker,
                                "consumer.session.timeout.ms",
                                "group.consumer.session.timeout.ms"));
            }
            case CLIENT_METRICS -> {
                Resources.requireName("Client metrics subscription", name);
                yield List.of();
            }
            case BROKER_LOGGER, UNKNOWN -> throw Resources.unsupported(asked.resourceType());
        };
    }

    /**
     * Lists what has configs; version 0 asks for clients' metrics alone, of which there are none.
     */
    public AbstractResponse list(KafkaRequest request) throws IOException {
        ListConfigResourcesRequest asked = (ListConfigResourcesRequest) request.body();
        Session session = request.session();
        Set<ConfigResource.Type> types = EnumSet.noneOf(ConfigResource.Type.class);
        if (request.version() == 0) {
            types.add(ConfigResource.Type.CLIENT_METRICS);
        } else if (asked.data().resourceTypes().isEmpty()) {
            types.addAll(LISTED);
        } else {
            asked.data().resourceTypes().forEach(id -> types.add(ConfigResource.Type.forId(id)));
        }
        if (!LISTED.containsAll(types)) {
            throw Errors.UNSUPPORTED_VERSION.exception("There is no such type of resource.");
        }
        Cluster.requireAdministrator(session);
        List<ListConfigResourcesResponseData.ConfigResource> found = new ArrayList<>();
        if (types.contains(ConfigResource.Type.TOPIC)) {
            for (Topic topic : all.list(session.tenant())) {
                found.add(resource(ConfigResource.Type.TOPIC, topic.name()));
            }
        }
        if (types.contains(ConfigResource.Type.BROKER)) {
            found.add(resource(ConfigResource.Type.BROKER, Integer.toString(Cluster.NODE_ID)));
        }
        return new ListConfigResourcesResponse(
                new ListConfigResourcesResponseData().setConfigResources(found));
    }

    private static ListConfigResourcesResponseData.ConfigResource resource(
            ConfigResource.Type type, String name) {
        return new ListConfigResourcesResponseData.ConfigResource()
                .setResourceType(type.id())
                .setResourceName(name);
    }
}
