package io.tributary.ingest.kafka.config;

import io.tributary.metadata.topic.ConfigType;
import io.tributary.metadata.topic.TopicConfigs;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.common.protocol.Errors;

/**
 * What a client wants done to a topic's configs, together, as Kafka does it: set, delete, append to
 * a list or subtract from it.
 */
final class ConfigOperations implements UnaryOperator<Map<String, String>> {
    private final Collection<Operation> operations;
    private final UnaryOperator<String> byDefault;

    /**
     * One of them.
     *
     * @param value null where the client gave none
     */
    record Operation(String name, byte kind, String value) {}

    /**
     * Operations that make sense.
     *
     * @param byDefault what a topic has of a config that it does not set
     * @throws org.apache.kafka.common.errors.ApiException they do not
     */
    ConfigOperations(Collection<Operation> operations, UnaryOperator<String> byDefault) {
        this.operations = operations;
        this.byDefault = byDefault;
        Set<String> names = new HashSet<>();
        for (Operation operation : operations) {
            if (!names.add(operation.name())) {
                throw Errors.INVALID_REQUEST.exception(
                        "Config " + operation.name() + " is given twice.");
            }
            check(operation);
        }
    }

    private static void check(Operation operation) {
        String name = operation.name();
        if (!TopicConfigs.known(name)) {
            throw Errors.INVALID_CONFIG.exception("Unknown topic config name: " + name);
        }
        AlterConfigOp.OpType kind = AlterConfigOp.OpType.forId(operation.kind());
        if (kind == null) {
            throw Errors.INVALID_REQUEST.exception(
                    "Unknown operation " + operation.kind() + " on " + name + ".");
        }
        if (kind != AlterConfigOp.OpType.DELETE && operation.value() == null) {
            throw Errors.INVALID_REQUEST.exception("Config " + name + " needs a value.");
        }
        boolean onList =
                kind == AlterConfigOp.OpType.APPEND || kind == AlterConfigOp.OpType.SUBTRACT;
        if (onList && TopicConfigs.type(name).kind() != ConfigType.Kind.LIST) {
            throw Errors.INVALID_CONFIG.exception(
                    name + " is no list: nothing can be appended to it or subtracted.");
        }
    }

    @Override
    public Map<String, String> apply(Map<String, String> old) {
        Map<String, String> configs = new TreeMap<>(old);
        for (Operation operation : operations) {
            String name = operation.name();
            switch (AlterConfigOp.OpType.forId(operation.kind())) {
                case SET -> configs.put(name, operation.value());
                case DELETE -> configs.remove(name);
                case APPEND -> {
                    Set<String> parts = parts(now(configs, name));
                    parts.addAll(parts(operation.value()));
                    configs.put(name, String.join(",", parts));
                }
                case SUBTRACT -> {
                    Set<String> parts = parts(now(configs, name));
                    parts.removeAll(parts(operation.value()));
                    configs.put(name, String.join(",", parts));
                }
            }
        }
        return configs;
    }

    private String now(Map<String, String> configs, String name) {
        String set = configs.get(name);
        return set == null ? byDefault.apply(name) : set;
    }

    private static Set<String> parts(String list) {
        return Arrays.stream(list.split(",", -1))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }
}
