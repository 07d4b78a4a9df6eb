package io.tributary.server.start;

import io.smallrye.health.api.Wellness;
import io.tributary.server.node.Node;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;

/** Well while no produce is refused for want of room; reads go on either way. */
@Wellness
final class DiskRoom implements HealthCheck {
    private final Node node;

    DiskRoom(Node node) {
        this.node = node;
    }

    @Override
    public HealthCheckResponse call() {
        boolean well = !node.reserve().low() && node.shards().readOnly() == 0;
        return HealthCheckResponse.named("room for records").status(well).build();
    }
}
