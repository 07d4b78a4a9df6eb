package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Calls of Kafka's administration client, and what comes of them. */
final class KafkaAdminCalls {
    private KafkaAdminCalls() {}

    static Config describe(Admin by, ConfigResource what) throws Exception {
        return by.describeConfigs(
                        List.of(what),
                        new DescribeConfigsOptions()
                                .includeSynonyms(true)
                                .includeDocumentation(true))
                .values()
                .get(what)
                .get();
    }

    static <T extends Throwable> T refused(Class<T> why, KafkaFuture<?> call) {
        return assertInstanceOf(why, assertThrows(ExecutionException.class, call::get).getCause());
    }

    static KafkaFuture<Void> alter(
            Admin by, ConfigResource what, boolean dryRun, AlterConfigOp... operations) {
        return by.incrementalAlterConfigs(
                        Map.of(what, List.of(operations)),
                        new AlterConfigsOptions().validateOnly(dryRun))
                .values()
                .get(what);
    }

    static AlterConfigOp op(OpType type, String name, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), type);
    }

    /** One record to {@code orders}. */
    static void produce(int port, Api as, int bytes) throws Exception {
        Map<String, Object> config =
                KafkaConfigs.plain(port, as, Map.of("max.request.size", 1 << 20));
        try (var producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>("orders", 0, null, new byte[bytes])).get();
        }
    }
}
