package io.tributary.tenant.topic;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.tributary.kernel.fault.Problem;
import io.tributary.tenant.topic.TopicService.ConfigChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Bodies of Confluent's REST v3 that make and change topics. */
final class TopicRequests {
    private TopicRequests() {}

    /** A config as it should be; null puts it back to its default. */
    record ConfigBody(String name, String value) {}

    /** A new topic; the replication factor is the service's own affair. */
    record Create(
            String topicName,
            Integer partitionsCount,
            Integer replicationFactor,
            List<ConfigBody> configs,
            Boolean validateOnly,
            Map<String, List<Integer>> replicasAssignments) {}

    /** A change of a topic. */
    record Patch(Integer partitionsCount, List<ConfigBody> configs) {}

    /** What happens to a config. */
    enum AlterOperation {
        SET,
        DELETE
    }

    record Alteration(
            String name,
            String value,
            @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_VALUES)
                    AlterOperation operation) {}

    /** Changes of configs, made together. */
    record Alter(List<Alteration> data, Boolean validateOnly) {}

    record Value(String value) {}

    static ConfigChange change(List<ConfigBody> configs) {
        Map<String, String> set = new TreeMap<>();
        List<String> reset = new ArrayList<>();
        for (ConfigBody config : configs) {
            add(config.name(), config.value(), set, reset);
        }
        return new ConfigChange(set, reset);
    }

    static ConfigChange change(Alter alter) {
        if (alter == null || alter.data() == null) {
            throw Problem.of(400, "data is missing.").asException();
        }
        Map<String, String> set = new TreeMap<>();
        List<String> reset = new ArrayList<>();
        for (Alteration alteration : alter.data()) {
            boolean delete = alteration.operation() == AlterOperation.DELETE;
            add(alteration.name(), delete ? null : alteration.value(), set, reset);
        }
        return new ConfigChange(set, reset);
    }

    private static void add(
            String name, String value, Map<String, String> set, List<String> reset) {
        if (name == null) {
            throw Problem.of(400, 40002, "A config needs a name.").asException();
        }
        if (set.containsKey(name) || reset.contains(name)) {
            throw Problem.of(400, 40002, "Config " + name + " is given twice.").asException();
        }
        if (value == null) {
            reset.add(name);
        } else {
            set.put(name, value);
        }
    }
}
