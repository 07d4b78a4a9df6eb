package io.tributary.metadata.broker;

import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.topic.ConfigType;
import io.tributary.metadata.topic.ConfigType.Flag;
import io.tributary.metadata.topic.ConfigType.Text;
import io.tributary.metadata.topic.ConfigType.WholeNumber;
import io.tributary.metadata.topic.ConfigType.Word;
import io.tributary.metadata.topic.TopicConfigs;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The configs that a broker has for Kafka's clients: Kafka's names, defaults and bounds. All hold
 * for the node as it was started; those of a tenant's cluster can be set for a tenant, too.
 */
public final class BrokerConfigs {
    public static final String AUTO_CREATE_TOPICS = "auto.create.topics.enable";
    public static final String NUM_PARTITIONS = "num.partitions";
    public static final String MAX_CONNECTIONS = "max.connections";
    public static final String IDLE_MS = "connections.max.idle.ms";
    public static final String FETCH_SESSIONS = "max.incremental.fetch.session.cache.slots";

    private static final long MINUTE_MS = 60_000;
    private static final long HOUR_MS = 60 * MINUTE_MS;

    /** Of a group, where Kafka has no bound. */
    private static final String MEMBERS = "1000";

    private static final int MAX_LIST_LENGTH = 1_024;
    private static final int MAX_NUM_PARTITIONS = 10_000_000;
    private static final int MAX_HOURS = Integer.MAX_VALUE / 3_600_000;
    private static final Map<String, Config> ALL = all();

    private BrokerConfigs() {}

    /** Whose a config is. */
    public enum Scope {
        /** The node's, as it was started. */
        NODE,
        /** Also a tenant's, by the operator's word. */
        TENANT
    }

    /**
     * What a broker config is for topics that do not say otherwise.
     *
     * @param name of the topic's config
     * @param unit by which a value above 0 is multiplied
     */
    public record TopicDefault(String name, long unit) {
        String value(String ofBroker) {
            long number = unit == 1 ? 0 : Long.parseLong(ofBroker);
            return number > 0 ? Long.toString(number * unit) : ofBroker;
        }
    }

    /**
     * A config.
     *
     * @param byDefault empty where another config decides
     */
    public record Config(
            String name,
            Optional<String> byDefault,
            ConfigType type,
            Optional<TopicDefault> topic,
            Scope scope,
            String doc) {}

    private static Map<String, Config> all() {
        Map<String, Config> all = new LinkedHashMap<>();
        tenant(
                all,
                AUTO_CREATE_TOPICS,
                "true",
                new Flag(),
                "Whether topics are made that clients ask about and may make.");
        tenant(
                all,
                NUM_PARTITIONS,
                "1",
                new WholeNumber(1, MAX_NUM_PARTITIONS),
                "Partitions of a topic that is made without a number.");
        topicDefaults(all);
        node(
                all,
                MAX_CONNECTIONS,
                "4096",
                new WholeNumber(1, Integer.MAX_VALUE),
                "Connections of Kafka clients the node takes.");
        node(
                all,
                IDLE_MS,
                "600000",
                new WholeNumber(1_000, Integer.MAX_VALUE),
                "How long a connection may be silent.");
        node(
                all,
                FETCH_SESSIONS,
                "1000",
                new WholeNumber(0, 100_000),
                "Incremental fetch sessions the node keeps.");
        groups(all);
        return Collections.unmodifiableMap(all);
    }

    /** In the order of precedence, where several are for the same. */
    private static void topicDefaults(Map<String, Config> all) {
        topic(all, "message.max.bytes", TopicConfigs.MAX_MESSAGE_BYTES);
        unit(all, "log.retention.ms", TopicConfigs.RETENTION_MS, 1, Optional.empty());
        unit(all, "log.retention.minutes", TopicConfigs.RETENTION_MS, MINUTE_MS, Optional.empty());
        unit(all, "log.retention.hours", TopicConfigs.RETENTION_MS, HOUR_MS, Optional.of("168"));
        topic(all, "log.retention.bytes", TopicConfigs.RETENTION_BYTES);
        topic(all, "log.local.retention.ms", TopicConfigs.LOCAL_RETENTION_MS);
        topic(all, "log.local.retention.bytes", TopicConfigs.LOCAL_RETENTION_BYTES);
        topic(all, "log.cleanup.policy", TopicConfigs.CLEANUP_POLICY);
        topic(all, "compression.type", TopicConfigs.COMPRESSION_TYPE);
        topic(all, "log.message.timestamp.type", TopicConfigs.MESSAGE_TIMESTAMP_TYPE);
        topic(
                all,
                "log.message.timestamp.before.max.ms",
                TopicConfigs.MESSAGE_TIMESTAMP_BEFORE_MAX_MS);
        topic(
                all,
                "log.message.timestamp.after.max.ms",
                TopicConfigs.MESSAGE_TIMESTAMP_AFTER_MAX_MS);
        topic(all, "log.segment.bytes", TopicConfigs.SEGMENT_BYTES);
        unit(all, "log.roll.ms", TopicConfigs.SEGMENT_MS, 1, Optional.empty());
        unit(all, "log.roll.hours", TopicConfigs.SEGMENT_MS, HOUR_MS, Optional.of("168"));
        topic(all, "compression.gzip.level", "compression.gzip.level");
        topic(all, "compression.lz4.level", "compression.lz4.level");
        topic(all, "compression.zstd.level", "compression.zstd.level");
        topic(all, "log.cleaner.delete.retention.ms", "delete.retention.ms");
        topic(all, "log.cleaner.max.compaction.lag.ms", "max.compaction.lag.ms");
        topic(all, "log.cleaner.min.compaction.lag.ms", "min.compaction.lag.ms");
        topic(all, "log.cleaner.min.cleanable.ratio", "min.cleanable.dirty.ratio");
        topic(all, "log.flush.interval.messages", "flush.messages");
        topic(all, "log.flush.interval.ms", "flush.ms");
        topic(all, "log.index.interval.bytes", "index.interval.bytes");
        topic(all, "log.index.size.max.bytes", "segment.index.bytes");
        topic(all, "log.preallocate", "preallocate");
        topic(all, "log.roll.jitter.ms", "segment.jitter.ms");
        topic(all, "log.segment.delete.delay.ms", "file.delete.delay.ms");
        topic(all, "min.insync.replicas", "min.insync.replicas");
        topic(all, "unclean.leader.election.enable", "unclean.leader.election.enable");
    }

    private static void groups(Map<String, Config> all) {
        millis(
                all,
                "group.min.session.timeout.ms",
                "6000",
                "Shortest session of a classic member.");
        millis(
                all,
                "group.max.session.timeout.ms",
                "1800000",
                "Longest session of a classic member.");
        millis(
                all,
                "group.initial.rebalance.delay.ms",
                "3000",
                "How long an empty classic group waits for more members.");
        size(all, "group.max.size", "Members of a classic group.");
        millis(
                all,
                "group.consumer.session.timeout.ms",
                "45000",
                "Session of a member of the consumer protocol.");
        millis(all, "group.consumer.min.session.timeout.ms", "45000", "Its least for a group.");
        millis(all, "group.consumer.max.session.timeout.ms", "60000", "Its most for a group.");
        millis(
                all,
                "group.consumer.heartbeat.interval.ms",
                "5000",
                "How often a member of the consumer protocol says that it lives.");
        millis(all, "group.consumer.min.heartbeat.interval.ms", "5000", "Its least for a group.");
        millis(all, "group.consumer.max.heartbeat.interval.ms", "15000", "Its most for a group.");
        millis(
                all,
                "group.consumer.assignment.interval.ms",
                "1000",
                "How long a group of the consumer protocol keeps an assignment before it makes"
                        + " another.");
        millis(all, "group.consumer.min.assignment.interval.ms", "0", "Its least for a group.");
        millis(all, "group.consumer.max.assignment.interval.ms", "15000", "Its most for a group.");
        size(all, "group.consumer.max.size", "Members of a group of the consumer protocol.");
        node(
                all,
                "group.consumer.assignors",
                "uniform,range",
                new Text(MAX_LIST_LENGTH),
                "Assignors of the consumer protocol; the first is the default.");
        node(
                all,
                "group.consumer.migration.policy",
                "bidirectional",
                Word.of("bidirectional", "upgrade", "downgrade", "disabled"),
                "Which way groups may change their protocol.");
        millis(
                all,
                "group.consumer.regex.refresh.interval.ms",
                "600000",
                "How often subscriptions by pattern are looked at again.");
        node(
                all,
                "offsets.retention.minutes",
                "10080",
                new WholeNumber(1, Integer.MAX_VALUE),
                "How long offsets of a group without members are kept.");
        millis(
                all,
                "offsets.retention.check.interval.ms",
                "600000",
                "How often it is looked for such offsets.");
        node(
                all,
                "offset.metadata.max.bytes",
                "4096",
                new WholeNumber(0, 1 << 20),
                "Text a client may store with an offset.");
    }

    private static void millis(Map<String, Config> all, String name, String value, String doc) {
        node(all, name, value, new WholeNumber(0, Integer.MAX_VALUE), doc);
    }

    private static void size(Map<String, Config> all, String name, String doc) {
        node(all, name, MEMBERS, new WholeNumber(1, Integer.MAX_VALUE), doc);
    }

    private static void node(
            Map<String, Config> all, String name, String value, ConfigType type, String doc) {
        all.put(
                name,
                new Config(name, Optional.of(value), type, Optional.empty(), Scope.NODE, doc));
    }

    private static void tenant(
            Map<String, Config> all, String name, String value, ConfigType type, String doc) {
        all.put(
                name,
                new Config(name, Optional.of(value), type, Optional.empty(), Scope.TENANT, doc));
    }

    private static void topic(Map<String, Config> all, String name, String topic) {
        unit(all, name, topic, 1, Optional.of(TopicConfigs.byDefault(topic)));
    }

    private static void unit(
            Map<String, Config> all,
            String name,
            String topic,
            long unit,
            Optional<String> byDefault) {
        ConfigType type =
                unit == 1
                        ? TopicConfigs.type(topic)
                        : new WholeNumber(-1, unit == HOUR_MS ? MAX_HOURS : Integer.MAX_VALUE);
        all.put(
                name,
                new Config(
                        name,
                        byDefault,
                        type,
                        Optional.of(new TopicDefault(topic, unit)),
                        Scope.TENANT,
                        "What topics have that do not set " + topic + "."));
    }

    /** All there are; of those that are for the same topic config, the decisive first. */
    public static Collection<Config> list() {
        return ALL.values();
    }

    public static Optional<Config> find(String name) {
        return Optional.ofNullable(ALL.get(name));
    }

    /**
     * Refuses unknown names and bad values.
     *
     * @throws ProblemException 400, error code 40002, naming the first bad config
     */
    public static void validate(Map<String, String> configs) {
        for (Map.Entry<String, String> one : new TreeMap<>(configs).entrySet()) {
            Config config = required(one.getKey());
            String value = one.getValue();
            Optional<String> fault =
                    config.type().fault(value).or(() -> faultAsTopicDefault(config, value));
            if (fault.isPresent()) {
                throw refused(
                        "Invalid value '"
                                + shown(value)
                                + "' for configuration "
                                + config.name()
                                + ": "
                                + fault.get()
                                + ".");
            }
        }
    }

    private static Optional<String> faultAsTopicDefault(Config config, String value) {
        return config.topic()
                .flatMap(topic -> TopicConfigs.type(topic.name()).fault(topic.value(value)));
    }

    /**
     * Refuses a name that no tenant can have a value of its own for.
     *
     * @throws ProblemException 400, error code 40002
     */
    public static void requireOfTenant(String name) {
        if (required(name).scope() != Scope.TENANT) {
            throw refused(name + " is the node's, and is set where the node is started.");
        }
    }

    private static Config required(String name) {
        return find(name).orElseThrow(() -> refused("Unknown broker config name: " + shown(name)));
    }

    private static ProblemException refused(String message) {
        return Problem.of(400, 40002, message).asException();
    }

    private static String shown(String text) {
        String safe = text.replaceAll("[^\\x20-\\x7e]", "?");
        return safe.length() <= 80 ? safe : safe.substring(0, 80) + "…";
    }
}
