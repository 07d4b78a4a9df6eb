package io.tributary.testkit;

import static io.tributary.testkit.GroupClients.at;
import static io.tributary.testkit.GroupClients.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api.Tenant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The node's disk is gone: consumer groups come back from the object store with the rest. */
class GroupRestoreTest {
    private static final String BY_HAND =
            "\"format\":\"json\",\"auto.offset.reset\":\"earliest\",\"auto.commit.enable\":\"false\"";

    private static final List<String> PROTOCOLS = List.of("classic", "consumer");

    @TempDir Path folder;

    private Service start(String data, int port) throws IOException {
        return Service.start(
                folder.resolve(data),
                "--object-store=" + LostNode.store(folder.resolve("store")),
                LostNode.BACKUPS,
                "--kafka-port=" + port,
                "--kafka-config=group.initial.rebalance.delay.ms=500");
    }

    /** Reads all ten records in a group, and commits less. */
    private static void readAndCommit(GroupClients clients, Tenant tenant, String protocol)
            throws Exception {
        try (var member = clients.member(tenant.api(), protocol, protocol, Map.of())) {
            member.consumer.subscribe(List.of("t"));
            until(() -> member.read.size() == 10, member);
            member.consumer.commitSync(
                    Map.of(
                            new TopicPartition("t", 0), at(3),
                            new TopicPartition("t", 1), at(5)));
        }
    }

    private static void awaitValues(RestConsumer consumer, Set<Integer> expected) {
        Set<Integer> seen = new TreeSet<>();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                // The first answers after a start may be that groups are being read.
                .ignoreException(IOException.class)
                .until(
                        () -> {
                            for (JsonNode one : consumer.poll(500)) {
                                seen.add(one.get("value").asInt());
                            }
                            return seen.size() >= expected.size();
                        });
        assertEquals(expected, seen);
    }

    /** Uses groups in every way; what is to be there again is durable when it returns. */
    private Tenant use(GroupClients clients, Api api) throws Exception {
        Tenant tenant = api.signUp("acme");
        RestConsumer.topic(tenant, "t", 2, 10);
        for (String protocol : PROTOCOLS) {
            readAndCommit(clients, tenant, protocol);
        }
        RestConsumer subscribed =
                RestConsumer.create(tenant.api(), "rest", "subscribed", BY_HAND).subscribe("t");
        awaitValues(subscribed, GroupClients.numbers(0, 10));
        subscribed.commit();
        RestConsumer assigned = RestConsumer.create(tenant.api(), "hand", "assigned", BY_HAND);
        assertEquals(
                204,
                assigned.post(
                                "/assignments",
                                "{\"partitions\":[{\"topic\":\"t\",\"partition\":0}]}")
                        .status());
        assertEquals(
                204,
                assigned.post(
                                "/positions",
                                "{\"offsets\":[{\"topic\":\"t\",\"partition\":0,\"offset\":3}]}")
                        .status());
        return tenant;
    }

    private static void goesOn(GroupClients clients, Tenant tenant) throws Exception {
        try (Admin admin = clients.admin(tenant.api())) {
            // Asked again while groups are being read.
            assertEquals(
                    Set.of("classic", "consumer", "rest"),
                    admin.listGroups().all().get().stream()
                            .map(one -> one.groupId())
                            .collect(Collectors.toSet()));
            assertEquals(
                    Map.of(new TopicPartition("t", 0), at(3), new TopicPartition("t", 1), at(5)),
                    admin.listConsumerGroupOffsets("classic")
                            .partitionsToOffsetAndMetadata()
                            .get());
        }
        RestConsumer.produce(tenant, "t", 2, 10, 14);
        for (String protocol : PROTOCOLS) {
            try (var member = clients.member(tenant.api(), protocol, protocol, Map.of())) {
                member.consumer.subscribe(List.of("t"));
                until(() -> member.read.size() >= 6, member);
                assertEquals(
                        Set.of(6, 8, 10, 11, 12, 13), new TreeSet<>(member.read), "in " + protocol);
                member.consumer.commitSync();
            }
        }
        awaitValues(new RestConsumer(tenant.api(), "rest", "subscribed"), Set.of(10, 11, 12, 13));
        awaitValues(new RestConsumer(tenant.api(), "hand", "assigned"), Set.of(6, 8, 10, 12));
    }

    private void restore(String... more) throws IOException {
        List<String> options =
                new ArrayList<>(
                        List.of(
                                "--object-store=" + LostNode.store(folder.resolve("store")),
                                "--data=" + folder.resolve("anew")));
        options.addAll(List.of(more));
        Command.Ended restored = LostNode.restore(Map.of(), options.toArray(String[]::new));
        assertEquals(0, restored.code(), restored.errors());
        assertTrue(restored.output().contains(": 1 tenants, 1 topics"), restored.output());
    }

    @Test
    void groupsAndInstancesGoOnWhereTheyWereFromTheStoreAlone() throws Exception {
        int port = KafkaConfigs.freePort();
        GroupClients clients = new GroupClients(port);
        Tenant tenant;
        try (Service service = start("data", port);
                Api api = Api.of(service)) {
            tenant = use(clients, api);
            assertEquals(
                    200, api.as(service.operatorKey()).post("/v1/operator/flush", "").status());
            LostNode.awaitBackup(api);
            service.kill();
        }
        restore();
        try (Service service = start("anew", port);
                Api api = Api.of(service)) {
            goesOn(clients, LostNode.as(tenant, api));
            service.kill();
        }
        // What they did since then is behind the offsets that a restore skips.
        try (Service service = start("anew", port);
                Api api = Api.of(service)) {
            Tenant again = LostNode.as(tenant, api);
            RestConsumer.produce(again, "t", 2, 14, 16);
            try (var member = clients.member(again.api(), "consumer", "consumer", Map.of())) {
                member.consumer.subscribe(List.of("t"));
                until(() -> member.read.size() >= 2, member);
                assertEquals(List.of(14, 15), member.read.stream().sorted().toList());
            }
        }
    }

    @Test
    void whatGroupsCommittedIsReadFromSurvivingLedgers() throws Exception {
        int port = KafkaConfigs.freePort();
        GroupClients clients = new GroupClients(port);
        Tenant tenant;
        try (Service service = start("data", port);
                Api api = Api.of(service)) {
            tenant = use(clients, api);
            LostNode.awaitBackup(api);
            service.kill();
        }
        Path ledgers = folder.resolve("ledgers");
        Files.move(folder.resolve("data").resolve("ledgers"), ledgers);
        restore("--ledgers=" + ledgers, "--offset-gap=0");
        try (Service service = start("anew", port);
                Api api = Api.of(service)) {
            goesOn(clients, LostNode.as(tenant, api));
        }
    }
}
