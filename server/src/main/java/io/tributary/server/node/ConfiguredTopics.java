package io.tributary.server.node;

import io.tributary.kernel.id.TopicId;
import io.tributary.metadata.broker.BrokerSettings;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.TopicConfigs;
import io.tributary.metadata.topic.Topics;
import io.tributary.storage.PartitionSettings;
import io.tributary.storage.PartitionSettings.Codec;
import io.tributary.storage.PartitionSettings.Compaction;
import io.tributary.storage.PartitionSettings.TimestampType;
import io.tributary.storage.PartitionSettings.Timestamps;
import io.tributary.storage.TopicSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/** What topics' configs mean for storage. */
public final class ConfiguredTopics implements TopicSettings {
    /** Changes that are remembered one by one; whoever asks later looks at all topics. */
    private static final int MAX_CHANGES = 10_000;

    private final Topics topics;
    private final BrokerSettings brokers;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<TopicId> changes = new ArrayDeque<>();
    private long changeCount;

    ConfiguredTopics(Topics topics, BrokerSettings brokers) {
        this.topics = topics;
        this.brokers = brokers;
        topics.onChange(this::changed);
        brokers.onChange(() -> changed(Optional.empty()));
    }

    private void changed(Optional<TopicId> topic) {
        lock.lock();
        try {
            changeCount++;
            if (topic.isEmpty()) {
                changes.clear();
            } else {
                changes.add(topic.get());
                if (changes.size() > MAX_CHANGES) {
                    changes.removeFirst();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Changes changes(long after) {
        lock.lock();
        try {
            long unseen = changeCount - after;
            return new Changes(
                    changeCount,
                    unseen > changes.size()
                            ? Optional.empty()
                            : Optional.of(
                                    changes.stream()
                                            .skip(changes.size() - unseen)
                                            .collect(Collectors.toSet())));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<PartitionSettings> of(TopicId topic) throws IOException {
        Optional<Topic> found = topics.find(topic);
        return found.isEmpty()
                ? Optional.empty()
                : Optional.of(of(brokers.find(found.get().tenant()).configs(found.get())));
    }

    /** The settings of a topic that has these configs in force. */
    public static PartitionSettings of(Map<String, String> configs) {
        Optional<Duration> retention = millis(configs, TopicConfigs.RETENTION_MS);
        return new PartitionSettings(
                (int) number(configs, TopicConfigs.MAX_MESSAGE_BYTES),
                codec(TopicConfigs.value(configs, TopicConfigs.COMPRESSION_TYPE)),
                new Timestamps(
                        TopicConfigs.value(configs, TopicConfigs.MESSAGE_TIMESTAMP_TYPE)
                                        .equals("LogAppendTime")
                                ? TimestampType.LOG_APPEND_TIME
                                : TimestampType.CREATE_TIME,
                        number(configs, TopicConfigs.MESSAGE_TIMESTAMP_BEFORE_MAX_MS),
                        number(configs, TopicConfigs.MESSAGE_TIMESTAMP_AFTER_MAX_MS)),
                TopicConfigs.cleans(configs, "delete"),
                retention,
                bytes(configs, TopicConfigs.RETENTION_BYTES),
                millis(configs, TopicConfigs.LOCAL_RETENTION_MS),
                bytes(configs, TopicConfigs.LOCAL_RETENTION_BYTES),
                number(configs, TopicConfigs.SEGMENT_BYTES),
                Duration.ofMillis(number(configs, TopicConfigs.SEGMENT_MS)),
                compaction(configs));
    }

    private static Optional<Compaction> compaction(Map<String, String> configs) {
        if (!TopicConfigs.cleans(configs, "compact")) {
            return Optional.empty();
        }
        long maxLag = number(configs, TopicConfigs.MAX_COMPACTION_LAG_MS);
        return Optional.of(
                new Compaction(
                        Duration.ofMillis(number(configs, TopicConfigs.MIN_COMPACTION_LAG_MS)),
                        maxLag == Long.MAX_VALUE
                                ? Optional.empty()
                                : Optional.of(Duration.ofMillis(maxLag)),
                        Double.parseDouble(
                                TopicConfigs.value(
                                        configs, TopicConfigs.MIN_CLEANABLE_DIRTY_RATIO)),
                        Duration.ofMillis(number(configs, TopicConfigs.DELETE_RETENTION_MS))));
    }

    private static long number(Map<String, String> configs, String name) {
        return Long.parseLong(TopicConfigs.value(configs, name));
    }

    /** Below 0 means without bound. */
    private static Optional<Duration> millis(Map<String, String> configs, String name) {
        long value = number(configs, name);
        return value < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(value));
    }

    private static OptionalLong bytes(Map<String, String> configs, String name) {
        long value = number(configs, name);
        return value < 0 ? OptionalLong.empty() : OptionalLong.of(value);
    }

    /** Batches the service builds itself are zstd unless the topic says otherwise. */
    private static Codec codec(String type) {
        return switch (type) {
            case "uncompressed" -> Codec.NONE;
            case "gzip" -> Codec.GZIP;
            case "snappy" -> Codec.SNAPPY;
            case "lz4" -> Codec.LZ4;
            default -> Codec.ZSTD;
        };
    }
}
