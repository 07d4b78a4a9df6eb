package io.tributary.ingest.produce;

import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.door.TopicAccess;
import io.tributary.ingest.json.IncomingRecord;
import io.tributary.kernel.fault.Problem;
import io.tributary.metadata.topic.Topic;
import io.tributary.storage.PartitionSettings;
import java.util.Optional;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;

/**
 * Where a request's records go.
 *
 * @param sticky the partition of records that name none and have no key
 * @param discard whether records are dropped instead
 */
record Target(
        IngestNode node,
        Topic topic,
        PartitionSettings settings,
        Optional<RetryKey> retry,
        int sticky,
        boolean discard) {
    /** Bytes of a batch around a single record. */
    private static final int BATCH_OVERHEAD = 61;

    /** Why the record cannot be taken; empty when it can. */
    Optional<Problem> refusal(IncomingRecord record) {
        if (record.partition().isPresent() && record.partition().getAsInt() >= topic.partitions()) {
            return Optional.of(TopicAccess.noTopic());
        }
        int size = record.record().sizeBytes() + BATCH_OVERHEAD;
        if (size > settings.maxMessageBytes()) {
            return Optional.of(
                    Problem.of(
                            413,
                            "The record takes "
                                    + size
                                    + " bytes, the topic's max.message.bytes is "
                                    + settings.maxMessageBytes()
                                    + "."));
        }
        return Optional.empty();
    }

    /** The partition: as named, by Kafka's hash of the key, or the request's own. */
    int partition(IncomingRecord record) {
        if (record.partition().isPresent()) {
            return record.partition().getAsInt();
        }
        byte[] key = record.record().key();
        return key == null ? sticky : BuiltInPartitioner.partitionForKey(key, topic.partitions());
    }
}
