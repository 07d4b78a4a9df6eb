package io.tributary.storage;

import io.tributary.kernel.id.TopicId;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/** What a topic's owner wants of storage, as it is now. Thread-safe. */
@FunctionalInterface
public interface TopicSettings {
    /** Empty when there is no such topic. May block. */
    Optional<PartitionSettings> of(TopicId topic) throws IOException;

    /**
     * What changed since an earlier call; never blocks. Settings that never change need no other
     * answer than this.
     *
     * @param after {@link Changes#upTo} of the call before, 0 for the first
     */
    default Changes changes(long after) {
        return new Changes(after, Optional.of(Set.of()));
    }

    /**
     * Topics whose settings may have changed.
     *
     * @param upTo to ask with the next time
     * @param topics empty when it may be any
     */
    record Changes(long upTo, Optional<Set<TopicId>> topics) {}
}
