package io.tributary.metadata.broker;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.metadata.tenant.Tenants;
import io.tributary.metadata.topic.Topic;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The broker configs in force: what the node was started with, and what the operator set for
 * tenants since. Thread-safe.
 */
public final class BrokerSettings {
    private static final int MAX_REMEMBERED_TENANTS = 100_000;

    private final BrokerView node;
    private final Tenants tenants;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /** What tenants had when somebody last looked. */
    private final Cache<TenantId, BrokerView> seen =
            Caffeine.newBuilder()
                    .maximumSize(MAX_REMEMBERED_TENANTS)
                    .executor(Runnable::run)
                    .build();

    /**
     * Settings of a node.
     *
     * @param node what it was started with, valid
     */
    public BrokerSettings(Map<String, String> node, Tenants tenants) {
        this.node = new BrokerView(node, Map.of());
        this.tenants = tenants;
        tenants.onChange(this::changed);
    }

    /** The node's own. */
    public BrokerView node() {
        return node;
    }

    /**
     * A tenant's, from memory: as they are, or where they cannot be known without blocking, as they
     * were last seen.
     */
    public BrokerView of(TenantId tenant) {
        Optional<Tenant> known = tenants.ifCached(tenant);
        BrokerView before = seen.getIfPresent(tenant);
        return known.isPresent()
                ? remember(tenant, before, known.get().brokerConfigs())
                : before == null ? node : before;
    }

    /** A tenant's as they are; may block. Those of a tenant that is gone are the node's. */
    public BrokerView find(TenantId tenant) throws IOException {
        return remember(
                tenant,
                seen.getIfPresent(tenant),
                tenants.find(tenant).map(Tenant::brokerConfigs).orElse(Map.of()));
    }

    private BrokerView remember(TenantId tenant, BrokerView before, Map<String, String> now) {
        if (before != null && before.tenant().equals(now)) {
            return before;
        }
        BrokerView view = now.isEmpty() ? node : new BrokerView(node.node(), now);
        seen.put(tenant, view);
        return view;
    }

    /** What is in force for a topic, from memory, by the names of topic configs. */
    public Map<String, String> configs(Topic topic) {
        return of(topic.tenant()).configs(topic);
    }

    /** Calls back, on a thread that may block, when what topics have by default has changed. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    private void changed(Optional<TenantId> tenant) {
        boolean other;
        try {
            other = tenant.isEmpty() || differs(tenant.get());
        } catch (IOException | java.io.UncheckedIOException e) {
            // What it has now cannot be told: it may be anything.
            other = true;
        }
        if (other) {
            listeners.forEach(Runnable::run);
        }
    }

    private boolean differs(TenantId tenant) throws IOException {
        BrokerView before = seen.getIfPresent(tenant);
        Map<String, String> now = tenants.find(tenant).map(Tenant::brokerConfigs).orElse(Map.of());
        boolean differs = !now.equals(before == null ? Map.of() : before.tenant());
        remember(tenant, before, now);
        return differs;
    }
}
