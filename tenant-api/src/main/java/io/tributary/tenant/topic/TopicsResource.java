package io.tributary.tenant.topic;

import io.tributary.kernel.fault.Problem;
import io.tributary.metadata.broker.BrokerConfigs;
import io.tributary.metadata.topic.Topic;
import io.tributary.tenant.rest.CurrentRequest;
import io.tributary.tenant.topic.TopicAnswers.Cluster;
import io.tributary.tenant.topic.TopicAnswers.Config;
import io.tributary.tenant.topic.TopicAnswers.ListMetadata;
import io.tributary.tenant.topic.TopicAnswers.ListOf;
import io.tributary.tenant.topic.TopicAnswers.Partition;
import io.tributary.tenant.topic.TopicAnswers.Replica;
import io.tributary.tenant.topic.TopicAnswers.TopicAnswer;
import io.tributary.tenant.topic.TopicService.ConfigChange;
import io.tributary.tenant.topic.TopicService.TopicChange;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.eclipse.microprofile.openapi.annotations.Operation;

/**
 * Clusters and topics as in Confluent's REST v3. Served under two roots, which only differ in their
 * links.
 */
abstract class TopicsResource {
    private final TopicService topics;
    private final CurrentRequest request;
    private final String root;

    TopicsResource(TopicService topics, CurrentRequest request, String root) {
        this.topics = topics;
        this.request = request;
        this.root = root;
    }

    private TopicAnswers answers() {
        return new TopicAnswers(request.baseUrl() + root);
    }

    @GET
    @Operation(summary = "The caller's own cluster, as a list of one")
    public ListOf<Cluster> clusters() {
        String own =
                request.principal()
                        .tenant()
                        .orElseThrow(() -> Problem.of(404, "HTTP 404 Not Found").asException())
                        .clusterId();
        return new ListOf<>(
                "KafkaClusterList",
                new ListMetadata(request.baseUrl() + root + "/clusters", null),
                List.of(answers().cluster(own)));
    }

    @GET
    @Path("/{cluster_id}")
    @Operation(summary = "The caller's own cluster")
    public Cluster cluster(@PathParam("cluster_id") String cluster) {
        return answers().cluster(topics.tenant(request.principal(), cluster).clusterId());
    }

    @GET
    @Path("/{cluster_id}/topics")
    @Operation(summary = "List topics")
    public ListOf<TopicAnswer> list(@PathParam("cluster_id") String cluster) throws IOException {
        return answers().topics(cluster, topics.list(request.principal(), cluster));
    }

    @POST
    @Path("/{cluster_id}/topics")
    @Operation(summary = "Create a topic")
    public Response create(@PathParam("cluster_id") String cluster, TopicRequests.Create body)
            throws IOException {
        topics.tenant(request.principal(), cluster);
        if (body == null || body.topicName() == null) {
            throw Problem.of(400, 40002, "topic_name is missing.").asException();
        }
        if (body.replicationFactor() != null && body.replicationFactor() < -1) {
            throw Problem.of(400, 40002, "replication_factor must be at least 1.").asException();
        }
        if (body.replicasAssignments() != null && !body.replicasAssignments().isEmpty()) {
            throw Problem.of(400, 40002, "replicas_assignments is decided by the service.")
                    .asException();
        }
        boolean validateOnly = Boolean.TRUE.equals(body.validateOnly());
        ConfigChange configs =
                TopicRequests.change(Optional.ofNullable(body.configs()).orElse(List.of()));
        Topic topic =
                topics.create(
                        request.principal(),
                        cluster,
                        body.topicName(),
                        body.partitionsCount() == null || body.partitionsCount() == -1
                                ? topics.broker(request.principal())
                                        .number(BrokerConfigs.NUM_PARTITIONS)
                                : body.partitionsCount(),
                        configs.set(),
                        validateOnly);
        TopicAnswer answer = answers().topic(topic);
        return Response.status(validateOnly ? Response.Status.OK : Response.Status.CREATED)
                .entity(answer)
                .build();
    }

    @GET
    @Path("/{cluster_id}/topics/-/configs")
    @Operation(summary = "The configs of all topics")
    public ListOf<Config> allConfigs(@PathParam("cluster_id") String cluster) throws IOException {
        return answers()
                .configs(
                        answers().clusterPath(cluster) + "/topics/-/configs",
                        topics.list(request.principal(), cluster),
                        topics::describe);
    }

    @GET
    @Path("/{cluster_id}/topics/{topic_name}")
    @Operation(summary = "One topic")
    public TopicAnswer get(
            @PathParam("cluster_id") String cluster, @PathParam("topic_name") String name)
            throws IOException {
        return answers().topic(topic(cluster, name));
    }

    @DELETE
    @Path("/{cluster_id}/topics/{topic_name}")
    @Operation(summary = "Delete a topic and its records")
    public void delete(
            @PathParam("cluster_id") String cluster, @PathParam("topic_name") String name)
            throws IOException {
        topics.delete(request.principal(), cluster, name);
    }

    @PATCH
    @Path("/{cluster_id}/topics/{topic_name}")
    @Operation(summary = "Change a topic's configs and give it more partitions")
    public TopicAnswer patch(
            @PathParam("cluster_id") String cluster,
            @PathParam("topic_name") String name,
            TopicRequests.Patch body)
            throws IOException {
        topic(cluster, name);
        if (body == null) {
            throw Problem.of(422, "The body is empty.").asException();
        }
        ConfigChange configs =
                TopicRequests.change(Optional.ofNullable(body.configs()).orElse(List.of()));
        TopicChange change =
                new TopicChange(
                        body.partitionsCount() == null
                                ? OptionalInt.empty()
                                : OptionalInt.of(body.partitionsCount()),
                        configs);
        return answers().topic(topics.alter(request.principal(), cluster, name, change, false));
    }

    @GET
    @Path("/{cluster_id}/topics/{topic_name}/configs")
    @Operation(summary = "A topic's configs")
    public ListOf<Config> configs(
            @PathParam("cluster_id") String cluster, @PathParam("topic_name") String name)
            throws IOException {
        Topic topic = topic(cluster, name);
        return answers()
                .configs(
                        answers().clusterPath(cluster) + "/topics/" + topic.name() + "/configs",
                        List.of(topic),
                        topics::describe);
    }

    @GET
    @Path("/{cluster_id}/topics/{topic_name}/configs/{name}")
    @Operation(summary = "One config of a topic")
    public Config config(
            @PathParam("cluster_id") String cluster,
            @PathParam("topic_name") String topicName,
            @PathParam("name") String name)
            throws IOException {
        Topic topic = topic(cluster, topicName);
        return topics.describe(topic).stream()
                .filter(entry -> entry.entry().name().equals(name))
                .findFirst()
                .map(entry -> answers().config(topic, entry))
                .orElseThrow(() -> Problem.of(404, "There is no such config.").asException());
    }

    @PUT
    @Path("/{cluster_id}/topics/{topic_name}/configs/{name}")
    @Operation(summary = "Set one config of a topic")
    public void setConfig(
            @PathParam("cluster_id") String cluster,
            @PathParam("topic_name") String topic,
            @PathParam("name") String name,
            TopicRequests.Value body)
            throws IOException {
        if (body == null || body.value() == null) {
            throw Problem.of(400, 40002, "value is missing.").asException();
        }
        alter(cluster, topic, new ConfigChange(Map.of(name, body.value()), List.of()), false);
    }

    @DELETE
    @Path("/{cluster_id}/topics/{topic_name}/configs/{name}")
    @Operation(summary = "Put one config of a topic back to its default")
    public void resetConfig(
            @PathParam("cluster_id") String cluster,
            @PathParam("topic_name") String topic,
            @PathParam("name") String name)
            throws IOException {
        alter(cluster, topic, new ConfigChange(Map.of(), List.of(name)), false);
    }

    @POST
    @Path("/{cluster_id}/topics/{topic_name}/configs:alter")
    @Operation(summary = "Change several configs of a topic, all or none")
    public void alterConfigs(
            @PathParam("cluster_id") String cluster,
            @PathParam("topic_name") String topic,
            TopicRequests.Alter body)
            throws IOException {
        topic(cluster, topic);
        ConfigChange change = TopicRequests.change(body);
        alter(cluster, topic, change, Boolean.TRUE.equals(body.validateOnly()));
    }

    private void alter(String cluster, String topic, ConfigChange change, boolean validateOnly)
            throws IOException {
        topics.alter(
                request.principal(),
                cluster,
                topic,
                new TopicChange(OptionalInt.empty(), change),
                validateOnly);
    }

    @GET
    @Path("/{cluster_id}/topics/{topic_name}/partitions")
    @Operation(summary = "A topic's partitions")
    public ListOf<Partition> partitions(
            @PathParam("cluster_id") String cluster, @PathParam("topic_name") String name)
            throws IOException {
        return answers().partitions(topic(cluster, name));
    }

    @GET
    @Path("/{cluster_id}/topics/{topic_name}/partitions/{partition_id}")
    @Operation(summary = "One partition")
    public Partition partition(
            @PathParam("cluster_id") String cluster,
            @PathParam("topic_name") String name,
            @PathParam("partition_id") String partition)
            throws IOException {
        Topic topic = topic(cluster, name);
        return answers().partition(topic, index(topic, partition));
    }

    @GET
    @Path("/{cluster_id}/topics/{topic_name}/partitions/{partition_id}/replicas")
    @Operation(summary = "A partition's replicas: the one that leads")
    public ListOf<Replica> replicas(
            @PathParam("cluster_id") String cluster,
            @PathParam("topic_name") String name,
            @PathParam("partition_id") String partition)
            throws IOException {
        Topic topic = topic(cluster, name);
        Replica replica = answers().replica(topic, index(topic, partition));
        return new ListOf<>(
                "KafkaReplicaList",
                new ListMetadata(replica.metadata().self().replaceAll("/0$", ""), null),
                List.of(replica));
    }

    @GET
    @Path("/{cluster_id}/topics/{topic_name}/partitions/{partition_id}/replicas/{broker_id}")
    @Operation(summary = "A partition's replica on the one broker, 0")
    public Replica replica(
            @PathParam("cluster_id") String cluster,
            @PathParam("topic_name") String name,
            @PathParam("partition_id") String partition,
            @PathParam("broker_id") String broker)
            throws IOException {
        Topic topic = topic(cluster, name);
        int index = index(topic, partition);
        if (!broker.equals("0")) {
            throw Problem.of(404, 40404, "There is no such replica.").asException();
        }
        return answers().replica(topic, index);
    }

    @GET
    @Path("/{cluster_id}/topics/{topic_name}/partitions/-/reassignment")
    @Operation(summary = "A topic's partitions on the move: none")
    public ListOf<Partition> reassignments(
            @PathParam("cluster_id") String cluster, @PathParam("topic_name") String name)
            throws IOException {
        return answers().reassignments(topic(cluster, name));
    }

    private Topic topic(String cluster, String name) throws IOException {
        return topics.get(request.principal(), cluster, name);
    }

    private static int index(Topic topic, String text) {
        try {
            int index = Integer.parseInt(text);
            if (index >= 0 && index < topic.partitions()) {
                return index;
            }
        } catch (NumberFormatException e) {
            throw TopicService.noTopic();
        }
        throw TopicService.noTopic();
    }
}
