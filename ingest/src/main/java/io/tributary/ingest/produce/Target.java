package io.tributary.ingest.produce;

import io.tributary.ingest.door.IngestNode;
import io.tributary.ingest.door.TopicAccess;
import io.tributary.ingest.json.IncomingRecord;
import io.tributary.kernel.fault.Problem;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.TopicConfigs;
import io.tributary.storage.NewRecord;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.PartitionSettings.Timestamps;
import io.tributary.storage.Shard;
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

    /** The same with the topic as it is now. */
    Target at(Topic now) {
        return now.equals(topic)
                ? this
                : new Target(node, now, node.settings().apply(now), retry, sticky, discard);
    }

    /**
     * The most a record may take for its body to be read on. With an Idempotency-Key a record
     * beyond the topic's limit has to be read, because an earlier try may have stored it.
     */
    int readableBytes() {
        return retry.isPresent() ? Shard.MAX_REQUEST_BYTES : settings.maxMessageBytes();
    }

    /** Whether the record is for a partition that there is. */
    boolean names(IncomingRecord record) {
        return record.partition().isEmpty() || record.partition().getAsInt() < topic.partitions();
    }

    /** Why the record cannot be taken; empty when it can. */
    Optional<Problem> refusal(IncomingRecord record) {
        if (!names(record)) {
            return Optional.of(TopicAccess.noTopic());
        }
        if (settings.compaction().isPresent() && record.record().key() == null) {
            return Optional.of(
                    Problem.of(
                            400, "A record needs a key: the topic's cleanup.policy is compact."));
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
        return badTimestamp(record.record().timestampMillis());
    }

    /** Kafka's rule: a date too far from now is refused, lest it keeps a segment for ever. */
    private Optional<Problem> badTimestamp(long millis) {
        if (millis == NewRecord.NO_TIMESTAMP || settings.timestamps().logAppendTime()) {
            return Optional.empty();
        }
        long now = node.clock().millis();
        Timestamps bounds = settings.timestamps();
        if (millis - now > bounds.afterMaxMillis()) {
            return tooFar(
                    "after", TopicConfigs.MESSAGE_TIMESTAMP_AFTER_MAX_MS, bounds.afterMaxMillis());
        }
        return now - millis > bounds.beforeMaxMillis()
                ? tooFar(
                        "before",
                        TopicConfigs.MESSAGE_TIMESTAMP_BEFORE_MAX_MS,
                        bounds.beforeMaxMillis())
                : Optional.empty();
    }

    private static Optional<Problem> tooFar(String side, String config, long limit) {
        return Optional.of(
                Problem.of(
                        400,
                        "timestamp lies further "
                                + side
                                + " the present than the topic's "
                                + config
                                + " of "
                                + limit
                                + " allows."));
    }

    private int spread() {
        return retry.map(RetryKey::spread).orElse(topic.partitions());
    }

    /** The partition: as named, by Kafka's hash of the key, or the request's own. */
    int partition(IncomingRecord record) {
        if (record.partition().isPresent()) {
            return record.partition().getAsInt();
        }
        byte[] key = record.record().key();
        return key == null ? sticky : BuiltInPartitioner.partitionForKey(key, spread());
    }
}
