package io.tributary.kernel.id;

import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * A topic for its whole life; never reused, so a topic made anew under an old name is another
 * topic.
 */
public record TopicId(UUID value) implements Comparable<TopicId> {
    /** One that no topic has: a UUID of version 4. */
    public static TopicId random(RandomGenerator random) {
        return new TopicId(
                new UUID(
                        (random.nextLong() & ~0xf000L) | 0x4000L,
                        (random.nextLong() & ~(3L << 62)) | (2L << 62)));
    }

    @Override
    public int compareTo(TopicId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
