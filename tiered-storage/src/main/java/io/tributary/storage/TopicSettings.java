package io.tributary.storage;

import io.tributary.kernel.id.TopicId;
import java.io.IOException;
import java.util.Optional;

/** What a topic's owner wants of storage, as it is now. Thread-safe; may block. */
@FunctionalInterface
public interface TopicSettings {
    /** Empty when there is no such topic. */
    Optional<PartitionSettings> of(TopicId topic) throws IOException;
}
