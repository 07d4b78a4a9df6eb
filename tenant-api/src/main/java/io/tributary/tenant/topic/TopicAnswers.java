package io.tributary.tenant.topic;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tributary.metadata.broker.BrokerView;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.TopicConfigs;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Clusters and topics as Confluent's REST v3 shows them. */
final class TopicAnswers {
    private static final int REPLICAS = 1;
    private final String root;

    /**
     * Links begin with this.
     *
     * @param root such as {@code https://localhost:8443/kafka/v3}
     */
    TopicAnswers(String root) {
        this.root = root;
    }

    record Metadata(String self, String resourceName) {}

    record ListMetadata(String self, @JsonInclude(JsonInclude.Include.ALWAYS) String next) {}

    record Related(String related) {}

    record ListOf<T>(String kind, ListMetadata metadata, List<T> data) {}

    record Cluster(String kind, Metadata metadata, String clusterId, Related topics) {}

    record TopicAnswer(
            String kind,
            Metadata metadata,
            String clusterId,
            String topicName,
            boolean isInternal,
            int replicationFactor,
            int partitionsCount,
            Related partitions,
            Related configs,
            Related partitionReassignments) {}

    record Partition(
            String kind,
            Metadata metadata,
            String clusterId,
            String topicName,
            int partitionId,
            Related leader,
            Related replicas) {}

    record Replica(
            String kind,
            Metadata metadata,
            String clusterId,
            String topicName,
            int partitionId,
            int brokerId,
            boolean isLeader,
            boolean isInSync) {}

    record Synonym(String name, String value, String source) {}

    record Config(
            String kind,
            Metadata metadata,
            String clusterId,
            String topicName,
            String name,
            String value,
            boolean isDefault,
            boolean isReadOnly,
            boolean isSensitive,
            String source,
            List<Synonym> synonyms,
            String effect) {}

    String clusterPath(String cluster) {
        return root + "/clusters/" + cluster;
    }

    Cluster cluster(String id) {
        String self = clusterPath(id);
        return new Cluster(
                "KafkaCluster",
                new Metadata(self, "crn:///kafka=" + id),
                id,
                new Related(self + "/topics"));
    }

    TopicAnswer topic(Topic topic) {
        String cluster = topic.tenant().clusterId();
        String self = topicPath(topic);
        return new TopicAnswer(
                "KafkaTopic",
                new Metadata(self, crn(topic)),
                cluster,
                topic.name(),
                false,
                REPLICAS,
                topic.partitions(),
                new Related(self + "/partitions"),
                new Related(self + "/configs"),
                new Related(self + "/partitions/-/reassignment"));
    }

    Partition partition(Topic topic, int index) {
        String self = topicPath(topic) + "/partitions/" + index;
        return new Partition(
                "KafkaPartition",
                new Metadata(self, crn(topic) + "/partition=" + index),
                topic.tenant().clusterId(),
                topic.name(),
                index,
                new Related(self + "/replicas/0"),
                new Related(self + "/replicas"));
    }

    Replica replica(Topic topic, int index) {
        return new Replica(
                "KafkaReplica",
                new Metadata(
                        topicPath(topic) + "/partitions/" + index + "/replicas/0",
                        crn(topic) + "/partition=" + index + "/replica=0"),
                topic.tenant().clusterId(),
                topic.name(),
                index,
                0,
                true,
                true);
    }

    Config config(Topic topic, BrokerView.TopicEntry described) {
        TopicConfigs.Entry entry = described.entry();
        return new Config(
                "KafkaTopicConfig",
                new Metadata(
                        topicPath(topic) + "/configs/" + entry.name(),
                        crn(topic) + "/config=" + entry.name()),
                topic.tenant().clusterId(),
                topic.name(),
                entry.name(),
                described.value(),
                entry.isDefault(),
                false,
                false,
                source(described.source()),
                described.origins().stream()
                        .map(
                                origin ->
                                        new Synonym(
                                                origin.name(),
                                                origin.value(),
                                                source(origin.source())))
                        .toList(),
                entry.effect().name());
    }

    /** As Confluent's REST v3 names them. */
    private static String source(BrokerView.Source source) {
        return switch (source) {
            case TOPIC -> "DYNAMIC_TOPIC_CONFIG";
            case TENANT -> "DYNAMIC_DEFAULT_BROKER_CONFIG";
            case NODE -> "STATIC_BROKER_CONFIG";
            case DEFAULT -> "DEFAULT_CONFIG";
        };
    }

    ListOf<Config> configs(
            String self,
            List<Topic> topics,
            Function<Topic, List<BrokerView.TopicEntry>> describe) {
        return new ListOf<>(
                "KafkaTopicConfigList",
                new ListMetadata(self, null),
                topics.stream()
                        .flatMap(
                                topic ->
                                        describe.apply(topic).stream()
                                                .map(entry -> config(topic, entry)))
                        .toList());
    }

    ListOf<TopicAnswer> topics(String cluster, List<Topic> topics) {
        return new ListOf<>(
                "KafkaTopicList",
                new ListMetadata(clusterPath(cluster) + "/topics", null),
                topics.stream().map(this::topic).toList());
    }

    /** Partitions never move by themselves: there is none. */
    ListOf<Partition> reassignments(Topic topic) {
        return new ListOf<>(
                "KafkaReassignmentList",
                new ListMetadata(topicPath(topic) + "/partitions/-/reassignment", null),
                List.of());
    }

    ListOf<Partition> partitions(Topic topic) {
        return new ListOf<>(
                "KafkaPartitionList",
                new ListMetadata(topicPath(topic) + "/partitions", null),
                IntStream.range(0, topic.partitions())
                        .mapToObj(index -> partition(topic, index))
                        .toList());
    }

    private String topicPath(Topic topic) {
        return clusterPath(topic.tenant().clusterId()) + "/topics/" + topic.name();
    }

    private static String crn(Topic topic) {
        return "crn:///kafka=" + topic.tenant().clusterId() + "/topic=" + topic.name();
    }
}
