package io.tributary.testkit;

import static io.tributary.testkit.GroupClients.at;
import static io.tributary.testkit.GroupClients.described;
import static io.tributary.testkit.GroupClients.numbers;
import static io.tributary.testkit.GroupClients.until;
import static io.tributary.testkit.KafkaAdminCalls.refused;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api.Tenant;
import io.tributary.testkit.GroupClients.Member;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups as administrators see them, and who else does not. */
class KafkaGroupAdminTest {
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
    void administratorSeesAlterAndDeletesGroups(String protocol) throws Exception {
        Tenant tenant = tenant("orders");
        TopicPartition first = new TopicPartition("orders", 0);
        TopicPartition second = new TopicPartition("orders", 1);
        try (Admin admin = clients.admin(tenant.api())) {
            try (Member one = clients.member(tenant.api(), "g", protocol, Map.of())) {
                one.consumer.subscribe(List.of("orders"));
                until(() -> one.partitions() == PARTITIONS, one);
                one.consumer.commitSync(Map.of(first, at(5), second, at(6)));
                assertEquals(
                        List.of("g"),
                        admin.listGroups().all().get().stream()
                                .map(GroupListing::groupId)
                                .toList());
                ConsumerGroupDescription seen = described(admin, "g");
                assertEquals(GroupState.STABLE, seen.groupState());
                assertEquals(
                        PARTITIONS,
                        seen.members().iterator().next().assignment().topicPartitions().stream()
                                .filter(partition -> partition.topic().equals("orders"))
                                .count());
                refused(
                        GroupNotEmptyException.class,
                        admin.deleteConsumerGroups(List.of("g")).all());
            }
            await().atMost(GroupClients.PATIENCE)
                    .until(() -> described(admin, "g").groupState() == GroupState.EMPTY);
            admin.alterConsumerGroupOffsets("g", Map.of(first, at(50))).all().get();
            assertEquals(
                    Map.of(first, at(50), second, at(6)),
                    strip(
                            admin.listConsumerGroupOffsets("g")
                                    .partitionsToOffsetAndMetadata()
                                    .get()));
            assertEquals(
                    Map.of(second, at(6)),
                    strip(
                            admin.listConsumerGroupOffsets(
                                            Map.of(
                                                    "g",
                                                    new ListConsumerGroupOffsetsSpec()
                                                            .topicPartitions(List.of(second))))
                                    .partitionsToOffsetAndMetadata("g")
                                    .get()));
            admin.deleteConsumerGroupOffsets("g", Set.of(first)).all().get();
            assertEquals(
                    Map.of(second, at(6)),
                    strip(
                            admin.listConsumerGroupOffsets("g")
                                    .partitionsToOffsetAndMetadata()
                                    .get()));
            admin.deleteConsumerGroups(List.of("g")).all().get();
            assertTrue(admin.listGroups().all().get().isEmpty());
            refused(
                    GroupIdNotFoundException.class,
                    admin.describeConsumerGroups(List.of("g")).describedGroups().get("g"));
            refused(GroupIdNotFoundException.class, admin.deleteConsumerGroups(List.of("g")).all());
        }
    }

    private static Map<TopicPartition, OffsetAndMetadata> strip(
            Map<TopicPartition, OffsetAndMetadata> offsets) {
        return offsets.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, one -> at(one.getValue().offset())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void twoTenantsWithTheSameNamesNeverMeet(String protocol) throws Exception {
        Tenant acme = tenant("orders");
        Tenant rival = tenant("orders");
        clients.produce(acme.api(), "orders", PARTITIONS, 0, 40);
        clients.produce(rival.api(), "orders", PARTITIONS, 1_000, 1_040);
        TopicPartition first = new TopicPartition("orders", 0);
        try (Member ours = clients.member(acme.api(), "g", protocol, Map.of());
                Member theirs = clients.member(rival.api(), "g", protocol, Map.of());
                Admin us = clients.admin(acme.api());
                Admin them = clients.admin(rival.api())) {
            ours.consumer.subscribe(List.of("orders"));
            theirs.consumer.subscribe(List.of("orders"));
            until(() -> ours.read.size() == 40 && theirs.read.size() == 40, ours, theirs);
            assertEquals(numbers(0, 40), new TreeSet<>(ours.read));
            assertEquals(numbers(1_000, 1_040), new TreeSet<>(theirs.read));
            assertEquals(PARTITIONS, ours.partitions());
            ours.consumer.commitSync();
            assertTrue(
                    them.listConsumerGroupOffsets("g")
                            .partitionsToOffsetAndMetadata()
                            .get()
                            .isEmpty());
            ConsumerGroupDescription seen = described(them, "g");
            assertEquals(1, seen.members().size());
            us.alterConsumerGroupOffsets("only-ours", Map.of(first, at(1))).all().get();
            assertEquals(
                    List.of("g"),
                    them.listGroups().all().get().stream().map(GroupListing::groupId).toList());
            refused(
                    GroupIdNotFoundException.class,
                    them.deleteConsumerGroups(List.of("only-ours")).all());
            refused(
                    GroupIdNotFoundException.class,
                    them.deleteConsumerGroupOffsets("only-ours", Set.of(first)).all());
            assertEquals(
                    1,
                    us.listConsumerGroupOffsets("only-ours")
                            .partitionsToOffsetAndMetadata()
                            .get()
                            .size());
            // Not by names that look like the other's either.
            assertTrue(
                    them.listConsumerGroupOffsets(acme.tenantId() + "/g")
                            .partitionsToOffsetAndMetadata()
                            .get()
                            .isEmpty());
        }
    }

    @Test
    void removedTenantsGroupsAreGone() throws Exception {
        Tenant tenant = tenant("orders");
        try (Admin admin = clients.admin(tenant.api())) {
            admin.alterConsumerGroupOffsets("g", Map.of(new TopicPartition("orders", 0), at(1)))
                    .all()
                    .get();
        }
        Api operator = api.as(service.operatorKey());
        assertEquals(204, operator.delete("/v1/tenants/" + tenant.tenantId()).status());
        await().atMost(GroupClients.PATIENCE)
                .until(
                        () ->
                                service.log()
                                        .contains(
                                                "groups of a removed tenant deleted tenant="
                                                        + tenant.tenantId()
                                                        + " count=1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void keyUsesGroupsWithTheTopicsItMayConsume(String protocol) throws Exception {
        Tenant tenant = tenant("read", "hidden");
        TopicPartition read = new TopicPartition("read", 0);
        TopicPartition hidden = new TopicPartition("hidden", 0);
        Api reader = tenant.newKey("\"grants\":[{\"operation\":\"consume\",\"topic\":\"read\"}]");
        Api writer = tenant.newKey("\"grants\":[{\"operation\":\"produce\",\"topic\":\"read\"}]");
        try (Admin admin = clients.admin(tenant.api());
                Admin asReader = clients.admin(reader);
                Admin asWriter = clients.admin(writer);
                Member member = clients.member(reader, "g", protocol, Map.of());
                Member refused = clients.member(writer, "g", protocol, Map.of())) {
            admin.alterConsumerGroupOffsets("g", Map.of(read, at(1), hidden, at(2))).all().get();
            assertEquals(
                    Map.of(read, at(1)),
                    strip(
                            asReader.listConsumerGroupOffsets("g")
                                    .partitionsToOffsetAndMetadata()
                                    .get()));
            refused(
                    TopicAuthorizationException.class,
                    asReader.alterConsumerGroupOffsets("g", Map.of(hidden, at(3)))
                            .partitionResult(hidden));
            refused(
                    TopicAuthorizationException.class,
                    asReader.deleteConsumerGroupOffsets("g", Set.of(hidden))
                            .partitionResult(hidden));
            refused(
                    GroupAuthorizationException.class,
                    asReader.deleteConsumerGroups(List.of("g")).all());
            refused(
                    GroupAuthorizationException.class,
                    asWriter.listConsumerGroupOffsets("g").partitionsToOffsetAndMetadata());
            assertTrue(asWriter.listGroups().all().get().isEmpty());
            member.consumer.subscribe(List.of("read"));
            until(() -> member.partitions() == PARTITIONS, member);
            refused.consumer.subscribe(List.of("read"));
            assertThrows(AuthorizationException.class, () -> until(() -> false, refused));
            if (protocol.equals("consumer")) {
                member.consumer.subscribe(List.of("hidden"));
                assertThrows(TopicAuthorizationException.class, () -> until(() -> false, member));
            }
        }
    }
}
