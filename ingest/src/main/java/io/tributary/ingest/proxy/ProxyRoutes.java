package io.tributary.ingest.proxy;

import io.tributary.ingest.consumer.Instances;
import io.tributary.ingest.door.AuthenticationGate;
import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.door.Replies;
import io.tributary.ingest.kafka.cluster.TopicAdmin;
import io.tributary.ingest.produce.ProduceRoute;
import io.tributary.kernel.fault.Problem;
import io.tributary.metadata.access.Principal;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Function;

/**
 * The routes of REST Proxy v2, found by cutting the path at its slashes. Whose key it is says which
 * cluster is meant.
 */
public final class ProxyRoutes implements Handler<RoutingContext> {
    private static final Problem NOT_FOUND = Problem.of(404, "HTTP 404 Not Found");

    private final TopicsRoute topics;
    private final ConsumersRoute consumers;

    /**
     * Serves topics and consumer instances.
     *
     * @param baseUri where a request's client reaches the service
     */
    public ProxyRoutes(
            IngestNode node,
            ProduceRoute produce,
            TopicAdmin admin,
            Instances instances,
            Function<RoutingContext, String> baseUri) {
        topics = new TopicsRoute(node, produce, admin);
        consumers = new ConsumersRoute(node, instances, baseUri);
    }

    @Override
    public void handle(RoutingContext request) {
        Principal who = request.get(AuthenticationGate.PRINCIPAL);
        if (who == null || who.tenant().isEmpty()) {
            Replies.problem(request, NOT_FOUND);
            return;
        }
        String[] parts = request.request().path().substring(1).split("/", -1);
        switch (parts[0]) {
            case "topics" -> topics(request, parts);
            case "admin" -> admin(request, parts);
            default -> consumers(request, parts);
        }
    }

    private void topics(RoutingContext request, String[] parts) {
        int length = parts.length;
        if (length > 2 && !parts[2].equals("partitions")) {
            Replies.problem(request, NOT_FOUND);
            return;
        }
        Method method = new Method(request);
        switch (length) {
            case 1 -> method.get(() -> topics.list(request));
            case 2 ->
                    method.get(() -> topics.topic(request, parts[1]))
                            .post(() -> topics.produce(request, parts[1], ""));
            case 3 -> method.get(() -> topics.partitions(request, parts[1]));
            case 4 ->
                    method.get(() -> topics.partition(request, parts[1], parts[3]))
                            .post(() -> topics.produce(request, parts[1], parts[3]));
            case 5 -> {
                if (parts[4].equals("offsets")) {
                    method.get(() -> topics.offsets(request, parts[1], parts[3]));
                }
            }
            default -> {}
        }
        method.end();
    }

    private void admin(RoutingContext request, String[] parts) {
        Method method = new Method(request);
        if (parts.length == 2 && parts[1].equals("topics")) {
            method.post(() -> topics.create(request));
        }
        method.end();
    }

    private void consumers(RoutingContext request, String[] parts) {
        Method method = new Method(request);
        if (parts.length == 2) {
            method.post(() -> consumers.create(request, parts[1]));
        } else if (parts.length >= 4 && parts[2].equals("instances")) {
            instance(request, method, parts);
        }
        method.end();
    }

    private void instance(RoutingContext request, Method method, String[] parts) {
        String group = parts[1];
        String name = parts[3];
        String what = String.join("/", java.util.Arrays.asList(parts).subList(4, parts.length));
        switch (what) {
            case "" -> {
                if (parts.length == 4) {
                    method.delete(() -> consumers.delete(request, group, name));
                }
            }
            case "subscription" ->
                    method.get(() -> consumers.subscription(request, group, name))
                            .post(() -> consumers.subscribe(request, group, name))
                            .delete(() -> consumers.unsubscribe(request, group, name));
            case "records" -> method.get(() -> consumers.records(request, group, name));
            case "offsets" ->
                    method.get(() -> consumers.committed(request, group, name))
                            .post(() -> consumers.commit(request, group, name));
            case "positions" -> method.post(() -> consumers.seek(request, group, name));
            case "positions/beginning" ->
                    method.post(() -> consumers.seekTo(request, group, name, false));
            case "positions/end" -> method.post(() -> consumers.seekTo(request, group, name, true));
            case "assignments" ->
                    method.get(() -> consumers.assignment(request, group, name))
                            .post(() -> consumers.assign(request, group, name));
            default -> {}
        }
    }

    /** Finds what a path does with a request's method. */
    private static final class Method {
        private final RoutingContext request;
        private final String method;
        private final StringBuilder allowed = new StringBuilder();
        private boolean done;

        Method(RoutingContext request) {
            this.request = request;
            method = request.request().method().name();
        }

        Method get(Runnable work) {
            return on("GET", work);
        }

        Method post(Runnable work) {
            return on("POST", work);
        }

        Method delete(Runnable work) {
            return on("DELETE", work);
        }

        private Method on(String name, Runnable work) {
            allowed.append(allowed.isEmpty() ? "" : ", ").append(name);
            if (method.equals(name)) {
                done = true;
                work.run();
            }
            return this;
        }

        void end() {
            if (done) {
                return;
            }
            if (allowed.isEmpty()) {
                Replies.problem(request, NOT_FOUND);
            } else {
                request.response().putHeader("Allow", allowed.toString());
                Replies.problem(request, Problem.of(405, "HTTP 405 Method Not Allowed"));
            }
        }
    }
}
