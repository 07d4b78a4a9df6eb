package io.tributary.metadata.topic;

import java.util.Map;

/** What each topic config is for, in a sentence, for people who list them. */
public final class TopicConfigDocs {
    private static final Map<String, String> ALL =
            Map.ofEntries(
                    Map.entry(
                            TopicConfigs.RETENTION_MS,
                            "How long records are kept, in milliseconds; -1 for ever."),
                    Map.entry(
                            TopicConfigs.RETENTION_BYTES,
                            "How many bytes a partition keeps; -1 without bound."),
                    Map.entry(
                            TopicConfigs.LOCAL_RETENTION_MS,
                            "How long tiered records keep a copy on the local disk, in"
                                    + " milliseconds; -1 or -2 for as long as there is room."),
                    Map.entry(
                            TopicConfigs.LOCAL_RETENTION_BYTES,
                            "How many bytes of a partition's tiered records keep a copy on the"
                                    + " local disk; -1 or -2 for as long as there is room."),
                    Map.entry(
                            TopicConfigs.CLEANUP_POLICY,
                            "What becomes of old records: delete removes those beyond retention,"
                                    + " compact those that have a newer one of their key."),
                    Map.entry(
                            TopicConfigs.DELETE_RETENTION_MS,
                            "How long compaction keeps tombstones, in milliseconds."),
                    Map.entry(
                            TopicConfigs.MIN_COMPACTION_LAG_MS,
                            "How old a record is at least when it is compacted, in milliseconds."),
                    Map.entry(
                            TopicConfigs.MAX_COMPACTION_LAG_MS,
                            "How old a record is at most when it is compacted, in milliseconds."),
                    Map.entry(
                            TopicConfigs.MIN_CLEANABLE_DIRTY_RATIO,
                            "Which part of a partition's bytes is to be new before it is"
                                    + " compacted."),
                    Map.entry(
                            TopicConfigs.MAX_MESSAGE_BYTES,
                            "The largest record batch that is taken, in bytes."),
                    Map.entry(
                            TopicConfigs.COMPRESSION_TYPE,
                            "How batches made by the service are compressed; batches of Kafka"
                                    + " clients stay as they come."),
                    Map.entry(
                            TopicConfigs.MESSAGE_TIMESTAMP_TYPE,
                            "Whether a record has its producer's time or that of its arrival."),
                    Map.entry(
                            TopicConfigs.MESSAGE_TIMESTAMP_AFTER_MAX_MS,
                            "How far in the future a record's time may lie, in milliseconds."),
                    Map.entry(
                            TopicConfigs.MESSAGE_TIMESTAMP_BEFORE_MAX_MS,
                            "How far in the past a record's time may lie, in milliseconds."),
                    Map.entry(TopicConfigs.SEGMENT_BYTES, "The largest segment, in bytes."),
                    Map.entry(
                            TopicConfigs.SEGMENT_MS,
                            "How long records wait for their segment at most, in milliseconds."));

    private TopicConfigDocs() {}

    /** What a config there is does. */
    public static String of(String name) {
        return ALL.getOrDefault(
                name, "Accepted so that tools which set it work; changes nothing here.");
    }
}
