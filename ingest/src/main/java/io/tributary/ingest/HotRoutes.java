package io.tributary.ingest;

import io.tributary.ingest.door.Replies;
import io.tributary.ingest.fetch.DeleteRecordsRoute;
import io.tributary.ingest.fetch.FetchRoute;
import io.tributary.ingest.fetch.PartitionRoute;
import io.tributary.ingest.produce.ProduceRoute;
import io.tributary.kernel.fault.Problem;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;

/**
 * The routes that carry records, found by cutting the path at its slashes: {@code
 * <root>/clusters/<cluster>/topics/<topic>/…}. What is none of them goes on to the other routes.
 */
final class HotRoutes implements Handler<RoutingContext> {
    private static final String CLUSTERS = "/clusters/";

    private final ProduceRoute produce;
    private final FetchRoute fetch;
    private final PartitionRoute partition;
    private final DeleteRecordsRoute deletion;

    HotRoutes(
            ProduceRoute produce,
            FetchRoute fetch,
            PartitionRoute partition,
            DeleteRecordsRoute deletion) {
        this.produce = produce;
        this.fetch = fetch;
        this.partition = partition;
        this.deletion = deletion;
    }

    @Override
    public void handle(RoutingContext request) {
        String path = request.request().path();
        String[] parts = path.substring(path.indexOf(CLUSTERS) + CLUSTERS.length()).split("/", -1);
        if (parts.length == 4 && parts[1].equals("topics")) {
            topic(request, parts[0], parts[2], parts[3]);
        } else if (parts.length == 6
                && parts[1].equals("topics")
                && parts[3].equals("partitions")) {
            partition(request, parts);
        } else {
            request.next();
        }
    }

    private void topic(RoutingContext request, String cluster, String topic, String what) {
        switch (what) {
            case "records" -> {
                if (is(request, HttpMethod.POST)) {
                    produce.records(request, cluster, topic);
                }
            }
            case "records:batch" -> {
                if (is(request, HttpMethod.POST)) {
                    produce.batch(request, cluster, topic);
                }
            }
            case "records:discard" -> {
                if (!produce.discards()) {
                    request.next();
                } else if (is(request, HttpMethod.POST)) {
                    produce.discard(request, cluster, topic);
                }
            }
            default -> request.next();
        }
    }

    private void partition(RoutingContext request, String[] parts) {
        switch (parts[5]) {
            case "records" -> {
                if (is(request, HttpMethod.GET)) {
                    fetch.handle(request, parts[0], parts[2], parts[4]);
                }
            }
            case "records:delete" -> {
                if (is(request, HttpMethod.POST)) {
                    deletion.handle(request, parts[0], parts[2], parts[4]);
                }
            }
            case "offset" -> {
                if (is(request, HttpMethod.GET)) {
                    partition.offset(request, parts[0], parts[2], parts[4]);
                }
            }
            case "tiers" -> {
                if (is(request, HttpMethod.GET)) {
                    partition.tiers(request, parts[0], parts[2], parts[4]);
                }
            }
            default -> request.next();
        }
    }

    private static boolean is(RoutingContext request, HttpMethod method) {
        if (request.request().method().equals(method)) {
            return true;
        }
        request.response().putHeader("Allow", method.name());
        Replies.problem(request, Problem.of(405, "HTTP 405 Method Not Allowed"));
        return false;
    }
}
