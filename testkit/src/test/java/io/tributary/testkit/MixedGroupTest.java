package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tributary.testkit.Api.Tenant;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Consumer instances over HTTP and Kafka's consumers in one group. */
class MixedGroupTest {
    private static final String EARLIEST =
            "\"format\":\"json\",\"auto.offset.reset\":\"earliest\",\"auto.commit.enable\":\"false\"";

    @TempDir static Path folder;
    private static Service service;
    private static Api api;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        port = KafkaConfigs.freePort();
        service = GroupClients.start(folder.resolve("data"), port);
        api = Api.of(service);
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        service.close();
    }

    private static KafkaConsumer<byte[], byte[]> kafka(Tenant tenant, String protocol) {
        Map<String, Object> more = new HashMap<>();
        more.put("group.id", "mixed");
        more.put("group.protocol", protocol);
        more.put("auto.offset.reset", "earliest");
        more.put("enable.auto.commit", "false");
        return new KafkaConsumer<>(
                KafkaConfigs.plain(port, tenant.api(), more),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private static List<Integer> poll(KafkaConsumer<byte[], byte[]> kafka, int millis) {
        List<Integer> values = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : kafka.poll(Duration.ofMillis(millis))) {
            values.add(Integer.parseInt(new String(record.value(), StandardCharsets.UTF_8)));
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void theyShareAGroupAndNothingIsSkipped(String protocol) throws Exception {
        Tenant tenant = api.signUp("mixed-" + protocol);
        RestConsumer.topic(tenant, "t", 4, 0);
        Set<Integer> seen = new TreeSet<>();
        try (KafkaConsumer<byte[], byte[]> kafka = kafka(tenant, protocol)) {
            kafka.subscribe(List.of("t"));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> poll(kafka, 200).isEmpty() && kafka.assignment().size() == 4);
            RestConsumer http =
                    RestConsumer.create(tenant.api(), "mixed", "c", EARLIEST).subscribe("t");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(
                            () -> {
                                seen.addAll(poll(kafka, 200));
                                return kafka.assignment().size() == 2
                                        && http.assignment().size() == 2;
                            });
            RestConsumer.produce(tenant, "t", 4, 0, 100);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(
                            () -> {
                                seen.addAll(poll(kafka, 200));
                                http.poll(200).forEach(one -> seen.add(one.get("value").asInt()));
                                return seen.size() == 100;
                            });
            kafka.commitSync();
            http.commit();
            long total = 0;
            for (int i = 0; i < 4; i++) {
                assertEquals(25, http.committed("t", i), "what the other side committed is seen");
                TopicPartition partition = new TopicPartition("t", i);
                OffsetAndMetadata there = kafka.committed(Set.of(partition)).get(partition);
                total += there.offset();
            }
            assertEquals(100, total);
            http.delete();
            RestConsumer.produce(tenant, "t", 4, 100, 140);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(
                            () -> {
                                seen.addAll(poll(kafka, 200));
                                return seen.size() == 140;
                            });
        }
    }
}
