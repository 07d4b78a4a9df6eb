package io.tributary.server.start;

import io.tributary.ingest.kafka.cluster.TopicAdmin;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.topic.Topic;
import io.tributary.tenant.topic.TopicService;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/** What Kafka clients do with topics, by the rules of {@link TopicService}. */
final class TenantTopics implements TopicAdmin {
    private final TopicService topics;

    TenantTopics(TopicService topics) {
        this.topics = topics;
    }

    private static String cluster(Principal who) {
        return who.tenant().orElseThrow().clusterId();
    }

    @Override
    public Topic create(
            Principal who,
            String name,
            int partitions,
            Map<String, String> configs,
            boolean validateOnly)
            throws IOException {
        return topics.create(who, cluster(who), name, partitions, configs, validateOnly);
    }

    @Override
    public void delete(Principal who, String name) throws IOException {
        topics.delete(who, cluster(who), name);
    }

    @Override
    public void grow(Principal who, String name, int count, boolean validateOnly)
            throws IOException {
        Topic _ =
                topics.alter(
                        who,
                        cluster(who),
                        name,
                        new TopicService.TopicChange(
                                OptionalInt.of(count),
                                new TopicService.ConfigChange(Map.of(), List.of())),
                        validateOnly);
    }

    @Override
    public void configure(
            Principal who,
            String name,
            UnaryOperator<Map<String, String>> change,
            boolean validateOnly)
            throws IOException {
        Topic _ = topics.configure(who, cluster(who), name, change, validateOnly);
    }
}
