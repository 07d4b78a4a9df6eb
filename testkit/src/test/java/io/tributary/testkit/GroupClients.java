package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Consumers in groups, producers and administrators of one service. */
final class GroupClients {
    static final Duration PATIENCE = Duration.ofSeconds(100);
    private static final Duration POLL = Duration.ofMillis(200);

    private final int port;

    /** A service whose groups notice within seconds who comes and who has gone. */
    static Service start(Path data, int port) throws IOException {
        return Service.start(
                data,
                "--kafka-port=" + port,
                "--kafka-config=group.initial.rebalance.delay.ms=500",
                "--kafka-config=group.consumer.min.session.timeout.ms=6000",
                "--kafka-config=group.consumer.session.timeout.ms=6000",
                "--kafka-config=group.consumer.min.heartbeat.interval.ms=1000",
                "--kafka-config=group.consumer.heartbeat.interval.ms=1000");
    }

    /** A new tenant with topics of so many partitions. */
    static Tenant tenant(Api api, int partitions, String... topics) throws IOException {
        Tenant tenant = api.signUp("acme");
        for (String topic : topics) {
            Api.Answer made = tenant.createTopic(topic, partitions, Map.of());
            assertEquals(201, made.status(), made.body());
        }
        return tenant;
    }

    static Set<Integer> numbers(int from, int to) {
        return IntStream.range(from, to).boxed().collect(Collectors.toCollection(TreeSet::new));
    }

    static OffsetAndMetadata at(long offset) {
        return new OffsetAndMetadata(offset);
    }

    static ConsumerGroupDescription described(Admin admin, String group) throws Exception {
        return admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get();
    }

    GroupClients(int port) {
        this.port = port;
    }

    Admin admin(Api as) {
        return Admin.create(KafkaConfigs.plain(port, as, Map.of()));
    }

    /** Sends numbered records in turn to a topic's partitions. */
    void produce(Api as, String topic, int partitions, int from, int to) throws Exception {
        try (var producer =
                new KafkaProducer<>(
                        KafkaConfigs.plain(port, as, Map.of()),
                        new StringSerializer(),
                        new StringSerializer())) {
            for (int i = from; i < to; i++) {
                var _ =
                        producer.send(
                                new ProducerRecord<>(
                                        topic, i % partitions, "k", Integer.toString(i)));
            }
            producer.flush();
        }
    }

    Member member(Api as, String group, String protocol, Map<String, Object> more) {
        Map<String, Object> config = new HashMap<>(more);
        config.put("group.id", group);
        config.put("group.protocol", protocol);
        config.put("auto.offset.reset", "earliest");
        config.put("enable.auto.commit", "false");
        config.put("allow.auto.create.topics", "false");
        config.put("metadata.max.age.ms", "1000");
        if (protocol.equals("classic")) {
            config.put("session.timeout.ms", "6000");
            config.put("heartbeat.interval.ms", "500");
        }
        return new Member(
                new KafkaConsumer<>(
                        KafkaConfigs.plain(port, as, config),
                        new StringDeserializer(),
                        new StringDeserializer()));
    }

    /** A consumer in a group, and what it has read. */
    static final class Member implements AutoCloseable {
        final KafkaConsumer<String, String> consumer;
        final List<Integer> read = new ArrayList<>();

        private Member(KafkaConsumer<String, String> consumer) {
            this.consumer = consumer;
        }

        void poll() {
            consumer.poll(POLL).forEach(one -> read.add(Integer.parseInt(one.value())));
        }

        int partitions() {
            return consumer.assignment().size();
        }

        Set<String> topics() {
            return consumer.assignment().stream()
                    .map(one -> one.topic())
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        /** Goes without telling anybody. */
        void die() {
            consumer.close(
                    CloseOptions.timeout(Duration.ZERO)
                            .withGroupMembershipOperation(
                                    CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP));
        }

        @Override
        public void close() {
            consumer.close();
        }
    }

    /** Lets the members read until something holds. */
    static void until(Callable<Boolean> condition, Member... members) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                StringBuilder what = new StringBuilder("it never came to that:");
                for (Member member : members) {
                    what.append(' ').append(member.consumer.assignment());
                    what.append(" read ").append(member.read.size());
                }
                throw new AssertionError(what.toString());
            }
            for (Member member : members) {
                member.poll();
            }
        }
    }
}
