package io.tributary.metadata.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.access.ApiKeys;
import io.tributary.metadata.access.Grant;
import io.tributary.metadata.access.Operation;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.access.SecretHash;
import io.tributary.metadata.record.MemoryRecords;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.Topics;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DirectoryTest {
    private static final TenantId ACME = new TenantId("t-acmeacmeacmeacme");
    private static final TenantId OTHER = new TenantId("t-otherotherother2");
    private static final Topics.Limits UNBOUNDED = new Topics.Limits(100_000, 100_000);
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final MemoryRecords records = new MemoryRecords();
    private Directory directory;

    @BeforeEach
    void start() throws Exception {
        directory = new Directory(records, Runnable::run);
        directory.tenants().add(tenant(ACME), key("AAAAAAAAAAAAAAAA", ACME), 3);
        directory.tenants().add(tenant(OTHER), key("BBBBBBBBBBBBBBBB", OTHER), 3);
    }

    private static Tenant tenant(TenantId id) {
        return new Tenant(id, "Acme & Söhne", Tenant.State.ACTIVE, NOW);
    }

    private static ApiKey key(String id, TenantId tenant) {
        return new ApiKey(
                id,
                Optional.of(tenant),
                Role.CLIENT,
                SecretHash.of("s", RandomGeneratorFactory.of("L64X128MixRandom").create(1)),
                "a key",
                List.of(new Grant(Operation.PRODUCE, Grant.Pattern.PREFIX, "orders.")),
                NOW,
                Optional.of(NOW.plusSeconds(60)),
                Optional.empty());
    }

    private static Topic topic(TenantId tenant, String name, int number) {
        return new Topic(
                new TopicId(new UUID(1, number)),
                tenant,
                name,
                List.of(new ShardId(0), new ShardId(1)),
                Map.of("retention.ms", "-1"),
                NOW);
    }

    private void add(Topic topic) throws IOException {
        assertEquals(Topics.Addition.DONE, directory.topics().add(topic, UNBOUNDED));
    }

    @Test
    void whatIsStoredIsReadBack() throws Exception {
        assertEquals(Optional.of(tenant(ACME)), directory.tenants().find(ACME));
        assertEquals(
                Optional.of(key("AAAAAAAAAAAAAAAA", ACME)),
                directory.apiKeys().find("AAAAAAAAAAAAAAAA"));
        Topic orders = topic(ACME, "orders", 1);
        add(orders);
        assertEquals(Optional.of(orders), directory.topics().find(ACME, "orders"));
        assertEquals(Optional.of(orders), directory.topics().find(orders.id()));
        // Another look at the same records knows the same.
        Directory again = new Directory(records, Runnable::run);
        assertEquals(Optional.of(orders), again.topics().find(ACME, "orders"));
    }

    @Test
    void sameNamesOfTwoTenantsAreTwoTopics() throws Exception {
        add(topic(ACME, "orders", 1));
        add(topic(OTHER, "orders", 2));
        assertEquals(
                Topics.Addition.EXISTS,
                directory.topics().add(topic(ACME, "orders", 3), UNBOUNDED));
        directory.topics().remove(ACME, "orders");
        assertEquals(Optional.empty(), directory.topics().find(ACME, "orders"));
        assertEquals(
                2,
                directory
                        .topics()
                        .find(OTHER, "orders")
                        .orElseThrow()
                        .id()
                        .value()
                        .getLeastSignificantBits());
    }

    private static Topic with(Topic old, Map<String, String> configs) {
        return new Topic(
                old.id(), old.tenant(), old.name(), old.shards(), configs, old.createdAt());
    }

    @Test
    void cacheFollowsChanges() throws Exception {
        add(topic(ACME, "orders", 1));
        directory.topics().find(ACME, "orders");
        assertTrue(directory.topics().ifCached(ACME, "orders").isPresent());
        directory
                .topics()
                .update(
                        ACME,
                        "orders",
                        UNBOUNDED,
                        false,
                        old -> with(old, Map.of("segment.ms", "5")));
        assertEquals(
                Map.of("segment.ms", "5"),
                directory.topics().find(ACME, "orders").orElseThrow().configs());
        directory.apiKeys().find("AAAAAAAAAAAAAAAA");
        assertEquals(ApiKeys.Removal.DONE, directory.apiKeys().remove(ACME, "AAAAAAAAAAAAAAAA"));
        assertEquals(Optional.empty(), directory.apiKeys().ifCached("AAAAAAAAAAAAAAAA"));
        assertEquals(Optional.empty(), directory.apiKeys().find("AAAAAAAAAAAAAAAA"));
    }

    @Test
    void listenersLearnWhichTopicChanged() throws Exception {
        List<Optional<TopicId>> told = new ArrayList<>();
        directory.topics().onChange(told::add);
        Topic topic = topic(ACME, "orders", 1);
        add(topic);
        told.clear();
        directory
                .topics()
                .update(
                        ACME,
                        "orders",
                        UNBOUNDED,
                        false,
                        old -> with(old, Map.of("retention.ms", "5")));
        assertEquals(List.of(Optional.of(topic.id())), told);
    }

    @Test
    void keyOfAnotherTenantCannotBeRemoved() throws Exception {
        assertEquals(ApiKeys.Removal.UNKNOWN, directory.apiKeys().remove(ACME, "BBBBBBBBBBBBBBBB"));
        assertTrue(directory.apiKeys().find("BBBBBBBBBBBBBBBB").isPresent());
    }

    @Test
    void removedTopicIsPendingUntilStorageHasDoneItsPart() throws Exception {
        AtomicInteger told = new AtomicInteger();
        directory.topics().onRemoval(told::incrementAndGet);
        add(topic(ACME, "orders", 1));
        Topic gone = directory.topics().remove(ACME, "orders").orElseThrow();
        assertTrue(told.get() > 0);
        assertEquals(
                List.of(
                        new Topics.Removal(
                                gone.id(),
                                false,
                                Optional.of(new Topics.Removal.Named(ACME, "orders")))),
                directory.topics().pendingRemovals(1_000));
        directory.topics().removalsDone(List.of(gone.id()));
        assertEquals(List.of(), directory.topics().pendingRemovals(1_000));
    }

    @Test
    void removedTenantLeavesNothingButPendingRemovals() throws Exception {
        for (int i = 0; i < 450; i++) {
            add(topic(ACME, "t" + i, i));
        }
        add(topic(OTHER, "stays", 1_000));
        assertTrue(directory.tenants().remove(ACME));
        assertEquals(
                450,
                directory.topics().pendingRemovals(1_000).stream()
                        .filter(Topics.Removal::withTenant)
                        .count());
        assertEquals(Optional.empty(), directory.tenants().find(ACME));
        assertEquals(Optional.empty(), directory.apiKeys().find("AAAAAAAAAAAAAAAA"));
        assertEquals(List.of(), directory.topics().list(ACME));
        assertTrue(directory.topics().find(OTHER, "stays").isPresent());
        assertFalse(directory.tenants().remove(ACME));
        records.readTree(
                "/",
                (path, value) ->
                        assertFalse(
                                path.contains(ACME.value()) || path.endsWith("AAAAAAAAAAAAAAAA"),
                                path));
    }

    @Test
    void useOfAKeyIsNotedNowAndThen() throws Exception {
        directory.apiKeys().used("AAAAAAAAAAAAAAAA", NOW);
        directory.apiKeys().used("AAAAAAAAAAAAAAAA", NOW.plusSeconds(30));
        assertEquals(Optional.of(NOW), directory.apiKeys().list(ACME).getFirst().lastUsedAt());
        directory.apiKeys().used("AAAAAAAAAAAAAAAA", NOW.plusSeconds(3_600));
        assertEquals(
                Optional.of(NOW.plusSeconds(3_600)),
                directory.apiKeys().list(ACME).getFirst().lastUsedAt());
    }

    @Test
    void damagedRecordIsNamed() throws Exception {
        int version = records.read(Paths.tenant(ACME)).orElseThrow().version();
        records.apply(
                List.of(
                        new io.tributary.metadata.record.Change.Replace(
                                Paths.tenant(ACME), new byte[] {'{'}, version)));
        Exception damage = assertThrows(Exception.class, () -> directory.tenants().find(ACME));
        assertTrue(damage.getMessage().contains(Paths.tenant(ACME)));
    }

    @Test
    void secondTenantOfTheSameIdIsRefused() {
        assertThrows(
                IOException.class,
                () -> directory.tenants().add(tenant(ACME), key("CCCCCCCCCCCCCCCC", ACME), 3));
    }
}
