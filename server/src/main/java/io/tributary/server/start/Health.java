package io.tributary.server.start;

import io.tributary.ingest.door.Stopping;
import io.tributary.server.node.Node;
import io.tributary.storage.object.ObjectStoreException;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * What a ready node needs. The object store is told of and not needed: records are taken and the
 * newest are served without it.
 */
final class Health {
    @Produces
    @Singleton
    @Readiness
    HealthCheck metadata(Node node) {
        return () -> HealthCheckResponse.named("metadata").status(node.followsMetadata()).build();
    }

    @Produces
    @Singleton
    @Readiness
    HealthCheck shards(Node node) {
        return () -> HealthCheckResponse.named("shards").status(node.shards().ready()).build();
    }

    @Produces
    @Singleton
    @Readiness
    HealthCheck accepting(Stopping stopping) {
        return () -> HealthCheckResponse.named("accepting").status(!stopping.begun()).build();
    }

    @Produces
    @Singleton
    @Readiness
    HealthCheck objectStore(Node node) {
        return () -> {
            Optional<ObjectStoreException> problem = node.objects().problem();
            HealthCheckResponseBuilder answer =
                    HealthCheckResponse.named("object-store")
                            .up()
                            .withData("usable", problem.isEmpty());
            problem.ifPresent(e -> answer.withData("problem", e.kind().name()));
            return answer.build();
        };
    }
}
