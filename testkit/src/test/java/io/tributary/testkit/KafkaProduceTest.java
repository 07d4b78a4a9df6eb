package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Tenant;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kafka's own producer writes; its consumer and HTTPS read the same. */
class KafkaProduceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MEBIBYTE = 1 << 20;

    @TempDir Path folder;
    private int port;
    private Service service;
    private Api api;
    private Tenant tenant;

    @BeforeEach
    void start() throws Exception {
        port = KafkaConfigs.freePort();
        service = Service.start(folder.resolve("data"), "--kafka-port=" + port);
        api = Api.of(service);
        tenant = api.signUp("acme");
    }

    @AfterEach
    void stop() throws Exception {
        api.close();
        service.close();
    }

    private Map<String, Object> config(Map<String, Object> more) {
        return KafkaConfigs.plain(port, tenant.api(), more);
    }

    private KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
        return new KafkaProducer<>(
                config(more), new ByteArraySerializer(), new ByteArraySerializer());
    }

    private List<ConsumerRecord<byte[], byte[]>> readAll(String topic, int count) {
        TopicPartition partition = new TopicPartition(topic, 0);
        List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        config(Map.of("max.partition.fetch.bytes", 16 * MEBIBYTE)),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (read.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofSeconds(1)).forEach(read::add);
            }
            assertEquals(count, consumer.endOffsets(List.of(partition)).get(partition));
        }
        return read;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void recordsComeBackByteForByteOnBothDoors(String compression) throws Exception {
        tenant.createTopic("t", 1, Map.of("retention.ms", "-1"));
        Random random = new Random(compression.hashCode());
        List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer =
                producer(Map.of("compression.type", compression, "linger.ms", "5"))) {
            for (int i = 0; i < 500; i++) {
                byte[] value = new byte[random.nextInt(2_000)];
                random.nextBytes(value);
                byte[] key = random.nextBoolean() ? null : bytes("key-" + i % 50);
                ProducerRecord<byte[], byte[]> record =
                        new ProducerRecord<>(
                                "t", 0, 1_700_000_000_000L + i, key, i % 9 == 0 ? null : value);
                record.headers().add("n", bytes("" + i)).add("empty", null);
                sent.add(record);
            }
            List<Future<RecordMetadata>> done = sent.stream().map(producer::send).toList();
            for (int i = 0; i < done.size(); i++) {
                assertEquals(i, done.get(i).get().offset());
            }
        }
        List<ConsumerRecord<byte[], byte[]>> read = readAll("t", sent.size());
        List<JsonNode> overHttp = tenant.readAll("t", 0, "binary");
        for (int i = 0; i < sent.size(); i++) {
            assertArrayEquals(sent.get(i).key(), read.get(i).key());
            assertArrayEquals(sent.get(i).value(), read.get(i).value());
            assertEquals(sent.get(i).timestamp(), read.get(i).timestamp());
            Header[] headers = read.get(i).headers().toArray();
            assertEquals("n", headers[0].key());
            assertArrayEquals(bytes("" + i), headers[0].value());
            assertEquals("empty", headers[1].key());
            JsonNode value = overHttp.get(i).path("value").path("data");
            assertArrayEquals(
                    sent.get(i).value(),
                    value.isTextual() ? Base64.getDecoder().decode(value.textValue()) : null);
        }
    }

    @Test
    void sizesFromOneByteToTenMegabytesAreTakenAndMoreIsRefused() throws Exception {
        tenant.createTopic("t", 1, Map.of("max.message.bytes", "" + 11 * MEBIBYTE));
        try (KafkaProducer<byte[], byte[]> producer =
                producer(
                        Map.of(
                                "max.request.size",
                                32 * MEBIBYTE,
                                "buffer.memory",
                                64L * MEBIBYTE))) {
            byte[] large = new byte[10_000_000];
            new Random(1).nextBytes(large);
            producer.send(new ProducerRecord<>("t", new byte[] {1})).get();
            producer.send(new ProducerRecord<>("t", large)).get();
            Throwable refused =
                    assertThrows(
                            ExecutionException.class,
                            () ->
                                    producer.send(
                                                    new ProducerRecord<>(
                                                            "t", new byte[11 * MEBIBYTE + 1]))
                                            .get());
            assertInstanceOf(RecordTooLargeException.class, refused.getCause());
            List<ConsumerRecord<byte[], byte[]>> read = readAll("t", 2);
            assertEquals(1, read.get(0).value().length);
            assertArrayEquals(large, read.get(1).value());
        }
    }

    @Test
    void timestampsAreTheClientsOrTheServersAsTheTopicSays() throws Exception {
        tenant.createTopic("mine", 1, Map.of("message.timestamp.before.max.ms", "1000"));
        tenant.createTopic("theirs", 1, Map.of("message.timestamp.type", "LogAppendTime"));
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of())) {
            Throwable refused =
                    assertThrows(
                            ExecutionException.class,
                            () ->
                                    producer.send(
                                                    new ProducerRecord<>(
                                                            "mine", 0, 5L, null, new byte[0]))
                                            .get());
            assertInstanceOf(InvalidTimestampException.class, refused.getCause());
            long before = System.currentTimeMillis();
            RecordMetadata stored =
                    producer.send(new ProducerRecord<>("theirs", 0, 5L, null, new byte[0])).get();
            assertTrue(stored.timestamp() >= before);
            assertEquals(stored.timestamp(), readAll("theirs", 1).getFirst().timestamp());
        }
    }

    @Test
    void recordsThatATopicDoesNotTakeAreToldApartFromOthersOfTheirBatch() throws Exception {
        tenant.createTopic("latest", 1, Map.of("cleanup.policy", "compact"));
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of("linger.ms", "60000"))) {
            for (int i = 0; i < 10; i++) {
                byte[] key = i == 3 || i == 7 ? null : bytes("key");
                sent.add(producer.send(new ProducerRecord<>("latest", 0, key, bytes("v"))));
            }
            producer.flush();
        }
        for (int i = 0; i < sent.size(); i++) {
            Throwable why = assertThrows(ExecutionException.class, sent.get(i)::get).getCause();
            String message = why.getMessage();
            if (i == 3 || i == 7) {
                assertInstanceOf(InvalidRecordException.class, why);
                assertTrue(message.contains("record " + i + " without a key"), message);
            } else {
                assertTrue(message.contains("part of a batch"), message);
            }
        }
    }

    @Test
    void producerThatWantsNoAnswersIsHeard() throws Exception {
        tenant.createTopic("t", 1, Map.of());
        try (KafkaProducer<byte[], byte[]> producer =
                producer(Map.of("acks", "0", "enable.idempotence", "false"))) {
            for (int i = 0; i < 100; i++) {
                var _ = producer.send(new ProducerRecord<>("t", bytes("" + i)));
            }
        }
        List<ConsumerRecord<byte[], byte[]>> read = readAll("t", 100);
        for (int i = 0; i < 100; i++) {
            assertArrayEquals(bytes("" + i), read.get(i).value());
        }
    }

    @Test
    void idempotentProducerLosesDoublesAndSwapsNothingThroughKills() throws Exception {
        int records = 30_000;
        tenant.createTopic("t", 1, Map.of());
        try (KafkaProducer<byte[], byte[]> producer =
                producer(
                        Map.of(
                                "batch.size",
                                1_000,
                                "delivery.timeout.ms",
                                120_000,
                                "request.timeout.ms",
                                5_000,
                                "reconnect.backoff.max.ms",
                                200))) {
            List<Throwable> failed = new CopyOnWriteArrayList<>();
            CountDownLatch stored = new CountDownLatch(records);
            CountDownLatch begun = new CountDownLatch(1_000);
            CountDownLatch half = new CountDownLatch(records / 2);
            Thread sending =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        for (int i = 0; i < records; i++) {
                                            var _ =
                                                    producer.send(
                                                            new ProducerRecord<>(
                                                                    "t", bytes("" + i)),
                                                            (done, problem) -> {
                                                                if (problem != null) {
                                                                    failed.add(problem);
                                                                }
                                                                begun.countDown();
                                                                half.countDown();
                                                                stored.countDown();
                                                            });
                                        }
                                    });
            assertTrue(begun.await(60, TimeUnit.SECONDS));
            killAndStart();
            assertTrue(half.await(60, TimeUnit.SECONDS));
            killAndStart();
            sending.join();
            assertTrue(stored.await(120, TimeUnit.SECONDS));
            assertEquals(List.of(), failed);
        }
        List<ConsumerRecord<byte[], byte[]>> read = readAll("t", records);
        for (int i = 0; i < records; i++) {
            assertEquals("" + i, new String(read.get(i).value(), StandardCharsets.UTF_8));
        }
    }

    private void killAndStart() throws Exception {
        service.kill();
        service = Service.start(folder.resolve("data"), "--kafka-port=" + port);
    }
}
