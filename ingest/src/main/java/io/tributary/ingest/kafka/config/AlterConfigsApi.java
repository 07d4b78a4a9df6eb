package io.tributary.ingest.kafka.config;

import io.tributary.ingest.kafka.cluster.Cluster;
import io.tributary.ingest.kafka.cluster.KafkaErrors;
import io.tributary.ingest.kafka.cluster.KafkaTopics;
import io.tributary.ingest.kafka.cluster.TopicAdmin;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.ingest.kafka.wire.Session;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.broker.BrokerSettings;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.TopicConfigs;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.AlterConfigsRequest;
import org.apache.kafka.common.requests.AlterConfigsResponse;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;
import org.apache.kafka.common.requests.IncrementalAlterConfigsResponse;

/**
 * Changes topics' configs, by the rules that hold over HTTP. Everything else that has configs is
 * the operator's to change. Blocks.
 */
public final class AlterConfigsApi {
    private final KafkaTopics topics;
    private final TopicAdmin admin;
    private final BrokerSettings brokers;

    public AlterConfigsApi(KafkaTopics topics, TopicAdmin admin, BrokerSettings brokers) {
        this.topics = topics;
        this.admin = admin;
        this.brokers = brokers;
    }

    /** What is to be changed, by type and name. */
    private record Resource(byte type, String name) {}

    /** Makes a change of a topic's configs out of a request, once the topic may be changed. */
    private interface Change {
        UnaryOperator<Map<String, String>> of(Session session) throws IOException;
    }

    public AbstractResponse incremental(KafkaRequest request) {
        IncrementalAlterConfigsRequestData data =
                ((IncrementalAlterConfigsRequest) request.body()).data();
        Set<Resource> twice =
                twice(
                        data.resources().stream()
                                .map(one -> new Resource(one.resourceType(), one.resourceName())));
        IncrementalAlterConfigsResponseData answer = new IncrementalAlterConfigsResponseData();
        for (var asked : data.resources()) {
            Resource resource = new Resource(asked.resourceType(), asked.resourceName());
            List<ConfigOperations.Operation> operations =
                    asked.configs().stream()
                            .map(
                                    one ->
                                            new ConfigOperations.Operation(
                                                    one.name(), one.configOperation(), one.value()))
                            .toList();
            ApiError result =
                    twice.contains(resource)
                            ? givenTwice()
                            : alter(
                                    request.session(),
                                    resource,
                                    session -> operations(session, operations),
                                    data.validateOnly());
            answer.responses()
                    .add(
                            new IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse()
                                    .setResourceType(resource.type())
                                    .setResourceName(resource.name())
                                    .setErrorCode(result.error().code())
                                    .setErrorMessage(result.message()));
        }
        return new IncrementalAlterConfigsResponse(answer);
    }

    private ConfigOperations operations(
            Session session, List<ConfigOperations.Operation> operations) throws IOException {
        Map<String, String> defaults = brokers.find(session.tenant()).topicDefaults();
        return new ConfigOperations(
                operations, name -> defaults.getOrDefault(name, TopicConfigs.byDefault(name)));
    }

    /** The older way: what is not given goes back to its default. */
    public AbstractResponse replace(KafkaRequest request) {
        AlterConfigsRequestData data = ((AlterConfigsRequest) request.body()).data();
        AlterConfigsResponseData answer = new AlterConfigsResponseData();
        Set<Resource> twice =
                twice(
                        data.resources().stream()
                                .map(one -> new Resource(one.resourceType(), one.resourceName())));
        for (var asked : data.resources()) {
            Resource resource = new Resource(asked.resourceType(), asked.resourceName());
            ApiError result =
                    twice.contains(resource)
                            ? givenTwice()
                            : alter(
                                    request.session(),
                                    resource,
                                    session -> {
                                        Map<String, String> configs = configs(asked.configs());
                                        return old -> configs;
                                    },
                                    data.validateOnly());
            answer.responses()
                    .add(
                            new AlterConfigsResourceResponse()
                                    .setResourceType(resource.type())
                                    .setResourceName(resource.name())
                                    .setErrorCode(result.error().code())
                                    .setErrorMessage(result.message()));
        }
        return new AlterConfigsResponse(answer);
    }

    private static Map<String, String> configs(Iterable<AlterableConfig> asked) {
        Map<String, String> configs = new TreeMap<>();
        for (AlterableConfig one : asked) {
            if (one.value() == null) {
                throw Errors.INVALID_REQUEST.exception("Config " + one.name() + " needs a value.");
            }
            if (configs.put(one.name(), one.value()) != null) {
                throw Errors.INVALID_REQUEST.exception("Config " + one.name() + " is given twice.");
            }
        }
        return configs;
    }

    private static Set<Resource> twice(Stream<Resource> resources) {
        Set<Resource> once = new HashSet<>();
        return resources.filter(one -> !once.add(one)).collect(Collectors.toSet());
    }

    private static ApiError givenTwice() {
        return new ApiError(Errors.INVALID_REQUEST, "The resource is given more than once.");
    }

    private ApiError alter(
            Session session, Resource resource, Change change, boolean validateOnly) {
        try {
            switch (ConfigResource.Type.forId(resource.type())) {
                case TOPIC -> {
                    Topic topic =
                            topics.allowed(
                                    session, Operation.MANAGE, resource.name(), Uuid.ZERO_UUID);
                    admin.configure(session.who(), topic.name(), change.of(session), validateOnly);
                }
                case BROKER -> {
                    Cluster.requireAdministrator(session);
                    boolean _ = Resources.isOneBroker(resource.name());
                    throw Errors.POLICY_VIOLATION.exception(
                            "Broker configs of a tenant's cluster are set by the service's"
                                    + " operator, over HTTP.");
                }
                case GROUP -> {
                    Cluster.requireAdministrator(session);
                    Resources.requireName("Group", resource.name());
                    throw Errors.POLICY_VIOLATION.exception(
                            "Groups are all as the service's operator says.");
                }
                case CLIENT_METRICS, BROKER_LOGGER, UNKNOWN ->
                        throw Resources.unsupported(resource.type());
            }
            return ApiError.NONE;
        } catch (ProblemException e) {
            Errors error = e.problem().status() == 400 ? Errors.INVALID_CONFIG : KafkaErrors.of(e);
            return new ApiError(error, e.problem().message());
        } catch (IOException | RuntimeException e) {
            return KafkaErrors.described(e);
        }
    }
}
