package io.tributary.metadata.topic;

import static io.tributary.metadata.topic.TopicConfigs.Effect.ACCEPTED_FOR_COMPATIBILITY;
import static io.tributary.metadata.topic.TopicConfigs.Effect.EFFECTIVE;

import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.topic.ConfigType.CleanupPolicy;
import io.tributary.metadata.topic.ConfigType.Flag;
import io.tributary.metadata.topic.ConfigType.Ratio;
import io.tributary.metadata.topic.ConfigType.Text;
import io.tributary.metadata.topic.ConfigType.WholeNumber;
import io.tributary.metadata.topic.ConfigType.Word;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The configs a topic can have: Kafka's names, defaults and bounds. Each has its effect or is
 * accepted only so that tools that set it work.
 */
public final class TopicConfigs {
    public static final String RETENTION_MS = "retention.ms";
    public static final String RETENTION_BYTES = "retention.bytes";
    public static final String LOCAL_RETENTION_MS = "local.retention.ms";
    public static final String LOCAL_RETENTION_BYTES = "local.retention.bytes";
    public static final String CLEANUP_POLICY = "cleanup.policy";
    public static final String MAX_MESSAGE_BYTES = "max.message.bytes";
    public static final String COMPRESSION_TYPE = "compression.type";
    public static final String MESSAGE_TIMESTAMP_TYPE = "message.timestamp.type";
    public static final String MESSAGE_TIMESTAMP_AFTER_MAX_MS = "message.timestamp.after.max.ms";
    public static final String MESSAGE_TIMESTAMP_BEFORE_MAX_MS = "message.timestamp.before.max.ms";
    public static final String SEGMENT_BYTES = "segment.bytes";
    public static final String SEGMENT_MS = "segment.ms";
    public static final String DELETE_RETENTION_MS = "delete.retention.ms";
    public static final String MIN_COMPACTION_LAG_MS = "min.compaction.lag.ms";
    public static final String MAX_COMPACTION_LAG_MS = "max.compaction.lag.ms";
    public static final String MIN_CLEANABLE_DIRTY_RATIO = "min.cleanable.dirty.ratio";

    /** The largest batch the service takes, whatever a topic says. */
    public static final int LARGEST_MESSAGE_BYTES = 12 << 20;

    private static final int MAX_VALUE_LENGTH = 1_024;
    private static final long FOREVER = Long.MAX_VALUE;
    private static final Map<String, Config> ALL = all();

    private TopicConfigs() {}

    /** Whether a config changes what the service does. */
    public enum Effect {
        EFFECTIVE,
        ACCEPTED_FOR_COMPATIBILITY
    }

    private record Config(String name, String byDefault, ConfigType type, Effect effect) {}

    private static Map<String, Config> all() {
        Map<String, Config> all = new TreeMap<>();
        effective(all, RETENTION_MS, "604800000", atLeast(-1));
        effective(all, RETENTION_BYTES, "-1", atLeast(-1));
        effective(all, LOCAL_RETENTION_MS, "-2", atLeast(-2));
        effective(all, LOCAL_RETENTION_BYTES, "-2", atLeast(-2));
        effective(all, CLEANUP_POLICY, "delete", new CleanupPolicy());
        effective(all, MAX_MESSAGE_BYTES, "1048588", new WholeNumber(1_024, LARGEST_MESSAGE_BYTES));
        effective(
                all,
                COMPRESSION_TYPE,
                "producer",
                Word.of("producer", "zstd", "lz4", "snappy", "gzip", "uncompressed"));
        effective(
                all, MESSAGE_TIMESTAMP_TYPE, "CreateTime", Word.of("CreateTime", "LogAppendTime"));
        effective(all, MESSAGE_TIMESTAMP_AFTER_MAX_MS, "3600000", atLeast(0));
        effective(all, MESSAGE_TIMESTAMP_BEFORE_MAX_MS, Long.toString(FOREVER), atLeast(0));
        effective(all, SEGMENT_BYTES, "1073741824", new WholeNumber(1 << 14, Integer.MAX_VALUE));
        effective(all, SEGMENT_MS, "604800000", atLeast(1));
        effective(all, DELETE_RETENTION_MS, "86400000", atLeast(0));
        effective(all, MIN_COMPACTION_LAG_MS, "0", atLeast(0));
        effective(all, MAX_COMPACTION_LAG_MS, Long.toString(FOREVER), atLeast(1));
        effective(all, MIN_CLEANABLE_DIRTY_RATIO, "0.5", new Ratio());
        accepted(all, "compression.gzip.level", "-1", new WholeNumber(-1, 9));
        accepted(all, "compression.lz4.level", "9", new WholeNumber(1, 17));
        accepted(all, "compression.zstd.level", "3", new WholeNumber(-131072, 22));
        accepted(all, "file.delete.delay.ms", "60000", atLeast(0));
        accepted(all, "flush.messages", Long.toString(FOREVER), atLeast(1));
        accepted(all, "flush.ms", Long.toString(FOREVER), atLeast(0));
        accepted(all, "follower.replication.throttled.replicas", "", new Text(MAX_VALUE_LENGTH));
        accepted(all, "index.interval.bytes", "4096", new WholeNumber(0, Integer.MAX_VALUE));
        accepted(all, "leader.replication.throttled.replicas", "", new Text(MAX_VALUE_LENGTH));
        accepted(all, "min.insync.replicas", "1", new WholeNumber(1, Integer.MAX_VALUE));
        accepted(all, "preallocate", "false", new Flag());
        accepted(all, "remote.log.copy.disable", "false", new Flag());
        accepted(all, "remote.log.delete.on.disable", "false", new Flag());
        accepted(all, "remote.storage.enable", "true", new Flag());
        accepted(all, "segment.index.bytes", "10485760", new WholeNumber(4, Integer.MAX_VALUE));
        accepted(all, "segment.jitter.ms", "0", atLeast(0));
        accepted(all, "unclean.leader.election.enable", "false", new Flag());
        return all;
    }

    private static void effective(
            Map<String, Config> all, String name, String byDefault, ConfigType type) {
        all.put(name, new Config(name, byDefault, type, EFFECTIVE));
    }

    private static void accepted(
            Map<String, Config> all, String name, String byDefault, ConfigType type) {
        all.put(name, new Config(name, byDefault, type, ACCEPTED_FOR_COMPATIBILITY));
    }

    private static WholeNumber atLeast(long min) {
        return new WholeNumber(min, Long.MAX_VALUE);
    }

    /**
     * Refuses unknown names and bad values.
     *
     * @throws ProblemException 400, error code 40002, naming the first bad config
     */
    public static void validate(Map<String, String> configs) {
        new TreeMap<>(configs)
                .forEach(
                        (name, value) -> {
                            Config config = ALL.get(name);
                            if (config == null) {
                                throw refused("Unknown topic config name: " + shown(name));
                            }
                            Optional<String> fault = config.type().fault(value);
                            if (fault.isPresent()) {
                                throw refused(
                                        "Invalid value '"
                                                + shown(value)
                                                + "' for configuration "
                                                + name
                                                + ": "
                                                + fault.get()
                                                + ".");
                            }
                        });
        requireConsistent(configs);
    }

    /**
     * Refuses good values that contradict each other.
     *
     * @param configs all that a topic sets
     * @throws ProblemException 400, error code 40002
     */
    public static void requireConsistent(Map<String, String> configs) {
        if (Long.parseLong(value(configs, MIN_COMPACTION_LAG_MS))
                > Long.parseLong(value(configs, MAX_COMPACTION_LAG_MS))) {
            throw refused(MIN_COMPACTION_LAG_MS + " exceeds " + MAX_COMPACTION_LAG_MS + ".");
        }
    }

    /** What values a config takes that there is. */
    public static ConfigType type(String name) {
        return ALL.get(name).type();
    }

    /** What it is where nobody says otherwise. */
    public static String byDefault(String name) {
        return ALL.get(name).byDefault();
    }

    /** Whether there is a config of this name. */
    public static boolean known(String name) {
        return ALL.containsKey(name);
    }

    private static ProblemException refused(String message) {
        return Problem.of(400, 40002, message).asException();
    }

    private static String shown(String text) {
        String safe = text.replaceAll("[^\\x20-\\x7e]", "?");
        return safe.length() <= 80 ? safe : safe.substring(0, 80) + "…";
    }

    /** The value in force. */
    public static String value(Map<String, String> configs, String name) {
        return configs.getOrDefault(name, ALL.get(name).byDefault());
    }

    /** Whether {@link #CLEANUP_POLICY} has this one. */
    public static boolean cleans(Map<String, String> configs, String policy) {
        return Arrays.stream(value(configs, CLEANUP_POLICY).split(",", -1))
                .anyMatch(one -> one.strip().equals(policy));
    }

    /**
     * A config of a topic, as tools list it.
     *
     * @param isDefault the topic does not set it
     */
    public record Entry(String name, String value, boolean isDefault, Effect effect) {}

    /** All configs of a topic that sets these, by name. */
    public static List<Entry> describe(Map<String, String> configs) {
        List<Entry> entries = new ArrayList<>();
        for (Config config : ALL.values()) {
            String set = configs.get(config.name());
            entries.add(
                    new Entry(
                            config.name(),
                            set == null ? config.byDefault() : set,
                            set == null,
                            config.effect()));
        }
        return entries;
    }
}
