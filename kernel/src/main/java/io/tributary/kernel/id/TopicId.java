package io.tributary.kernel.id;

import java.util.UUID;

/**
 * A topic for its whole life; never reused, so a topic made anew under an old name is another
 * topic.
 */
public record TopicId(UUID value) implements Comparable<TopicId> {
    @Override
    public int compareTo(TopicId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
