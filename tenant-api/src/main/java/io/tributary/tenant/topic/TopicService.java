package io.tributary.tenant.topic;

import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.broker.BrokerSettings;
import io.tributary.metadata.broker.BrokerView;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.quota.Quotas;
import io.tributary.metadata.quota.TenantLimits;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.TopicConfigs;
import io.tributary.metadata.topic.TopicNames;
import io.tributary.metadata.topic.Topics;
import io.tributary.tenant.access.Secrets;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** What a tenant does with its topics. Another tenant's cluster and topics do not exist here. */
public final class TopicService {
    private final Topics topics;
    private final ShardPlacement placement;
    private final Secrets secrets;
    private final InstantSource clock;
    private final int maxPartitionsPerTopic;
    private final TenantLimits limits;
    private final BrokerSettings brokers;

    public TopicService(
            Topics topics,
            ShardPlacement placement,
            Secrets secrets,
            InstantSource clock,
            int maxPartitionsPerTopic,
            TenantLimits limits,
            BrokerSettings brokers) {
        this.topics = topics;
        this.placement = placement;
        this.secrets = secrets;
        this.clock = clock;
        this.maxPartitionsPerTopic = maxPartitionsPerTopic;
        this.limits = limits;
        this.brokers = brokers;
    }

    /**
     * A change of configs.
     *
     * @param set by name
     * @param reset names that go back to their defaults
     */
    public record ConfigChange(Map<String, String> set, List<String> reset) {
        private Map<String, String> apply(Map<String, String> old) {
            Map<String, String> configs = new TreeMap<>(old);
            configs.putAll(set);
            reset.forEach(configs::remove);
            return configs;
        }
    }

    /**
     * A change of a topic.
     *
     * @param partitions how many it has then; empty for as many as now
     */
    public record TopicChange(OptionalInt partitions, ConfigChange configs) {}

    /** The caller's tenant, if the cluster is its own; every other one is not there. */
    public TenantId tenant(Principal principal, String clusterId) {
        return principal
                .tenant()
                .filter(tenant -> tenant.clusterId().equals(clusterId))
                .orElseThrow(TopicService::noCluster);
    }

    private static ProblemException noCluster() {
        return Problem.of(404, 404, "HTTP 404 Not Found").asException();
    }

    /** The broker configs of the caller's cluster. */
    public BrokerView broker(Principal principal) throws IOException {
        return brokers.find(principal.tenant().orElseThrow(TopicService::noCluster));
    }

    /** What a topic has in force, and where it comes from. */
    public List<BrokerView.TopicEntry> describe(Topic topic) {
        return brokers.of(topic.tenant()).describe(topic.configs());
    }

    /** Makes a topic, or with {@code validateOnly} says what would be made. */
    public Topic create(
            Principal principal,
            String clusterId,
            String name,
            int partitions,
            Map<String, String> configs,
            boolean validateOnly)
            throws IOException {
        TenantId tenant = tenant(principal, clusterId);
        TopicNames.check(name);
        if (!principal.may(Operation.MANAGE, name)) {
            throw denied();
        }
        checkCount(partitions);
        TopicConfigs.validate(configs);
        TopicId id = TopicId.random(secrets.random());
        Topic topic =
                new Topic(
                        id,
                        tenant,
                        name,
                        placement.place(id, partitions),
                        configs,
                        clock.instant());
        Topics.Limits most = most(tenant);
        Topics.Addition done = validateOnly ? topics.check(topic, most) : topics.add(topic, most);
        return switch (done) {
            case DONE -> topic;
            case EXISTS -> throw refused("Topic '" + name + "' already exists.");
            case TOO_MANY_TOPICS ->
                    throw full("The tenant has as many topics as it may: " + most.topics() + ".");
            case TOO_MANY_PARTITIONS -> throw tooManyPartitions(most);
            case NO_TENANT -> throw noCluster();
        };
    }

    private static ProblemException full(String message) {
        return Problem.of(403, 40301, message).asException();
    }

    private Topics.Limits most(TenantId tenant) throws IOException {
        Quotas quotas = limits.limits(tenant);
        return new Topics.Limits(quotas.count(Quota.TOPICS), quotas.count(Quota.PARTITIONS));
    }

    private static ProblemException tooManyPartitions(Topics.Limits most) {
        return full("The tenant may have " + most.partitions() + " partitions in all.");
    }

    private void checkCount(int partitions) {
        if (partitions < 1 || partitions > maxPartitionsPerTopic) {
            throw refused("partitions_count must be 1 to " + maxPartitionsPerTopic + ".");
        }
    }

    /** The topics the caller may see. */
    public List<Topic> list(Principal principal, String clusterId) throws IOException {
        return topics.list(tenant(principal, clusterId)).stream()
                .filter(topic -> principal.maySee(topic.name()))
                .toList();
    }

    public Topic get(Principal principal, String clusterId, String name) throws IOException {
        TenantId tenant = tenant(principal, clusterId);
        Optional<Topic> topic =
                TopicNames.legal(name) && principal.maySee(name)
                        ? topics.find(tenant, name)
                        : Optional.empty();
        return topic.orElseThrow(TopicService::noTopic);
    }

    /** Deletes the topic; its records are gone for readers at once. */
    public void delete(Principal principal, String clusterId, String name) throws IOException {
        Topic topic = managed(principal, clusterId, name);
        if (topics.remove(topic.tenant(), name).isEmpty()) {
            throw noTopic();
        }
    }

    /**
     * Changes configs and adds partitions, all or none, or with {@code validateOnly} says whether
     * it could.
     */
    public Topic alter(
            Principal principal,
            String clusterId,
            String name,
            TopicChange change,
            boolean validateOnly)
            throws IOException {
        Topic topic = managed(principal, clusterId, name);
        TopicConfigs.validate(change.configs().set());
        for (String reset : change.configs().reset()) {
            if (!TopicConfigs.known(reset)) {
                TopicConfigs.validate(Map.of(reset, ""));
            }
        }
        return update(
                topic,
                old -> changed(old, change.partitions(), change.configs()::apply),
                validateOnly);
    }

    /**
     * Makes a topic's configs what a function of those it sets says, all or none, or with {@code
     * validateOnly} says whether it could. The function may run again after a conflict.
     */
    public Topic configure(
            Principal principal,
            String clusterId,
            String name,
            UnaryOperator<Map<String, String>> change,
            boolean validateOnly)
            throws IOException {
        Topic topic = managed(principal, clusterId, name);
        return update(topic, old -> changed(old, OptionalInt.empty(), change), validateOnly);
    }

    private Topic update(Topic topic, UnaryOperator<Topic> change, boolean validateOnly)
            throws IOException {
        Topics.Limits most = most(topic.tenant());
        return switch (topics.update(topic.tenant(), topic.name(), most, validateOnly, change)) {
            case Topics.Update.Done(Topic changed) -> validateOnly ? topic : changed;
            case Topics.Update.NoTopic _ -> throw noTopic();
            case Topics.Update.TooManyPartitions _ -> throw tooManyPartitions(most);
        };
    }

    private Topic changed(
            Topic old, OptionalInt partitions, UnaryOperator<Map<String, String>> change) {
        Map<String, String> configs = change.apply(old.configs());
        Map<String, String> others = new TreeMap<>(configs);
        others.entrySet().removeAll(old.configs().entrySet());
        TopicConfigs.validate(others);
        TopicConfigs.requireConsistent(configs);
        int wanted = partitions.orElse(old.partitions());
        if (wanted < old.partitions()) {
            throw refused(
                    "The topic "
                            + old.name()
                            + " currently has "
                            + old.partitions()
                            + " partition(s); "
                            + wanted
                            + " would not be an increase.");
        }
        List<ShardId> shards = new ArrayList<>(old.shards());
        List<Integer> earlier = new ArrayList<>(old.earlierPartitions());
        if (wanted > old.partitions()) {
            checkCount(wanted);
            earlier.add(old.partitions());
            shards.addAll(placement.place(old.id(), wanted).subList(old.partitions(), wanted));
        }
        return new Topic(
                old.id(), old.tenant(), old.name(), shards, earlier, configs, old.createdAt());
    }

    private Topic managed(Principal principal, String clusterId, String name) throws IOException {
        Topic topic = get(principal, clusterId, name);
        if (!principal.may(Operation.MANAGE, name)) {
            throw denied();
        }
        return topic;
    }

    private static ProblemException refused(String message) {
        return Problem.of(400, 40002, message).asException();
    }

    private static ProblemException denied() {
        return Problem.of(403, 40301, "Not authorized to access this topic.").asException();
    }

    static ProblemException noTopic() {
        return Problem.of(404, 40403, "This server does not host this topic-partition.")
                .asException();
    }
}
