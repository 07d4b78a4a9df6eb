package io.tributary.ingest.kafka.config;

import io.tributary.metadata.broker.BrokerConfigs;
import io.tributary.metadata.broker.BrokerView;
import io.tributary.metadata.broker.BrokerView.Origin;
import io.tributary.metadata.topic.ConfigType;
import io.tributary.metadata.topic.TopicConfigDocs;
import io.tributary.metadata.topic.TopicConfigs;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.requests.DescribeConfigsResponse;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;

/** Configs as Kafka's answers list them; none is a secret. */
public final class ConfigEntries {
    private final boolean synonyms;
    private final boolean documentation;

    /**
     * Lists with so much about each.
     *
     * @param synonyms whether to say where else a value could come from
     */
    ConfigEntries(boolean synonyms, boolean documentation) {
        this.synonyms = synonyms;
        this.documentation = documentation;
    }

    /** The configs of a topic that was just made and sets these. */
    public static List<CreatableTopicConfigs> ofNewTopic(
            BrokerView broker, Map<String, String> set) {
        return broker.describe(set).stream()
                .map(
                        one ->
                                new CreatableTopicConfigs()
                                        .setName(one.entry().name())
                                        .setValue(one.value())
                                        .setConfigSource(source(one.source()).id()))
                .toList();
    }

    /** The configs of a topic that sets these. */
    List<DescribeConfigsResourceResult> ofTopic(BrokerView broker, Map<String, String> set) {
        return broker.describe(set).stream()
                .map(
                        one ->
                                entry(
                                                one.entry().name(),
                                                Optional.of(one.value()),
                                                one.origins(),
                                                TopicConfigs.type(one.entry().name()),
                                                TopicConfigDocs.of(one.entry().name()))
                                        .setReadOnly(false))
                .toList();
    }

    /** The broker's configs; a client changes none of them. */
    List<DescribeConfigsResourceResult> ofBroker(BrokerView broker) {
        return BrokerConfigs.list().stream()
                .map(
                        config ->
                                entry(
                                        config.name(),
                                        broker.ifValue(config),
                                        broker.origins(config),
                                        config.type(),
                                        config.doc()))
                .toList();
    }

    /** What a group has, which is what the node says for all: the broker's config of this name. */
    DescribeConfigsResourceResult ofGroup(BrokerView broker, String name, String ofBroker) {
        BrokerConfigs.Config config = BrokerConfigs.find(ofBroker).orElseThrow();
        return entry(
                name, broker.ifValue(config), broker.origins(config), config.type(), config.doc());
    }

    private DescribeConfigsResourceResult entry(
            String name,
            Optional<String> value,
            List<Origin> origins,
            ConfigType type,
            String doc) {
        BrokerView.Source from =
                origins.isEmpty() ? BrokerView.Source.DEFAULT : origins.getFirst().source();
        DescribeConfigsResourceResult result =
                new DescribeConfigsResourceResult()
                        .setName(name)
                        .setValue(value.orElse(null))
                        .setReadOnly(true)
                        .setConfigSource(source(from).id())
                        .setConfigType(type(type.kind()).id());
        if (synonyms) {
            result.setSynonyms(
                    origins.stream()
                            .map(
                                    origin ->
                                            new DescribeConfigsSynonym()
                                                    .setName(origin.name())
                                                    .setValue(origin.value())
                                                    .setSource(source(origin.source()).id()))
                            .toList());
        }
        return documentation ? result.setDocumentation(doc) : result;
    }

    private static ConfigSource source(BrokerView.Source source) {
        return switch (source) {
            case TOPIC -> ConfigSource.TOPIC_CONFIG;
            case TENANT -> ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG;
            case NODE -> ConfigSource.STATIC_BROKER_CONFIG;
            case DEFAULT -> ConfigSource.DEFAULT_CONFIG;
        };
    }

    private static DescribeConfigsResponse.ConfigType type(ConfigType.Kind kind) {
        return DescribeConfigsResponse.ConfigType.valueOf(kind.name());
    }
}
