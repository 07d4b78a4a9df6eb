package io.tributary.ingest.kafka.fetch;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;

/**
 * A partition as a reader wants it read.
 *
 * @param maxBytes of one answer
 * @param knownEpoch the epoch the reader believes in; -1 for none
 */
record Wanted(PartitionKey key, long offset, int maxBytes, int knownEpoch) {
    /**
     * Which one.
     *
     * @param topic its name; empty where the reader names topics by id
     * @param topicId zero where it names them by name
     */
    record PartitionKey(String topic, Uuid topicId, int partition) {}

    static Wanted of(FetchTopic topic, FetchPartition asked) {
        return new Wanted(
                new PartitionKey(topic.topic(), topic.topicId(), asked.partition()),
                asked.fetchOffset(),
                asked.partitionMaxBytes(),
                asked.currentLeaderEpoch());
    }
}
