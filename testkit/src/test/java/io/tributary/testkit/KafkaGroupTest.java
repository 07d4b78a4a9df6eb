package io.tributary.testkit;

import static io.tributary.testkit.GroupClients.at;
import static io.tributary.testkit.GroupClients.described;
import static io.tributary.testkit.GroupClients.numbers;
import static io.tributary.testkit.GroupClients.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tributary.testkit.Api.Tenant;
import io.tributary.testkit.GroupClients.Member;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kafka's own consumers share topics in groups, by either protocol. */
class KafkaGroupTest {
    private static final int PARTITIONS = 4;

    @TempDir static Path folder;
    private static Service service;
    private static Api api;
    private static GroupClients clients;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        port = KafkaConfigs.freePort();
        service = GroupClients.start(folder.resolve("data"), port);
        api = Api.of(service);
        clients = new GroupClients(port);
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        service.close();
    }

    private static Tenant tenant(String... topics) throws Exception {
        return GroupClients.tenant(api, PARTITIONS, topics);
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void membersShareATopicAndGoOnWhereTheyLeft(String protocol) throws Exception {
        Tenant tenant = tenant("orders");
        clients.produce(tenant.api(), "orders", PARTITIONS, 0, 100);
        try (Member one = clients.member(tenant.api(), "g", protocol, Map.of())) {
            one.consumer.subscribe(List.of("orders"));
            until(() -> one.read.size() == 100, one);
            assertEquals(PARTITIONS, one.partitions());
            one.consumer.commitSync();
            try (Member two = clients.member(tenant.api(), "g", protocol, Map.of())) {
                two.consumer.subscribe(List.of("orders"));
                until(() -> one.partitions() == 2 && two.partitions() == 2, one, two);
                clients.produce(tenant.api(), "orders", PARTITIONS, 100, 200);
                until(() -> one.read.size() + two.read.size() == 200, one, two);
                assertEquals(50, two.read.size());
                two.consumer.commitSync();
                one.consumer.commitSync();
            }
            until(() -> one.partitions() == PARTITIONS, one);
            clients.produce(tenant.api(), "orders", PARTITIONS, 200, 300);
            until(() -> one.read.size() == 250, one);
            one.consumer.commitSync();
        }
        try (Member next = clients.member(tenant.api(), "g", protocol, Map.of())) {
            clients.produce(tenant.api(), "orders", PARTITIONS, 300, 304);
            next.consumer.subscribe(List.of("orders"));
            until(() -> next.read.size() == 4, next);
            assertEquals(numbers(300, 304), new TreeSet<>(next.read));
        }
    }

    @Test
    void whoeverDiesIsReplacedAndNothingIsSkipped() throws Exception {
        Tenant tenant = tenant("orders");
        try (Member survivor = clients.member(tenant.api(), "g", "classic", Map.of())) {
            Member victim = clients.member(tenant.api(), "g", "classic", Map.of());
            survivor.consumer.subscribe(List.of("orders"));
            victim.consumer.subscribe(List.of("orders"));
            until(() -> survivor.partitions() == 2 && victim.partitions() == 2, survivor, victim);
            clients.produce(tenant.api(), "orders", PARTITIONS, 0, 200);
            // It has read some that it has not committed.
            until(() -> !victim.read.isEmpty(), survivor, victim);
            victim.die();
            until(() -> survivor.partitions() == PARTITIONS, survivor);
            clients.produce(tenant.api(), "orders", PARTITIONS, 200, 300);
            until(() -> new TreeSet<>(survivor.read).size() == 300, survivor);
            assertEquals(numbers(0, 300), new TreeSet<>(survivor.read));
        }
    }

    @Test
    void memberThatFallsSilentIsReplacedAndNothingIsSkipped() throws Exception {
        Tenant tenant = tenant("orders");
        clients.produce(tenant.api(), "orders", PARTITIONS, 0, 100);
        try (Member survivor = clients.member(tenant.api(), "g", "consumer", Map.of())) {
            try (RawKafka silent = new RawKafka(port)) {
                assertEquals(Errors.NONE, silent.plain(KafkaConfigs.key(tenant.api())).error());
                ConsumerGroupHeartbeatResponse joined =
                        (ConsumerGroupHeartbeatResponse)
                                silent.call(
                                        new ConsumerGroupHeartbeatRequest.Builder(
                                                        new ConsumerGroupHeartbeatRequestData()
                                                                .setGroupId("g")
                                                                .setMemberId("silent")
                                                                .setRebalanceTimeoutMs(60_000)
                                                                .setSubscribedTopicNames(
                                                                        List.of("orders"))
                                                                .setTopicPartitions(List.of()))
                                                .build((short) 1));
                assertEquals(Errors.NONE.code(), joined.data().errorCode());
            }
            survivor.consumer.subscribe(List.of("orders"));
            until(() -> survivor.partitions() == PARTITIONS, survivor);
            until(() -> survivor.read.size() == 100, survivor);
            assertEquals(numbers(0, 100), new TreeSet<>(survivor.read));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void staticMemberFindsItsPartitionsAgain(String protocol) throws Exception {
        Tenant tenant = tenant("orders");
        Map<String, Object> stays = Map.of("group.instance.id", "one");
        try (Member other =
                clients.member(tenant.api(), "g", protocol, Map.of("group.instance.id", "two"))) {
            Member before = clients.member(tenant.api(), "g", protocol, stays);
            other.consumer.subscribe(List.of("orders"));
            before.consumer.subscribe(List.of("orders"));
            until(() -> other.partitions() == 2 && before.partitions() == 2, other, before);
            Set<TopicPartition> had = before.consumer.assignment();
            before.close();
            try (Member after = clients.member(tenant.api(), "g", protocol, stays)) {
                after.consumer.subscribe(List.of("orders"));
                until(() -> after.partitions() == 2, after, other);
                assertEquals(had, after.consumer.assignment());
                assertEquals(2, other.partitions());
            }
        }
    }

    @Test
    void expressionsFindTopicsOfTheirTenantAloneAndNewOnesToo() throws Exception {
        Tenant tenant = tenant("orders-a", "payments");
        Tenant rival = tenant("orders-a", "orders-secret");
        try (Member server = clients.member(tenant.api(), "g", "consumer", Map.of());
                Member client = clients.member(tenant.api(), "h", "classic", Map.of());
                Member hostile = clients.member(tenant.api(), "i", "consumer", Map.of());
                Member theirs = clients.member(rival.api(), "g", "consumer", Map.of())) {
            server.consumer.subscribe(new SubscriptionPattern("^orders-.*$"));
            theirs.consumer.subscribe(new SubscriptionPattern("orders-.*"));
            client.consumer.subscribe(Pattern.compile("orders-.*"));
            until(
                    () ->
                            server.topics().equals(Set.of("orders-a"))
                                    && client.topics().equals(Set.of("orders-a"))
                                    && theirs.topics().equals(Set.of("orders-a", "orders-secret")),
                    server,
                    client,
                    theirs);
            tenant.createTopic("orders-b", 1, Map.of());
            until(
                    () ->
                            server.topics().equals(Set.of("orders-a", "orders-b"))
                                    && client.topics().equals(Set.of("orders-a", "orders-b")),
                    server,
                    client,
                    theirs);
            assertEquals(Set.of("orders-a", "orders-secret"), theirs.topics());
            try (Admin admin = clients.admin(tenant.api())) {
                ConsumerGroupDescription seen = described(admin, "g");
                assertEquals(
                        Set.of("orders-a", "orders-b"),
                        seen.members().iterator().next().assignment().topicPartitions().stream()
                                .map(TopicPartition::topic)
                                .collect(Collectors.toSet()));
            }
            hostile.consumer.subscribe(new SubscriptionPattern("a)|(?:.*"));
            assertThrows(InvalidRegularExpression.class, () -> until(() -> false, hostile));
        }
    }

    @Test
    void topicThatGrowsOrGoesIsNoticed() throws Exception {
        Tenant tenant = tenant("orders");
        try (Member one = clients.member(tenant.api(), "g", "consumer", Map.of());
                Admin admin = clients.admin(tenant.api())) {
            one.consumer.subscribe(List.of("orders", "later"));
            until(() -> one.partitions() == PARTITIONS, one);
            one.consumer.commitSync(Map.of(new TopicPartition("orders", 0), at(0)));
            tenant.createTopic("later", 1, Map.of());
            until(() -> one.partitions() == PARTITIONS + 1, one);
            admin.createPartitions(Map.of("orders", NewPartitions.increaseTo(6))).all().get();
            until(() -> one.partitions() == 7, one);
            admin.deleteTopics(List.of("orders")).all().get();
            until(() -> one.topics().equals(Set.of("later")), one);
            until(
                    () ->
                            admin.listConsumerGroupOffsets("g")
                                    .partitionsToOffsetAndMetadata()
                                    .get()
                                    .isEmpty(),
                    one);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void groupsOutliveAKill(String protocol) throws Exception {
        int other = KafkaConfigs.freePort();
        Path data = folder.resolve("killed-" + protocol);
        GroupClients own = new GroupClients(other);
        String key;
        Tenant tenant;
        try (Service first = GroupClients.start(data, other);
                Api admin = Api.of(first)) {
            tenant = admin.signUp("acme");
            key = KafkaConfigs.key(tenant.api());
            tenant.createTopic("orders", PARTITIONS, Map.of());
            own.produce(tenant.api(), "orders", PARTITIONS, 0, 100);
            try (Member one = own.member(tenant.api(), "g", protocol, Map.of())) {
                one.consumer.subscribe(List.of("orders"));
                until(() -> one.read.size() == 100, one);
                one.consumer.commitSync();
                first.kill();
            }
        }
        try (Service second = GroupClients.start(data, other);
                Api admin = Api.of(second);
                Admin kafka = own.admin(admin.as(key))) {
            Map<TopicPartition, OffsetAndMetadata> committed =
                    kafka.listConsumerGroupOffsets("g").partitionsToOffsetAndMetadata().get();
            assertEquals(PARTITIONS, committed.size());
            committed.values().forEach(one -> assertEquals(25, one.offset()));
            own.produce(admin.as(key), "orders", PARTITIONS, 100, 108);
            try (Member two = own.member(admin.as(key), "g", protocol, Map.of())) {
                two.consumer.subscribe(List.of("orders"));
                until(() -> two.read.size() == 8, two);
                assertEquals(numbers(100, 108), new TreeSet<>(two.read));
            }
        }
    }
}
