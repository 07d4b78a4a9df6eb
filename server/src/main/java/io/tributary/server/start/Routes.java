package io.tributary.server.start;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.tributary.ingest.HttpDoor;
import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** Puts the gate in front of every route, and the routes for records in front of resources. */
@Singleton
final class Routes {
    private static final int FIRST = 1_000_000;

    void filters(@Observes Filters filters, HttpDoor door) {
        filters.register(new HeaderDeadline.Arrivals(), FIRST + 1);
        filters.register(door.gate(), FIRST);
    }

    void routes(@Observes Router router, HttpDoor door) {
        door.register(router);
    }
}
