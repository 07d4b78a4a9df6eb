package io.tributary.server.start;

import io.tributary.server.node.Node;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;

/**
 * Ready while metadata is followed and every shard can be read; see {@link DiskRoom} for the rest.
 */
@org.eclipse.microprofile.health.Readiness
final class Readiness implements HealthCheck {
    private final Node node;

    Readiness(Node node) {
        this.node = node;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("shards").status(node.ready()).build();
    }
}
