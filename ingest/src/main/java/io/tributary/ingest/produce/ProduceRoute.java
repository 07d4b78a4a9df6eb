package io.tributary.ingest.produce;

import com.fasterxml.jackson.core.JsonPointer;
import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.door.Permission;
import io.tributary.ingest.door.Replies;
import io.tributary.ingest.door.TopicAccess;
import io.tributary.ingest.json.JsonRecords;
import io.tributary.ingest.json.LineRecords;
import io.tributary.ingest.json.RecordSource;
import io.tributary.ingest.quota.Excess;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.id.ShardId;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.topic.Topic;
import io.tributary.storage.ShardUnavailableException;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Takes records: one, many in a stream, or a batch. */
public final class ProduceRoute {
    private static final int MAX_KEY_LENGTH = 255;

    private final IngestNode node;
    private final TopicAccess access;

    public ProduceRoute(IngestNode node, TopicAccess access) {
        this.node = node;
        this.access = access;
    }

    /** Whether {@link #discard} is served. */
    public boolean discards() {
        return node.benchCeiling();
    }

    /** {@code …/records}: JSON objects one after the other, or lines. */
    public void records(RoutingContext request, String cluster, String topic) {
        access.with(
                request,
                cluster,
                topic,
                Operation.PRODUCE,
                permission -> begin(request, permission, false));
    }

    /** {@code …/records:discard}: the same, but records are dropped; the ceiling of benchmarks. */
    public void discard(RoutingContext request, String cluster, String topic) {
        access.with(
                request,
                cluster,
                topic,
                Operation.PRODUCE,
                permission -> begin(request, permission, true));
    }

    /** {@code …/records:batch}: named records in one body. */
    public void batch(RoutingContext request, String cluster, String topic) {
        access.with(
                request,
                cluster,
                topic,
                Operation.PRODUCE,
                permission -> {
                    if (!mediaType(request).equals("application/json")) {
                        unsupported(request, "application/json");
                        return;
                    }
                    if (!known(request, false) || usedUp(request, permission)) {
                        return;
                    }
                    target(request, permission.topic(), false)
                            .ifPresent(
                                    target ->
                                            new BatchExchange(request, permission, target).start());
                });
    }

    /**
     * A produce of REST Proxy v2.
     *
     * @param order what its body means and how it is answered
     */
    public void proxy(RoutingContext request, Permission permission, ProxyExchange.Order order) {
        if (usedUp(request, permission)) {
            return;
        }
        target(request, permission.topic(), false)
                .ifPresent(target -> new ProxyExchange(request, permission, target, order).start());
    }

    private void begin(RoutingContext request, Permission permission, boolean discard) {
        Optional<Target> target = target(request, permission.topic(), discard);
        if (target.isEmpty()) {
            return;
        }
        int readableBytes = target.get().readableBytes();
        RecordSource source;
        switch (mediaType(request)) {
            case "application/json" -> source = new JsonRecords(readableBytes);
            case "application/x-ndjson" -> {
                Optional<JsonPointer> pointer;
                try {
                    pointer =
                            Optional.ofNullable(request.request().getParam("key"))
                                    .map(JsonPointer::compile);
                } catch (IllegalArgumentException e) {
                    Replies.problem(
                            request,
                            Problem.of(400, "key is not a JSON pointer such as /user/id."));
                    return;
                }
                source = new LineRecords(readableBytes, pointer);
            }
            default -> {
                unsupported(request, "application/json or application/x-ndjson");
                return;
            }
        }
        if (!known(request, source instanceof LineRecords) || usedUp(request, permission)) {
            return;
        }
        new StreamExchange(request, permission, target.get(), source).start();
    }

    /** Whether nothing may be produced now, which is said before the body is taken. */
    private static boolean usedUp(RoutingContext request, Permission permission) {
        Optional<Excess> excess = permission.claim().refused(Quota.PRODUCE_BYTES_PER_SECOND);
        excess.ifPresent(one -> Replies.excess(request, one));
        return excess.isPresent();
    }

    /** The one parameter there is, {@code key}, means something for lines only. */
    private static boolean known(RoutingContext request, boolean lines) {
        for (String name : request.queryParams().names()) {
            if (!lines || !name.equals("key")) {
                Replies.problem(request, Problem.of(400, "Unknown parameter: " + name));
                return false;
            }
        }
        if (request.queryParams().getAll("key").size() > 1) {
            Replies.problem(request, Problem.of(400, "Give key once."));
            return false;
        }
        return true;
    }

    private Optional<Target> target(RoutingContext request, Topic topic, boolean discard) {
        String encoding = request.request().getHeader("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            Replies.problem(request, Problem.of(415, "Content-Encoding must be identity."));
            return Optional.empty();
        }
        List<String> keys = request.request().headers().getAll("Idempotency-Key");
        Optional<RetryKey> retry = Optional.empty();
        if (!keys.isEmpty()) {
            String key = keys.getFirst();
            if (keys.size() > 1
                    || key.isEmpty()
                    || key.length() > MAX_KEY_LENGTH
                    || key.chars().anyMatch(c -> c < '!' || c > '~')) {
                Replies.problem(
                        request,
                        Problem.of(
                                400,
                                "Idempotency-Key must be 1 to "
                                        + MAX_KEY_LENGTH
                                        + " visible ASCII characters."));
                return Optional.empty();
            }
            try {
                retry = Optional.of(retryKey(topic, key));
            } catch (ShardUnavailableException e) {
                Replies.problem(request, Replies.toProblem(e));
                return Optional.empty();
            }
        }
        int spread = retry.map(RetryKey::spread).orElse(topic.partitions());
        int sticky =
                retry.map(RetryKey::sticky).orElseGet(() -> node.random().nextInt())
                        & Integer.MAX_VALUE;
        return Optional.of(
                new Target(
                        node,
                        topic,
                        node.settings().apply(topic),
                        discard ? Optional.empty() : retry,
                        sticky % spread,
                        discard));
    }

    /** A retry goes where the first try went, though the topic got more partitions meanwhile. */
    private RetryKey retryKey(Topic topic, String key) throws ShardUnavailableException {
        for (int earlier : topic.earlierPartitions().reversed()) {
            RetryKey spread = RetryKey.of(topic, earlier, key);
            for (ShardId shard : Set.copyOf(topic.shards())) {
                if (node.shards().shard(shard).remembers(spread.id())) {
                    return spread;
                }
            }
        }
        return RetryKey.of(topic, topic.partitions(), key);
    }

    private static String mediaType(RoutingContext request) {
        String type = request.request().getHeader("Content-Type");
        if (type == null) {
            return "";
        }
        int end = type.indexOf(';');
        return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    }

    private static void unsupported(RoutingContext request, String expected) {
        Replies.problem(request, Problem.of(415, "Content-Type must be " + expected + "."));
    }
}
