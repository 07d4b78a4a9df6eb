package io.tributary.ingest.proxy;

import io.tributary.ingest.consumer.Refusals;
import io.tributary.ingest.door.AuthenticationGate;
import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.door.Replies;
import io.tributary.ingest.door.TopicAccess;
import io.tributary.ingest.door.WholeBody;
import io.tributary.ingest.json.Format;
import io.tributary.ingest.json.JsonFields;
import io.tributary.ingest.json.JsonOutput;
import io.tributary.ingest.kafka.cluster.TopicAdmin;
import io.tributary.ingest.produce.ProduceRoute;
import io.tributary.ingest.produce.ProxyExchange;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.TopicConfigs;
import io.tributary.storage.Shard.Offsets;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;

/** Topics as REST Proxy v2 shows them, and a produce to them. */
final class TopicsRoute {
    private static final int MAX_BODY_BYTES = 16 << 10;
    private static final int MAX_DIGITS = 9;

    private final IngestNode node;
    private final TopicAccess access;
    private final ProduceRoute produce;
    private final TopicAdmin admin;

    TopicsRoute(IngestNode node, ProduceRoute produce, TopicAdmin admin) {
        this.node = node;
        this.produce = produce;
        this.admin = admin;
        access = new TopicAccess(node, Refusals.noTopic());
    }

    /** {@code GET /topics}: the names of those the caller may see. */
    void list(RoutingContext request) {
        Principal who = request.get(AuthenticationGate.PRINCIPAL);
        blocking(
                request,
                200,
                () -> {
                    JsonOutput out = new JsonOutput(1 << 10).ascii("[");
                    String separator = "";
                    for (Topic topic : node.topics().list(who.tenant().orElseThrow())) {
                        if (who.maySee(topic.name())) {
                            out.ascii(separator).quoted(topic.name());
                            separator = ",";
                        }
                    }
                    return out.ascii("]");
                });
    }

    /** {@code GET /topics/{t}}. */
    void topic(RoutingContext request, String name) {
        seen(
                request,
                name,
                topic -> {
                    JsonOutput out = new JsonOutput(1 << 10).ascii("{\"name\":");
                    out.quoted(topic.name()).ascii(",\"configs\":{");
                    String separator = "";
                    for (TopicConfigs.Entry entry : TopicConfigs.describe(topic.configs())) {
                        out.ascii(separator).quoted(entry.name()).ascii(":").quoted(entry.value());
                        separator = ",";
                    }
                    return partitions(out.ascii("},\"partitions\":"), topic).ascii("}");
                });
    }

    /** {@code GET /topics/{t}/partitions}. */
    void partitions(RoutingContext request, String name) {
        seen(request, name, topic -> partitions(new JsonOutput(1 << 10), topic));
    }

    /** {@code GET /topics/{t}/partitions/{p}}. */
    void partition(RoutingContext request, String name, String partition) {
        seen(request, name, topic -> partition(new JsonOutput(128), index(topic, partition)));
    }

    /** {@code GET /topics/{t}/partitions/{p}/offsets}. */
    void offsets(RoutingContext request, String name, String partition) {
        access.with(
                request,
                cluster(request),
                name,
                Operation.CONSUME,
                permission -> {
                    Topic topic = permission.topic();
                    try {
                        int index = index(topic, partition);
                        Offsets offsets =
                                node.shards()
                                        .shard(topic.shard(index))
                                        .offsets(topic.partition(index));
                        JsonOutput out = new JsonOutput(96);
                        out.ascii("{\"beginning_offset\":").number(offsets.logStart());
                        out.ascii(",\"end_offset\":").number(offsets.highWatermark()).ascii("}");
                        answer(request, 200, out.take());
                    } catch (IOException | RuntimeException e) {
                        Replies.problem(request, Replies.toProblem(e));
                    }
                });
    }

    /** {@code POST /topics/{t}} and {@code POST /topics/{t}/partitions/{p}}. */
    void produce(RoutingContext request, String name, String partition) {
        access.with(
                request,
                cluster(request),
                name,
                Operation.PRODUCE,
                permission -> {
                    try {
                        Format format = MediaTypes.produced(request);
                        String async = Parameters.of(request, "async").getOrDefault("async", "");
                        OptionalInt index =
                                partition.isEmpty()
                                        ? OptionalInt.empty()
                                        : OptionalInt.of(index(permission.topic(), partition));
                        produce.proxy(
                                request,
                                permission,
                                new ProxyExchange.Order(
                                        format,
                                        index,
                                        async.equals("true"),
                                        MediaTypes.answer(request)));
                    } catch (ProblemException e) {
                        Replies.problem(request, e.problem());
                    }
                });
    }

    /** {@code POST /admin/topics}, as Strimzi's bridge has it. */
    void create(RoutingContext request) {
        Principal who = request.get(AuthenticationGate.PRINCIPAL);
        WholeBody.read(
                request,
                "The body",
                MAX_BODY_BYTES,
                body ->
                        blocking(
                                request,
                                201,
                                () -> {
                                    MediaTypes.checkJson(request);
                                    NewTopic topic = new NewTopic(body);
                                    Topic _ =
                                            admin.create(
                                                    who,
                                                    topic.name,
                                                    topic.partitions,
                                                    Map.of(),
                                                    false);
                                    return new JsonOutput(0);
                                }));
    }

    /** What the body of {@link #create} asks for. */
    private static final class NewTopic {
        private static final int MOST = 1_000_000;

        private String name = "";
        private int partitions = 1;

        NewTopic(byte[] body) {
            JsonFields.read(
                    body,
                    (value, field) -> {
                        switch (field) {
                            case "topic_name" -> name = value.string(field);
                            case "partitions_count" -> {
                                if (!value.isNull()) {
                                    partitions = (int) value.number(field, 1, MOST);
                                }
                            }
                            case "replication_factor" -> {
                                if (!value.isNull()) {
                                    long _ = value.number(field, 1, MOST);
                                }
                            }
                            default -> throw JsonFields.unknown(field);
                        }
                    });
        }
    }

    private void seen(RoutingContext request, String name, Function<Topic, JsonOutput> answer) {
        Principal who = request.get(AuthenticationGate.PRINCIPAL);
        blocking(
                request,
                200,
                () -> {
                    if (!who.maySee(name)) {
                        throw Refusals.noTopic().asException();
                    }
                    return answer.apply(
                            node.topics()
                                    .find(who.tenant().orElseThrow(), name)
                                    .orElseThrow(Refusals.noTopic()::asException));
                });
    }

    private interface Work {
        JsonOutput run() throws IOException;
    }

    private void blocking(RoutingContext request, int status, Work work) {
        Context loop = request.vertx().getOrCreateContext();
        node.blocking()
                .execute(
                        () -> {
                            try {
                                Buffer body = work.run().take();
                                loop.runOnContext(done -> answer(request, status, body));
                            } catch (IOException | RuntimeException e) {
                                Problem problem = Replies.toProblem(e);
                                loop.runOnContext(done -> Replies.problem(request, problem));
                            }
                        });
    }

    private static void answer(RoutingContext request, int status, Buffer body) {
        if (request.response().ended() || request.response().closed()) {
            return;
        }
        try {
            request.response()
                    .setStatusCode(status)
                    .putHeader("Content-Type", MediaTypes.answer(request))
                    .end(body);
        } catch (ProblemException e) {
            Replies.problem(request, e.problem());
        }
    }

    private static String cluster(RoutingContext request) {
        Principal who = request.get(AuthenticationGate.PRINCIPAL);
        return who.tenant().orElseThrow().clusterId();
    }

    private static JsonOutput partitions(JsonOutput out, Topic topic) {
        out.ascii("[");
        for (int i = 0; i < topic.partitions(); i++) {
            out.ascii(i == 0 ? "" : ",");
            partition(out, i);
        }
        return out.ascii("]");
    }

    /** Broker 0 is the one there is. */
    private static JsonOutput partition(JsonOutput out, int index) {
        return out.ascii("{\"partition\":")
                .number(index)
                .ascii(",\"leader\":0,\"replicas\":[{\"broker\":0,\"leader\":true,")
                .ascii("\"in_sync\":true}]}");
    }

    private static int index(Topic topic, String text) {
        if (text.isEmpty()
                || text.length() > MAX_DIGITS
                || !text.chars().allMatch(c -> c >= '0' && c <= '9')
                || Integer.parseInt(text) >= topic.partitions()) {
            throw Refusals.noPartition().asException();
        }
        return Integer.parseInt(text);
    }
}
