package io.tributary.ingest.proxy;

import io.tributary.ingest.consumer.GroupOffsets.Offset;
import io.tributary.ingest.consumer.Instance.Where;
import io.tributary.ingest.consumer.Instances;
import io.tributary.ingest.consumer.Poll;
import io.tributary.ingest.consumer.Subscription;
import io.tributary.ingest.consumer.Subscription.Place;
import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.door.Replies;
import io.tributary.ingest.door.TenantCaller;
import io.tributary.ingest.door.WholeBody;
import io.tributary.ingest.json.JsonOutput;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.topic.Topic;
import io.tributary.storage.Shard;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/** Consumer instances over HTTP, as REST Proxy v2 and Strimzi's bridge have them. */
final class ConsumersRoute {
    private static final int MAX_BODY_BYTES = 1 << 20;
    private static final int DEFAULT_MAX_BYTES = 4 << 20;

    /** The most a poll returns, whatever it asks for. */
    private static final int LARGEST_MAX_BYTES = 16 << 20;

    private static final int NO_CONTENT = 204;

    private final IngestNode node;
    private final Instances instances;
    private final Function<RoutingContext, String> baseUri;

    /**
     * Serves these instances.
     *
     * @param baseUri where a request's client reaches the service
     */
    ConsumersRoute(IngestNode node, Instances instances, Function<RoutingContext, String> baseUri) {
        this.node = node;
        this.instances = instances;
        this.baseUri = baseUri;
    }

    /** What an answer says; empty for nothing. */
    private interface Work {
        Optional<JsonOutput> run(TenantCaller caller, byte[] body)
                throws IOException, InterruptedException;
    }

    /** {@code POST /consumers/{group}}. */
    void create(RoutingContext request, String group) {
        answer(
                request,
                (caller, body) -> {
                    InstanceBody asked = new InstanceBody(body);
                    String name = instances.create(caller, group, asked.name(), asked.config());
                    String uri =
                            baseUri.apply(request) + "/consumers/" + group + "/instances/" + name;
                    return Optional.of(
                            new JsonOutput(256)
                                    .ascii("{\"instance_id\":")
                                    .quoted(name)
                                    .ascii(",\"base_uri\":")
                                    .quoted(uri)
                                    .ascii("}"));
                });
    }

    /** {@code DELETE /consumers/{group}/instances/{name}}. */
    void delete(RoutingContext request, String group, String name) {
        answer(
                request,
                (caller, body) -> {
                    instances.delete(caller, group, name);
                    return Optional.empty();
                });
    }

    /** {@code POST …/subscription}. */
    void subscribe(RoutingContext request, String group, String name) {
        answer(
                request,
                (caller, body) -> {
                    Subscription wanted = PlacesBody.subscription(body);
                    instances.subscribe(caller, group, name, wanted);
                    return Optional.empty();
                });
    }

    /** {@code GET …/subscription}. */
    void subscription(RoutingContext request, String group, String name) {
        answer(
                request,
                (caller, body) -> {
                    JsonOutput out = new JsonOutput(256).ascii("{\"topics\":[");
                    String separator = "";
                    for (String topic : instances.topics(caller, group, name)) {
                        out.ascii(separator).quoted(topic);
                        separator = ",";
                    }
                    return Optional.of(out.ascii("]}"));
                });
    }

    /** {@code DELETE …/subscription}. */
    void unsubscribe(RoutingContext request, String group, String name) {
        answer(
                request,
                (caller, body) -> {
                    instances.unsubscribe(caller, group, name);
                    return Optional.empty();
                });
    }

    /** {@code POST …/assignments}. */
    void assign(RoutingContext request, String group, String name) {
        answer(
                request,
                (caller, body) -> {
                    instances.assign(caller, group, name, PlacesBody.partitions(body));
                    return Optional.empty();
                });
    }

    /** {@code GET …/assignments}. */
    void assignment(RoutingContext request, String group, String name) {
        answer(
                request,
                (caller, body) -> {
                    JsonOutput out = new JsonOutput(256).ascii("{\"partitions\":[");
                    String separator = "";
                    for (Place place : instances.assignment(caller, group, name)) {
                        out.ascii(separator).ascii("{\"topic\":").quoted(place.topic());
                        out.ascii(",\"partition\":").number(place.partition()).ascii("}");
                        separator = ",";
                    }
                    return Optional.of(out.ascii("]}"));
                });
    }

    /** {@code POST …/offsets}; it is done when it is answered, also where async is asked for. */
    void commit(RoutingContext request, String group, String name) {
        answer(
                request,
                (caller, body) -> {
                    Map<String, String> _ = Parameters.of(request, "async");
                    instances.commit(caller, group, name, PlacesBody.commits(body));
                    return Optional.empty();
                });
    }

    /** {@code GET …/offsets}: of what the body or a parameter names, or of all it has. */
    void committed(RoutingContext request, String group, String name) {
        answer(
                request,
                (caller, body) -> {
                    String named = Parameters.of(request, "partitions").get("partitions");
                    Optional<List<Place>> places =
                            body.length > 0
                                    ? Optional.of(PlacesBody.partitions(body))
                                    : Optional.ofNullable(named).map(PlacesBody::parameter);
                    JsonOutput out = new JsonOutput(256).ascii("{\"offsets\":[");
                    String separator = "";
                    for (Map.Entry<Place, Offset> one :
                            instances.committed(caller, group, name, places).entrySet()) {
                        out.ascii(separator).ascii("{\"topic\":").quoted(one.getKey().topic());
                        out.ascii(",\"partition\":").number(one.getKey().partition());
                        out.ascii(",\"offset\":").number(one.getValue().offset());
                        String metadata = one.getValue().metadata();
                        out.ascii(",\"metadata\":").quoted(metadata == null ? "" : metadata);
                        out.ascii("}");
                        separator = ",";
                    }
                    return Optional.of(out.ascii("]}"));
                });
    }

    /** {@code POST …/positions}. */
    void seek(RoutingContext request, String group, String name) {
        answer(
                request,
                (caller, body) -> {
                    PlacesBody.Seeks seeks = PlacesBody.seeks(body);
                    Map<Place, Where> to = new LinkedHashMap<>();
                    seeks.offsets().forEach((place, offset) -> to.put(place, (t, p) -> offset));
                    seeks.timestamps()
                            .forEach(
                                    (place, millis) ->
                                            to.put(
                                                    place,
                                                    (topic, index) -> at(topic, index, millis)));
                    instances.seek(caller, group, name, to);
                    return Optional.empty();
                });
    }

    private Shard shard(Topic topic, int index) throws IOException {
        return node.shards().shard(topic.shard(index));
    }

    private long at(Topic topic, int index, long millis) throws IOException {
        long end = shard(topic, index).offsets(topic.partition(index)).highWatermark();
        return shard(topic, index).offsetAtTime(topic.partition(index), millis).orElse(end);
    }

    /** {@code POST …/positions/beginning} and {@code …/positions/end}. */
    void seekTo(RoutingContext request, String group, String name, boolean end) {
        answer(
                request,
                (caller, body) -> {
                    Map<Place, Where> to = new LinkedHashMap<>();
                    for (Place place : PlacesBody.partitions(body)) {
                        to.put(
                                place,
                                (topic, index) -> {
                                    Shard.Offsets offsets =
                                            shard(topic, index).offsets(topic.partition(index));
                                    return end ? offsets.highWatermark() : offsets.logStart();
                                });
                    }
                    instances.seek(caller, group, name, to);
                    return Optional.empty();
                });
    }

    /** {@code GET …/records}. */
    void records(RoutingContext request, String group, String name) {
        CountDownLatch gone = new CountDownLatch(1);
        request.response().closeHandler(closed -> gone.countDown());
        Context loop = request.vertx().getOrCreateContext();
        blocking(
                request,
                caller -> {
                    String type =
                            MediaTypes.answer(
                                    request, instances.config(caller, group, name).format());
                    Poll.Returned returned =
                            instances.poll(caller, group, name, asked(request, gone));
                    loop.runOnContext(done -> hand(request, type, returned));
                });
    }

    private static Instances.Asked asked(RoutingContext request, CountDownLatch gone) {
        Map<String, String> given = Parameters.of(request, "timeout", "max_bytes");
        long timeout = Parameters.number(given, "timeout", -1);
        long most = InstanceBody.LONGEST_PATIENCE.toMillis();
        Optional<Duration> patience =
                timeout < 0
                        ? Optional.empty()
                        : Optional.of(Duration.ofMillis(Math.min(timeout, most)));
        long bytes = Parameters.number(given, "max_bytes", DEFAULT_MAX_BYTES);
        return new Instances.Asked(patience, Math.clamp(bytes, 1, LARGEST_MAX_BYTES), gone);
    }

    private void hand(RoutingContext request, String type, Poll.Returned returned) {
        if (request.response().ended() || request.response().closed()) {
            node.blocking().execute(returned.undo());
            return;
        }
        request.response()
                .putHeader("Content-Type", type)
                .end(returned.array())
                .onFailure(lost -> node.blocking().execute(returned.undo()));
    }

    private void answer(RoutingContext request, Work work) {
        Context loop = request.vertx().getOrCreateContext();
        WholeBody.read(
                request,
                "The body",
                MAX_BODY_BYTES,
                body ->
                        blocking(
                                request,
                                caller -> {
                                    if (body.length > 0) {
                                        MediaTypes.checkJson(request);
                                    }
                                    String type = MediaTypes.answer(request);
                                    Optional<Buffer> said =
                                            work.run(caller, body).map(JsonOutput::take);
                                    loop.runOnContext(done -> reply(request, type, said));
                                }));
    }

    private static void reply(RoutingContext request, String type, Optional<Buffer> said) {
        if (request.response().ended() || request.response().closed()) {
            return;
        }
        if (said.isPresent()) {
            request.response().putHeader("Content-Type", type).end(said.get());
        } else {
            request.response().setStatusCode(NO_CONTENT).end();
        }
    }

    private interface Blocking {
        void run(TenantCaller caller) throws IOException, InterruptedException;
    }

    private void blocking(RoutingContext request, Blocking work) {
        Context loop = request.vertx().getOrCreateContext();
        TenantCaller caller;
        try {
            caller = new TenantCaller(node.authenticator(), request);
        } catch (ProblemException e) {
            Replies.problem(request, e.problem());
            return;
        }
        node.blocking()
                .execute(
                        () -> {
                            try {
                                work.run(caller);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            } catch (IOException | RuntimeException e) {
                                Problem problem = Replies.toProblem(e);
                                loop.runOnContext(done -> Replies.problem(request, problem));
                            }
                        });
    }
}
