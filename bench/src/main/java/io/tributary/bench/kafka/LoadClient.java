package io.tributary.bench.kafka;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Kafka's own clients as a process of its own; prints one line of figures. */
final class LoadClient {
    private static final int RECORD_BYTES = 1_024;
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** How many topics are asked for in one request. */
    private static final int TOPICS_A_REQUEST = 20;

    private LoadClient() {}

    /** What to do, the server's address, and what else that needs. */
    public static void main(String... args) throws Exception {
        String address = args[1];
        switch (args[0]) {
            case "create" ->
                    create(address, args[2], Integer.parseInt(args[3]), Integer.parseInt(args[4]));
            case "consume" ->
                    consume(address, args[2], Integer.parseInt(args[3]), Long.parseLong(args[4]));
            case "latency" ->
                    latency(
                            address,
                            args[2],
                            Integer.parseInt(args[3]),
                            Double.parseDouble(args[4]));
            case "spread" ->
                    spread(address, args[2], Integer.parseInt(args[3]), Integer.parseInt(args[4]));
            case "served" -> served(address, args[2]);
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static void print(Object... figures) {
        System.out.println(String.join(" ", Arrays.stream(figures).map(LoadClient::text).toList()));
    }

    private static String text(Object figure) {
        return figure instanceof Double number
                ? String.format(Locale.ROOT, "%.6f", number)
                : figure.toString();
    }

    private static KafkaProducer<byte[], byte[]> producer(String address, int lingerMillis) {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        address,
                        "linger.ms",
                        lingerMillis,
                        "reconnect.backoff.max.ms",
                        50,
                        "retry.backoff.max.ms",
                        50),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static KafkaConsumer<byte[], byte[]> consumer(String address) {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", address, "enable.auto.commit", "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private static List<TopicPartition> partitions(String topic, int count) {
        return IntStream.range(0, count).mapToObj(p -> new TopicPartition(topic, p)).toList();
    }

    /** Topics of some partitions each; prints the seconds. */
    private static void create(String address, String prefix, int topics, int partitions)
            throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            long begin = System.nanoTime();
            for (int from = 0; from < topics; from += TOPICS_A_REQUEST) {
                admin.createTopics(
                                IntStream.range(from, Math.min(topics, from + TOPICS_A_REQUEST))
                                        .mapToObj(
                                                i ->
                                                        new NewTopic(
                                                                prefix + i, partitions, (short) 1))
                                        .toList())
                        .all()
                        .get();
            }
            print((System.nanoTime() - begin) / 1e9);
        }
    }

    /** From the beginning of every partition; prints the seconds from the first record on. */
    private static void consume(String address, String topic, int partitions, long records) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(address)) {
            consumer.assign(partitions(topic, partitions));
            consumer.seekToBeginning(consumer.assignment());
            long patience = System.nanoTime() + PATIENCE.toNanos();
            long begin = 0;
            long first = 0;
            long count = 0;
            while (count < records) {
                int got = consumer.poll(POLL).count();
                long now = System.nanoTime();
                if (count == 0 && got > 0) {
                    begin = now;
                    first = got;
                }
                count += got;
                if (now > patience) {
                    throw new IllegalStateException("only " + count + " of " + records);
                }
            }
            print((System.nanoTime() - begin) / 1e9, count - first);
        }
    }

    /**
     * One record after the other at a steady pace; prints the milliseconds from send to arrival.
     */
    private static void latency(String address, String topic, int perSecond, double seconds)
            throws Exception {
        int warm = perSecond;
        int records = warm + (int) (perSecond * seconds);
        try (KafkaProducer<byte[], byte[]> producer = producer(address, 0);
                KafkaConsumer<byte[], byte[]> consumer = consumer(address)) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToEnd(consumer.assignment());
            consumer.position(partition);
            Thread sending =
                    Thread.ofPlatform()
                            .daemon()
                            .start(() -> pace(producer, topic, perSecond, records));
            long[] nanos = new long[records];
            int count = 0;
            long patience = System.nanoTime() + PATIENCE.toNanos();
            while (count < records && System.nanoTime() < patience) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    nanos[count++] = System.nanoTime() - ByteBuffer.wrap(record.value()).getLong();
                }
            }
            sending.join();
            if (count < records) {
                throw new IllegalStateException("only " + count + " of " + records);
            }
            long[] sorted = Arrays.stream(nanos, warm, records).sorted().toArray();
            print(
                    sorted[sorted.length / 2] / 1e6,
                    sorted[(int) (sorted.length * 0.99)] / 1e6,
                    sorted[sorted.length - 1] / 1e6);
        }
    }

    private static void pace(
            KafkaProducer<byte[], byte[]> producer, String topic, int perSecond, int records) {
        long begin = System.nanoTime();
        for (int i = 0; i < records; i++) {
            long due = begin + i * 1_000_000_000L / perSecond;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            byte[] value = new byte[RECORD_BYTES];
            ByteBuffer.wrap(value).putLong(System.nanoTime());
            var _ = producer.send(new ProducerRecord<>(topic, 0, null, value));
        }
    }

    /**
     * A record to every partition of every topic; prints the seconds until all are acknowledged.
     */
    private static void spread(String address, String prefix, int topics, int partitions)
            throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(address, 5)) {
            for (int topic = 0; topic < topics; topic++) {
                producer.partitionsFor(prefix + topic);
            }
            long begin = System.nanoTime();
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int partition = 0; partition < partitions; partition++) {
                for (int topic = 0; topic < topics; topic++) {
                    sent.add(
                            producer.send(
                                    new ProducerRecord<>(
                                            prefix + topic,
                                            partition,
                                            null,
                                            new byte[RECORD_BYTES])));
                }
            }
            for (Future<RecordMetadata> record : sent) {
                record.get();
            }
            print((System.nanoTime() - begin) / 1e9);
        }
    }

    /** Says that it is ready, then tries until a record is acknowledged; prints when that was. */
    private static void served(String address, String topic) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(address, 0)) {
            print("ready");
            producer.send(new ProducerRecord<>(topic, 0, null, new byte[RECORD_BYTES])).get();
            print(System.currentTimeMillis());
        }
    }
}
