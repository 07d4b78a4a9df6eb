package io.tributary.ingest.fetch;

import io.tributary.ingest.door.TopicAccess;
import io.tributary.metadata.topic.Topic;

/** Partitions as they are named in paths. */
final class Partitions {
    private static final int MAX_DIGITS = 9;

    private Partitions() {}

    /** The partition's number; a problem when the topic has none of this name. */
    static int index(Topic topic, String text) {
        if (text.isEmpty()
                || text.length() > MAX_DIGITS
                || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw TopicAccess.noTopic().asException();
        }
        int index = Integer.parseInt(text);
        if (index >= topic.partitions()) {
            throw TopicAccess.noTopic().asException();
        }
        return index;
    }
}
