package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.testkit.Api.Tenant;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourcePatternFilter;
import org.apache.kafka.common.resource.ResourceType;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ACLs as Kafka's tools know them are the grants of a tenant's API keys. */
class KafkaAclTest {
    @TempDir static Path folder;
    private static int port;
    private static Service service;
    private static Api api;
    private Tenant tenant;
    private Admin admin;
    private String keyId;
    private String key;

    @BeforeAll
    static void start() throws Exception {
        port = KafkaConfigs.freePort();
        service = Service.start(folder.resolve("data"), "--kafka-port=" + port);
        api = Api.of(service);
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        service.close();
    }

    @BeforeEach
    void tenantWithAKey() throws Exception {
        tenant = api.signUp("acme");
        assertEquals(201, tenant.createTopic("orders", 1, Map.of()).status());
        var made = tenant.api().post("/v1/api-keys", "{\"description\":\"app\"}").json();
        keyId = made.get("id").asText();
        key = keyId + ":" + made.get("secret").asText();
        admin = Admin.create(KafkaConfigs.plain(port, tenant.api(), Map.of()));
    }

    @AfterEach
    void close() {
        admin.close();
    }

    private AclBinding acl(PatternType pattern, String topic, AclOperation operation) {
        return acl("User:" + keyId, ResourceType.TOPIC, pattern, topic, operation);
    }

    private static AclBinding acl(
            String who, ResourceType type, PatternType pattern, String name, AclOperation what) {
        return new AclBinding(
                new ResourcePattern(type, name, pattern),
                new AccessControlEntry(who, "*", what, AclPermissionType.ALLOW));
    }

    private Collection<AclBinding> described(AclBindingFilter filter) throws Exception {
        return admin.describeAcls(filter).values().get();
    }

    private static Set<AclOperation> operations(Collection<AclBinding> acls) {
        return acls.stream().map(acl -> acl.entry().operation()).collect(Collectors.toSet());
    }

    private int grants() throws Exception {
        for (var one : tenant.api().get("/v1/api-keys").json().get("data")) {
            if (one.get("id").asText().equals(keyId)) {
                return one.get("grants").size();
            }
        }
        throw new AssertionError("the key is gone");
    }

    private static int topics(RawKafka connection) throws Exception {
        return ((MetadataResponse)
                        connection.call(MetadataRequest.Builder.allTopics().build((short) 12)))
                .topicMetadata()
                .size();
    }

    @Test
    void aclsAreGrantsThatHoldAtOnceAlsoOnConnectionsThatAreOpen() throws Exception {
        try (RawKafka connection = new RawKafka(port)) {
            assertEquals(Errors.NONE, connection.plain(key).error());
            assertEquals(0, topics(connection));
            // As kafka-acls --consumer says it, but for the group.
            admin.createAcls(
                            List.of(
                                    acl(PatternType.LITERAL, "orders", AclOperation.DESCRIBE),
                                    acl(PatternType.LITERAL, "orders", AclOperation.READ)))
                    .all()
                    .get();
            assertEquals(1, grants());
            Awaitility.await().until(() -> topics(connection) == 1);
            assertEquals(
                    Set.of(acl(PatternType.LITERAL, "orders", AclOperation.READ)),
                    Set.copyOf(described(AclBindingFilter.ANY)));
            Collection<AclBinding> gone =
                    admin.deleteAcls(
                                    List.of(
                                            acl(PatternType.LITERAL, "orders", AclOperation.READ)
                                                    .toFilter()))
                            .all()
                            .get();
            assertEquals(1, gone.size());
            assertEquals(0, grants());
            Awaitility.await().until(() -> topics(connection) == 0);
        }
    }

    @Test
    void grantToManageIsFourAclsThatComeAndGoTogether() throws Exception {
        Set<AclOperation> four =
                EnumSet.of(
                        AclOperation.CREATE,
                        AclOperation.DELETE,
                        AclOperation.ALTER,
                        AclOperation.ALTER_CONFIGS);
        admin.createAcls(List.of(acl(PatternType.PREFIXED, "ord", AclOperation.DELETE)))
                .all()
                .get();
        assertEquals(four, operations(described(AclBindingFilter.ANY)));
        Collection<AclBinding> gone =
                admin.deleteAcls(
                                List.of(
                                        acl(PatternType.PREFIXED, "ord", AclOperation.CREATE)
                                                .toFilter()))
                        .all()
                        .get();
        assertEquals(four, operations(gone));
        assertEquals(List.of(), List.copyOf(described(AclBindingFilter.ANY)));
    }

    @Test
    void filtersMatchAsInKafka() throws Exception {
        admin.createAcls(
                        List.of(
                                acl(PatternType.LITERAL, "orders", AclOperation.READ),
                                acl(PatternType.PREFIXED, "ord", AclOperation.WRITE),
                                acl(PatternType.LITERAL, "*", AclOperation.READ),
                                acl(PatternType.LITERAL, "other", AclOperation.READ)))
                .all()
                .get();
        assertEquals(4, described(AclBindingFilter.ANY).size());
        assertEquals(3, described(on("orders", PatternType.MATCH)).size());
        assertEquals(1, described(on("orders", PatternType.LITERAL)).size());
        assertEquals(1, described(on("ord", PatternType.PREFIXED)).size());
        assertEquals(1, described(on("*", PatternType.LITERAL)).size());
        assertEquals(
                0,
                described(
                                new AclBindingFilter(
                                        ResourcePatternFilter.ANY,
                                        new AccessControlEntryFilter(
                                                "User:somebody",
                                                null,
                                                AclOperation.ANY,
                                                AclPermissionType.ANY)))
                        .size());
    }

    private static AclBindingFilter on(String topic, PatternType pattern) {
        return new AclBindingFilter(
                new ResourcePatternFilter(ResourceType.TOPIC, topic, pattern),
                AccessControlEntryFilter.ANY);
    }

    @Test
    void whatGrantsCannotSayIsRefusedAndSaysWhatTheyCan() throws Exception {
        String adminKey = KafkaConfigs.key(tenant.api()).split(":", 2)[0];
        Tenant other = api.signUp("other");
        String foreign = other.api().post("/v1/api-keys", "{}").json().get("id").asText();
        String me = "User:" + keyId;
        for (AclBinding wrong :
                List.of(
                        acl(me, ResourceType.GROUP, PatternType.LITERAL, "g", AclOperation.READ),
                        acl(
                                me,
                                ResourceType.CLUSTER,
                                PatternType.LITERAL,
                                "kafka-cluster",
                                AclOperation.ALTER),
                        acl(PatternType.LITERAL, "orders", AclOperation.DESCRIBE),
                        acl(PatternType.LITERAL, "no topic", AclOperation.READ),
                        acl(
                                "Role:x",
                                ResourceType.TOPIC,
                                PatternType.LITERAL,
                                "t",
                                AclOperation.READ),
                        acl(
                                "User:" + adminKey,
                                ResourceType.TOPIC,
                                PatternType.LITERAL,
                                "t",
                                AclOperation.READ),
                        acl(
                                "User:" + foreign,
                                ResourceType.TOPIC,
                                PatternType.LITERAL,
                                "t",
                                AclOperation.READ),
                        acl(
                                "User:../" + foreign,
                                ResourceType.TOPIC,
                                PatternType.LITERAL,
                                "t",
                                AclOperation.READ),
                        new AclBinding(
                                new ResourcePattern(ResourceType.TOPIC, "t", PatternType.LITERAL),
                                new AccessControlEntry(
                                        me,
                                        "10.0.0.1",
                                        AclOperation.READ,
                                        AclPermissionType.ALLOW)),
                        new AclBinding(
                                new ResourcePattern(ResourceType.TOPIC, "t", PatternType.LITERAL),
                                new AccessControlEntry(
                                        me, "*", AclOperation.READ, AclPermissionType.DENY)))) {
            var refused =
                    assertInstanceOf(
                            InvalidRequestException.class,
                            assertThrows(
                                            ExecutionException.class,
                                            () -> admin.createAcls(List.of(wrong)).all().get())
                                    .getCause(),
                            wrong.toString());
            assertTrue(refused.getMessage().length() > 10, refused.getMessage());
        }
        assertEquals(0, grants());
        assertEquals(List.of(), List.copyOf(described(AclBindingFilter.ANY)));
        // What every key may do in any case is no mistake.
        admin.createAcls(
                        List.of(
                                acl(
                                        me,
                                        ResourceType.CLUSTER,
                                        PatternType.LITERAL,
                                        "kafka-cluster",
                                        AclOperation.IDEMPOTENT_WRITE)))
                .all()
                .get();
    }

    @Test
    void onlyAdministratorsAndOnlyOfTheTenantSeeAndChangeAcls() throws Exception {
        AclBinding mine = acl(PatternType.LITERAL, "orders", AclOperation.READ);
        admin.createAcls(List.of(mine)).all().get();
        Tenant other = api.signUp("other");
        try (Admin foreign = Admin.create(KafkaConfigs.plain(port, other.api(), Map.of()));
                Admin client = Admin.create(KafkaConfigs.plain(port, api.as(key), Map.of()))) {
            assertEquals(
                    List.of(),
                    List.copyOf(foreign.describeAcls(AclBindingFilter.ANY).values().get()));
            assertEquals(
                    List.of(),
                    List.copyOf(foreign.deleteAcls(List.of(AclBindingFilter.ANY)).all().get()));
            AclBinding more = acl(PatternType.LITERAL, "orders", AclOperation.ALL);
            for (var call :
                    List.of(
                            client.createAcls(List.of(more)).all(),
                            client.deleteAcls(List.of(AclBindingFilter.ANY)).all())) {
                assertInstanceOf(
                        ClusterAuthorizationException.class,
                        assertThrows(ExecutionException.class, call::get).getCause());
            }
        }
        assertEquals(1, grants());
    }
}
