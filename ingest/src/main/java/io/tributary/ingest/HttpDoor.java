package io.tributary.ingest;

import io.tributary.ingest.consumer.Instances;
import io.tributary.ingest.door.AuthenticationGate;
import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.door.SmallBodies;
import io.tributary.ingest.door.TopicAccess;
import io.tributary.ingest.fetch.DeleteRecordsRoute;
import io.tributary.ingest.fetch.FetchRoute;
import io.tributary.ingest.fetch.PartitionRoute;
import io.tributary.ingest.kafka.cluster.TopicAdmin;
import io.tributary.ingest.operator.OperatorRoutes;
import io.tributary.ingest.produce.ProduceRoute;
import io.tributary.ingest.proxy.BaseUri;
import io.tributary.ingest.proxy.ProxyRoutes;
import io.vertx.ext.web.Router;
import java.util.List;

/** The HTTP routes of an ingest node, and the gate in front of all routes. */
public final class HttpDoor {
    private static final int BEFORE_RESOURCES = -100;
    private static final int AFTER_RECORDS = BEFORE_RESOURCES + 1;

    private final AuthenticationGate gate;
    private final HotRoutes hot;
    private final OperatorRoutes operator;
    private final ProxyRoutes proxy;

    /**
     * The door of a node.
     *
     * @param topics changes topics, for REST Proxy v2
     * @param instances likewise its consumer instances
     */
    public HttpDoor(IngestNode node, TopicAdmin topics, Instances instances) {
        gate =
                new AuthenticationGate(
                        node.authenticator(), node.limiter(), node.accounts(), node.blocking());
        TopicAccess access = new TopicAccess(node);
        ProduceRoute produce = new ProduceRoute(node, access);
        hot =
                new HotRoutes(
                        produce,
                        new FetchRoute(node, access),
                        new PartitionRoute(node, access),
                        new DeleteRecordsRoute(node, access));
        proxy = new ProxyRoutes(node, produce, topics, instances, new BaseUri());
        operator = new OperatorRoutes(node.shards(), node.topics(), node.blocking());
    }

    /** The gate; the first of all handlers. */
    public AuthenticationGate gate() {
        return gate;
    }

    /** Adds the routes in front of those for resources. */
    public void register(Router router) {
        router.route("/kafka/v3/clusters/*").order(BEFORE_RESOURCES).handler(hot);
        router.route("/v3/clusters/*").order(BEFORE_RESOURCES).handler(hot);
        for (String path : List.of("/topics", "/topics/*", "/consumers/*", "/admin/topics")) {
            router.route(path).order(BEFORE_RESOURCES).handler(proxy);
        }
        router.route().order(AFTER_RECORDS).handler(new SmallBodies());
        router.route("/v1/operator/*").order(AFTER_RECORDS).handler(operator);
    }
}
