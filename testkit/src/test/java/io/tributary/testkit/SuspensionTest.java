package io.tributary.testkit;

import static io.tributary.testkit.GroupClients.at;
import static io.tributary.testkit.GroupClients.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api.Answer;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.ListGroupsRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A suspended tenant's groups stand still on every door, and go on when it is resumed. */
class SuspensionTest {
    private static final Duration SOON = Duration.ofSeconds(3);
    private static final String BY_HAND =
            "\"format\":\"json\",\"auto.offset.reset\":\"earliest\",\"auto.commit.enable\":\"false\"";

    @TempDir static Path folder;
    private static Service service;
    private static Api api;
    private static int port;
    private static GroupClients clients;
    private Tenant tenant;
    private String key;

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

    @BeforeEach
    void tenantWithTenRecords() throws Exception {
        tenant = api.signUp("acme");
        key = KafkaConfigs.key(tenant.api());
        RestConsumer.topic(tenant, "t", 2, 10);
    }

    private void set(String state) throws IOException {
        Answer answer =
                api.as(service.operatorKey())
                        .call(
                                "PATCH",
                                "/v1/tenants/" + tenant.tenantId(),
                                Optional.of("{\"state\":\"" + state + "\"}"),
                                "Content-Type",
                                "application/json");
        assertEquals(200, answer.status(), answer.body());
    }

    private RawKafka connection() throws IOException {
        RawKafka connection = new RawKafka(port);
        assertEquals(Errors.NONE, connection.plain(key).error());
        return connection;
    }

    private static List<AbstractRequest> groupRequests() {
        return List.of(
                new ListGroupsRequest.Builder(new ListGroupsRequestData()).build(),
                new HeartbeatRequest.Builder(
                                new HeartbeatRequestData().setGroupId("g").setMemberId("m"))
                        .build(),
                new ConsumerGroupHeartbeatRequest.Builder(
                                new ConsumerGroupHeartbeatRequestData()
                                        .setGroupId("n")
                                        .setMemberId("m")
                                        .setRebalanceTimeoutMs(1_000)
                                        .setSubscribedTopicNames(List.of("t"))
                                        .setTopicPartitions(List.of()))
                        .build());
    }

    @Test
    void openConnectionsEndAndNothingIsAnsweredOnNewOnes() throws Exception {
        Tenant other = api.signUp("other");
        List<RawKafka> open = new ArrayList<>();
        try (RawKafka theirs = new RawKafka(port)) {
            assertEquals(Errors.NONE, theirs.plain(KafkaConfigs.key(other.api())).error());
            for (AbstractRequest request : groupRequests()) {
                RawKafka connection = connection();
                open.add(connection);
                assertTrue(connection.call(request).errorCounts().size() > 0);
            }
            set("suspended");
            for (RawKafka connection : open) {
                Duration took = connection.awaitEnd();
                assertTrue(took.compareTo(SOON) < 0, "it took " + took);
            }
            for (AbstractRequest request : groupRequests()) {
                try (RawKafka connection = new RawKafka(port)) {
                    assertEquals(Errors.SASL_AUTHENTICATION_FAILED, connection.plain(key).error());
                    assertThrows(IOException.class, () -> connection.call(request));
                }
            }
            assertEquals(
                    Map.of(Errors.NONE, 1),
                    theirs.call(groupRequests().getFirst()).errorCounts(),
                    "another tenant goes on");
        } finally {
            for (RawKafka connection : open) {
                connection.close();
            }
        }
        set("active");
        try (RawKafka connection = connection()) {
            assertEquals(
                    Map.of(Errors.NONE, 1),
                    connection.call(groupRequests().getFirst()).errorCounts());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void groupsOfKafkaClientsStandStillAndGoOnWhereTheyWere(String protocol) throws Exception {
        TopicPartition first = new TopicPartition("t", 0);
        TopicPartition second = new TopicPartition("t", 1);
        try (var member = clients.member(tenant.api(), "g", protocol, Map.of())) {
            member.consumer.subscribe(List.of("t"));
            until(() -> member.read.size() == 10, member);
            member.consumer.commitSync(Map.of(first, at(3), second, at(5)));
            set("suspended");
            assertThrows(
                    SaslAuthenticationException.class,
                    () -> until(() -> false, member),
                    "it may not stay in its group");
            assertThrows(
                    SaslAuthenticationException.class,
                    () -> {
                        while (true) {
                            member.consumer.commitSync(Map.of(first, at(3)));
                        }
                    });
            member.die();
        }
        try (var late = clients.member(tenant.api(), "g", protocol, Map.of());
                Admin admin = clients.admin(tenant.api())) {
            late.consumer.subscribe(List.of("t"));
            assertThrows(
                    SaslAuthenticationException.class,
                    () -> until(() -> false, late),
                    "nobody joins");
            ExecutionException refused =
                    assertThrows(ExecutionException.class, () -> admin.listGroups().all().get());
            assertInstanceOf(SaslAuthenticationException.class, refused.getCause().getCause());
            late.die();
        }
        set("active");
        RestConsumer.produce(tenant, "t", 2, 10, 12);
        try (var again = clients.member(tenant.api(), "g", protocol, Map.of())) {
            again.consumer.subscribe(List.of("t"));
            until(() -> again.read.size() >= 4, again);
            assertEquals(
                    List.of(6, 8, 10, 11), new TreeSet<>(again.read).stream().toList(), protocol);
        }
    }

    @Test
    void consumerInstancesAreRefusedAndGoOnWhereTheyWere() throws Exception {
        RestConsumer consumer = RestConsumer.create(tenant.api(), "g", "c", BY_HAND).subscribe("t");
        List<Integer> read = new ArrayList<>();
        while (read.size() < 10) {
            consumer.poll(1_000).forEach(one -> read.add(one.get("value").asInt()));
        }
        consumer.commit();
        long committed = consumer.committed("t", 0);
        CompletableFuture<Answer> waiting =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return consumer.records("?timeout=30000");
                            } catch (IOException e) {
                                throw new IllegalStateException(e);
                            }
                        });

        set("suspended");

        Answer ended = waiting.get(SOON.toMillis(), TimeUnit.MILLISECONDS);
        assertEquals(403, ended.status(), ended.body());
        String place = "{\"partitions\":[{\"topic\":\"t\",\"partition\":0}]}";
        List<Answer> refused =
                List.of(
                        RestConsumer.make(tenant.api(), "g", "d", BY_HAND),
                        consumer.records("?timeout=0"),
                        consumer.post("/subscription", "{\"topics\":[\"t\"]}"),
                        consumer.post("/assignments", place),
                        consumer.post("/positions/beginning", place),
                        tenant.api().call("POST", consumer.path() + "/offsets", Optional.empty()),
                        tenant.api().get(consumer.path() + "/offsets"),
                        tenant.api().delete(consumer.path()),
                        tenant.api().get("/topics"),
                        tenant.api()
                                .post(
                                        "/topics/t",
                                        "{\"records\":[{\"value\":99}]}",
                                        "Content-Type",
                                        "application/vnd.kafka.json.v2+json"));
        for (Answer answer : refused) {
            assertEquals(403, answer.status(), answer.response().uri() + " " + answer.body());
        }

        set("active");

        RestConsumer.produce(tenant, "t", 2, 10, 12);
        List<Integer> after = new ArrayList<>();
        while (after.size() < 2) {
            consumer.poll(1_000).forEach(one -> after.add(one.get("value").asInt()));
        }
        assertEquals(List.of(10, 11), after.stream().sorted().toList());
        assertEquals(committed, consumer.committed("t", 0));
        consumer.delete();
    }
}
