package io.tributary.ingest.group;

import io.tributary.kernel.id.TenantId;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;

/**
 * How groups are kept.
 *
 * @param broker by Kafka's names for a broker's settings
 * @param most how many groups a tenant may have before a new one is refused
 */
public record GroupSettings(Map<String, String> broker, Limit most) {
    /**
     * Checks them.
     *
     * @throws IllegalArgumentException a value cannot be, or not with the others; says which
     */
    public GroupSettings {
        broker = Map.copyOf(broker);
        GroupCoordinatorConfig _ = coordinator(broker);
    }

    /** How many groups a tenant may have. */
    @FunctionalInterface
    public interface Limit {
        /** May block on the metadata store. */
        int of(TenantId tenant) throws IOException;
    }

    /** The coordinator's own form. */
    GroupCoordinatorConfig coordinator() {
        return coordinator(broker);
    }

    private static GroupCoordinatorConfig coordinator(Map<String, String> broker) {
        Map<String, String> all = new TreeMap<>(broker);
        // Batches grow beyond this only for a single large record, and shrink again.
        all.put(
                GroupCoordinatorConfig.CACHED_BUFFER_MAX_BYTES_CONFIG,
                Integer.toString(Math.max(GroupLog.BATCH_BYTES, 512 << 10)));
        try {
            return GroupCoordinatorConfig.fromProps(all);
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
