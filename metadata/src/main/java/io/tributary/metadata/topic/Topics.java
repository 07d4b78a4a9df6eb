package io.tributary.metadata.topic;

import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The topics there are. Thread-safe; every method may block on the metadata store unless it says
 * otherwise.
 */
public interface Topics {
    /** False, and nothing changed, when the tenant has a topic of this name. */
    boolean add(Topic topic) throws IOException;

    /** Reads through a cache that follows changes, and fails when that cannot be trusted. */
    Optional<Topic> find(TenantId tenant, String name) throws IOException;

    /**
     * From memory, never blocking; empty when unknown, changed since, or the store is out of reach.
     */
    Optional<Topic> ifCached(TenantId tenant, String name);

    /** By id, for storage's own work. */
    Optional<Topic> find(TopicId id) throws IOException;

    /** A tenant's topics in the order of their names. */
    List<Topic> list(TenantId tenant) throws IOException;

    /** How many topics a tenant has. */
    int count(TenantId tenant) throws IOException;

    /**
     * Changes a topic's configs or adds partitions, atomically; the function may run again after a
     * conflict. {@link #find} has the change when this returns. Empty when there is no topic.
     */
    Optional<Topic> update(TenantId tenant, String name, UnaryOperator<Topic> change)
            throws IOException;

    /**
     * Removes the topic and notes it as pending removal, both or neither. Empty when there is none.
     */
    Optional<Topic> remove(TenantId tenant, String name) throws IOException;

    /** Topics removed from metadata whose data storage may still have. */
    List<Removal> pendingRemovals() throws IOException;

    /** A topic that was removed, alone or with its tenant. */
    record Removal(TopicId topic, boolean withTenant) {}

    /** Forgets pending removals that storage has made durable. */
    void removalsDone(List<TopicId> topics) throws IOException;

    /**
     * Calls back, on a thread that may block, when a topic may have been made or its configs
     * changed; without a topic when it may be any.
     */
    void onChange(Consumer<Optional<TopicId>> callback);

    /** Calls back, on a thread that may block, whenever {@link #pendingRemovals} may have grown. */
    void onRemoval(Runnable callback);
}
