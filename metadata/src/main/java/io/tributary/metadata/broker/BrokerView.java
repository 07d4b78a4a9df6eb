package io.tributary.metadata.broker;

import io.tributary.metadata.broker.BrokerConfigs.Config;
import io.tributary.metadata.broker.BrokerConfigs.TopicDefault;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.TopicConfigs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The broker configs of one tenant's cluster.
 *
 * @param node what the node was started with
 * @param tenant what the operator set for the tenant, which comes first
 */
public record BrokerView(Map<String, String> node, Map<String, String> tenant) {
    public BrokerView {
        node = Map.copyOf(node);
        tenant = Map.copyOf(tenant);
    }

    /** Where a value comes from. */
    public enum Source {
        /** The topic's own config. */
        TOPIC,
        TENANT,
        NODE,
        DEFAULT
    }

    /** A value that a config has from somewhere. */
    public record Origin(String name, String value, Source source) {}

    /**
     * A topic's config.
     *
     * @param value what is in force
     * @param source where that comes from
     * @param origins all that it could come from, the decisive first
     */
    public record TopicEntry(
            TopicConfigs.Entry entry, String value, Source source, List<Origin> origins) {}

    /** A broker config's values, the one in force first; none where another config decides. */
    public List<Origin> origins(Config config) {
        List<Origin> origins = new ArrayList<>();
        add(origins, config, tenant.get(config.name()), Source.TENANT);
        add(origins, config, node.get(config.name()), Source.NODE);
        add(origins, config, config.byDefault().orElse(null), Source.DEFAULT);
        return origins;
    }

    private static void add(List<Origin> origins, Config config, String value, Source source) {
        if (value != null) {
            origins.add(new Origin(config.name(), value, source));
        }
    }

    /** The value in force of a config that always has one. */
    public String value(String name) {
        return origins(BrokerConfigs.find(name).orElseThrow()).getFirst().value();
    }

    public boolean flag(String name) {
        return Boolean.parseBoolean(value(name));
    }

    public int number(String name) {
        return Integer.parseInt(value(name));
    }

    /** What is in force for a topic, by the names of topic configs. */
    public Map<String, String> configs(Topic topic) {
        if (node.isEmpty() && tenant.isEmpty()) {
            return topic.configs();
        }
        Map<String, String> configs = new HashMap<>(topicDefaults());
        configs.putAll(topic.configs());
        return configs;
    }

    /** What topics have that do not say otherwise, as far as that was set. */
    public Map<String, String> topicDefaults() {
        Map<String, String> defaults = new HashMap<>();
        for (Map<String, String> set : List.of(tenant, node)) {
            for (Config config : BrokerConfigs.list()) {
                String value = set.get(config.name());
                if (value != null) {
                    config.topic()
                            .ifPresent(
                                    topic ->
                                            defaults.putIfAbsent(topic.name(), topic.value(value)));
                }
            }
        }
        return defaults;
    }

    /** All configs of a topic that sets these, by name. */
    public List<TopicEntry> describe(Map<String, String> set) {
        Map<String, String> defaults = topicDefaults();
        Map<String, List<Config>> brokers = new HashMap<>();
        for (Config config : BrokerConfigs.list()) {
            config.topic()
                    .map(TopicDefault::name)
                    .ifPresent(
                            name ->
                                    brokers.computeIfAbsent(name, n -> new ArrayList<>())
                                            .add(config));
        }
        List<TopicEntry> entries = new ArrayList<>();
        for (TopicConfigs.Entry entry : TopicConfigs.describe(set)) {
            String name = entry.name();
            List<Origin> origins = new ArrayList<>();
            if (!entry.isDefault()) {
                origins.add(new Origin(name, entry.value(), Source.TOPIC));
            }
            for (Source source : List.of(Source.TENANT, Source.NODE, Source.DEFAULT)) {
                brokers.getOrDefault(name, List.of()).stream()
                        .flatMap(config -> origins(config).stream())
                        .filter(origin -> origin.source() == source)
                        .forEach(origins::add);
            }
            if (origins.isEmpty()) {
                origins.add(new Origin(name, entry.value(), Source.DEFAULT));
            }
            entries.add(
                    new TopicEntry(
                            entry,
                            entry.isDefault()
                                    ? defaults.getOrDefault(name, entry.value())
                                    : entry.value(),
                            origins.getFirst().source(),
                            origins));
        }
        return entries;
    }

    /** What the node's coordinator of groups goes by: every config for groups and offsets. */
    public Map<String, String> groups() {
        Map<String, String> groups = new TreeMap<>();
        for (Config config : BrokerConfigs.list()) {
            if (config.name().startsWith("group.") || config.name().startsWith("offset")) {
                groups.put(config.name(), value(config.name()));
            }
        }
        return groups;
    }

    /** The value in force; empty where another config decides. */
    public Optional<String> ifValue(Config config) {
        return origins(config).stream().map(Origin::value).findFirst();
    }
}
