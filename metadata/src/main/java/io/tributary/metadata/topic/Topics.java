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
    /**
     * How much a tenant may have in all.
     *
     * @param partitions of all its topics together
     */
    record Limits(int topics, int partitions) {}

    /** What became of a topic that was to be added; only {@code DONE} changed anything. */
    enum Addition {
        DONE,
        EXISTS,
        TOO_MANY_TOPICS,
        TOO_MANY_PARTITIONS,
        NO_TENANT
    }

    /** Adds a topic; however many add at once, the tenant never has more than it may. */
    Addition add(Topic topic, Limits limits) throws IOException;

    /** What {@link #add} would answer now, changing nothing. */
    Addition check(Topic topic, Limits limits) throws IOException;

    /** How much a tenant has. */
    Limits used(TenantId tenant) throws IOException;

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

    /** What became of a change of a topic. */
    sealed interface Update {
        record Done(Topic topic) implements Update {}

        record NoTopic() implements Update {}

        record TooManyPartitions() implements Update {}
    }

    /**
     * Changes a topic's configs or adds partitions, atomically; the function may run again after a
     * conflict. {@link #find} has the change when this returns.
     *
     * @param dryRun whether only to say what would become of it
     */
    Update update(
            TenantId tenant,
            String name,
            Limits limits,
            boolean dryRun,
            UnaryOperator<Topic> change)
            throws IOException;

    /**
     * Removes the topic and notes it as pending removal, both or neither. Empty when there is none.
     */
    Optional<Topic> remove(TenantId tenant, String name) throws IOException;

    /** Topics removed from metadata whose data storage may still have; at most so many of them. */
    List<Removal> pendingRemovals(int limit) throws IOException;

    /**
     * A topic that was removed, alone or with its tenant.
     *
     * @param was whose it was and what it was called; empty where an earlier release removed it
     */
    record Removal(TopicId topic, boolean withTenant, Optional<Named> was) {
        /** A tenant's name for a topic. */
        public record Named(TenantId tenant, String topic) {}
    }

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
