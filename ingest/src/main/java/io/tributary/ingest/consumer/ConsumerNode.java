package io.tributary.ingest.consumer;

import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.group.TenantGroups;
import io.tributary.kernel.time.Scheduler;
import java.time.Duration;

/**
 * What consumer instances need of their node.
 *
 * @param timeout after how long without use an instance is given up
 */
public record ConsumerNode(
        IngestNode ingest,
        TenantGroups groups,
        InstanceLog log,
        Scheduler scheduler,
        Duration timeout) {
    long now() {
        return ingest.clock().millis();
    }
}
