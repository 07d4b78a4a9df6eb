package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Topics that keep the newest record of every key, in the running service. */
class CompactionTest {
    /** With {@code -Dall=true} ten times as many. */
    private static final int UPDATES = Boolean.getBoolean("all") ? 10_000_000 : 1_000_000;

    private static final int KEYS = UPDATES / 100;
    private static final int VALUE_BYTES = 80;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir Path folder;
    private int port;
    private Service service;
    private Api api;
    private Tenant tenant;

    @BeforeEach
    void start() throws Exception {
        port = KafkaConfigs.freePort();
        launch();
        tenant = api.signUp("acme");
    }

    private void launch() throws Exception {
        service =
                Service.start(
                        folder.resolve("data"),
                        "--kafka-port=" + port,
                        "--flush-bytes=16MiB",
                        "--flush-age=1h");
        api = Api.of(service);
    }

    @AfterEach
    void stop() throws Exception {
        api.close();
        service.close();
    }

    private void killAndStartAgain() throws Exception {
        service.kill();
        api.close();
        launch();
        tenant =
                new Tenant(
                        tenant.tenantId(),
                        tenant.clusterId(),
                        tenant.keyId(),
                        api.withAuthorization(tenant.api().authorization()));
    }

    private Answer operator(String what) throws Exception {
        Answer answer = api.as(service.operatorKey()).post("/v1/operator/" + what, "");
        assertEquals(200, answer.status(), answer.body());
        return answer;
    }

    private KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                KafkaConfigs.plain(
                        port,
                        tenant.api(),
                        Map.of(
                                "linger.ms", "20",
                                "batch.size", "65536",
                                "compression.type", "lz4",
                                "delivery.timeout.ms", "600000")),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** What a consumer that begins at the start finds. */
    private static final class Found {
        private final long[] lastOffset = new long[KEYS];
        private final long[] lastUpdate = new long[KEYS];
        private long records;
        private long previous = -1;

        private void add(ConsumerRecord<byte[], byte[]> record) {
            assertTrue(record.offset() > previous, "offsets rise");
            previous = record.offset();
            int key = ByteBuffer.wrap(record.key()).getInt();
            lastOffset[key] = record.offset();
            lastUpdate[key] = ByteBuffer.wrap(record.value()).getLong();
            assertEquals(record.offset(), lastUpdate[key], "each offset has its own record");
            records++;
        }
    }

    private Found read() {
        TopicPartition partition = new TopicPartition("state", 0);
        Found found = new Found();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        KafkaConfigs.plain(
                                port, tenant.api(), Map.of("max.partition.fetch.bytes", 8 << 20)),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofSeconds(1)).forEach(found::add);
                assertTrue(System.nanoTime() < deadline, "the end is reached");
            }
            assertEquals(UPDATES, end);
        }
        return found;
    }

    private Found readUntilCompacted() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Found found = read();
            if (found.records == KEYS) {
                return found;
            }
            assertTrue(System.nanoTime() < deadline, found.records + " records are left");
        }
    }

    @Test
    void millionsOfUpdatesEndWithEveryKeysLastValueInBothTiers() throws Exception {
        Answer created =
                tenant.createTopic(
                        "state",
                        1,
                        Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0.01"));
        assertEquals(201, created.status(), created.body());
        long began = System.nanoTime();
        long[] last = update();
        tell(UPDATES + " updates acknowledged", began);

        Found inBothTiers = read();
        assertTrue(Arrays.equals(last, inBothTiers.lastOffset), "the newest of every key");
        operator("flush");
        Found compacted = readUntilCompacted();
        tell(inBothTiers.records + " records read before compaction, then " + KEYS, began);
        assertTrue(Arrays.equals(last, compacted.lastOffset), "the newest of every key");

        killAndStartAgain();
        operator("drop-local-cache");
        long readBegan = System.nanoTime();
        Found cold = read();
        tell(KEYS + " records read from the object store", readBegan);
        assertEquals(KEYS, cold.records);
        assertTrue(Arrays.equals(last, cold.lastOffset), "the newest of every key");
        assertEquals(0, operator("scrub").json().path("unexplained").asInt(-1));
    }

    private static void tell(String what, long since) {
        long seconds = Duration.ofNanos(System.nanoTime() - since).toSeconds();
        System.err.println("compaction: " + what + " after " + seconds + " s");
    }

    /** Writes all updates through a kill -9; returns each key's last offset. */
    private long[] update() throws Exception {
        long[] last = new long[KEYS];
        Random random = new Random(17);
        byte[] filler = new byte[VALUE_BYTES];
        AtomicLong acknowledged = new AtomicLong();
        AtomicReference<Exception> problem = new AtomicReference<>();
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            for (int i = 0; i < UPDATES; i++) {
                if (i == UPDATES / 2) {
                    killAndStartAgain();
                }
                // Every key is written, most of them often.
                int key = i < KEYS ? i : random.nextInt(KEYS);
                last[key] = i;
                long offset = i;
                random.nextBytes(filler);
                byte[] value = ByteBuffer.wrap(filler.clone()).putLong(0, i).array();
                var _ =
                        producer.send(
                                new ProducerRecord<>(
                                        "state",
                                        0,
                                        ByteBuffer.allocate(4).putInt(key).array(),
                                        value),
                                (metadata, e) -> {
                                    acknowledged.incrementAndGet();
                                    if (e != null || metadata.offset() != offset) {
                                        problem.compareAndSet(
                                                null,
                                                new Exception(metadata + " for " + offset, e));
                                    }
                                });
            }
        }
        assertEquals(null, problem.get());
        assertEquals(UPDATES, acknowledged.get());
        return last;
    }

    @Test
    void recordWithoutAKeyIsRefusedOnBothDoors() throws Exception {
        tenant.createTopic("state", 1, Map.of("cleanup.policy", "compact,delete"));
        byte[] value = "v".getBytes(StandardCharsets.UTF_8);
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            ExecutionException refused =
                    assertThrows(
                            ExecutionException.class,
                            () ->
                                    producer.send(new ProducerRecord<>("state", 0, null, value))
                                            .get());
            assertInstanceOf(InvalidRecordException.class, refused.getCause());
            assertEquals(
                    0, producer.send(new ProducerRecord<>("state", 0, value, null)).get().offset());
        }
        Answer answer =
                tenant.api()
                        .post(
                                tenant.topic("state") + "/records",
                                "{\"value\":{\"type\":\"STRING\",\"data\":\"v\"}}");
        assertTrue(answer.body().contains("needs a key"), answer.body());
        assertEquals(400, answer.json().get("error_code").asInt(), answer.body());
        assertEquals(1, tenant.readAll("state", 0, "string").size());
    }
}
