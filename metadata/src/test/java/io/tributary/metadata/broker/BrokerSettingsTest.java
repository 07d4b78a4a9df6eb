package io.tributary.metadata.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.fault.ProblemException;
import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.access.SecretHash;
import io.tributary.metadata.broker.BrokerView.Source;
import io.tributary.metadata.directory.Directory;
import io.tributary.metadata.record.MemoryRecords;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.metadata.tenant.Tenants;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BrokerSettingsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final TenantId ACME = new TenantId("t-aaaaaaaaaaaaaaaa");

    private final MemoryRecords records = new MemoryRecords();
    private Tenants tenants;

    @BeforeEach
    void tenant() throws IOException {
        tenants = new Directory(records, Runnable::run).tenants();
        ApiKey key =
                new ApiKey(
                        "AAAAAAAAAAAAAAAA",
                        Optional.of(ACME),
                        Role.ADMIN,
                        new SecretHash("c2FsdA==", "aGFzaA=="),
                        "",
                        List.of(),
                        NOW,
                        Optional.empty(),
                        Optional.empty());
        assertTrue(tenants.add(new Tenant(ACME, "acme", Tenant.State.ACTIVE, NOW), key, 10));
    }

    private static BrokerView.TopicEntry entry(BrokerView view, String name) {
        return view.describe(Map.of()).stream()
                .filter(one -> one.entry().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void defaultsAreValidAndTopicsHaveThemToo() {
        for (BrokerConfigs.Config config : BrokerConfigs.list()) {
            config.byDefault()
                    .ifPresent(value -> BrokerConfigs.validate(Map.of(config.name(), value)));
            assertFalse(config.doc().isEmpty());
        }
        BrokerView view = new BrokerView(Map.of(), Map.of());
        for (BrokerView.TopicEntry one : view.describe(Map.of())) {
            assertEquals(one.entry().value(), one.value());
            assertEquals(Source.DEFAULT, one.source());
        }
    }

    @Test
    void tenantsComesBeforeTheNodesAndTheFinerUnitBeforeTheCoarser() {
        BrokerView node =
                new BrokerView(
                        Map.of("log.retention.hours", "2", "log.retention.minutes", "3"), Map.of());
        assertEquals("180000", entry(node, "retention.ms").value());
        assertEquals(Source.NODE, entry(node, "retention.ms").source());
        BrokerView tenant = new BrokerView(node.node(), Map.of("log.retention.hours", "1"));
        assertEquals("3600000", entry(tenant, "retention.ms").value());
        assertEquals(Source.TENANT, entry(tenant, "retention.ms").source());
        assertEquals(
                List.of("1", "3", "2", "168"),
                entry(tenant, "retention.ms").origins().stream()
                        .map(BrokerView.Origin::value)
                        .toList());
        BrokerView forever = new BrokerView(Map.of("log.retention.hours", "-1"), Map.of());
        assertEquals("-1", entry(forever, "retention.ms").value());
    }

    @Test
    void changeHoldsAtOnceSurvivesAndIsToldOnceTopicsDiffer() throws IOException {
        BrokerSettings settings = new BrokerSettings(Map.of("num.partitions", "2"), tenants);
        AtomicInteger told = new AtomicInteger();
        settings.onChange(told::incrementAndGet);
        assertEquals("2", settings.find(ACME).value("num.partitions"));
        assertTrue(tenants.setBrokerConfigs(ACME, old -> Map.of("num.partitions", "5")));
        assertEquals("5", settings.of(ACME).value("num.partitions"));
        assertEquals(1, told.get());
        assertTrue(tenants.setState(ACME, Tenant.State.SUSPENDED));
        assertEquals(1, told.get());
        assertEquals("5", settings.find(ACME).value("num.partitions"));
        Tenants again = new Directory(records, Runnable::run).tenants();
        assertEquals("5", new BrokerSettings(Map.of(), again).find(ACME).value("num.partitions"));
        assertTrue(tenants.setBrokerConfigs(ACME, old -> Map.of()));
        assertEquals("2", settings.of(ACME).value("num.partitions"));
        assertEquals(2, told.get());
        assertFalse(tenants.setBrokerConfigs(new TenantId("t-bbbbbbbbbbbbbbbb"), old -> Map.of()));
    }

    @Test
    void groupSettingsAreKafkasUnlessTheNodeWasStartedWithOthers() {
        Map<String, String> groups =
                new BrokerSettings(Map.of("group.max.size", "7"), tenants).node().groups();
        assertEquals("7", groups.get("group.max.size"));
        assertEquals("6000", groups.get("group.min.session.timeout.ms"));
        assertEquals("1800000", groups.get("group.max.session.timeout.ms"));
        assertEquals("3000", groups.get("group.initial.rebalance.delay.ms"));
        assertEquals("10080", groups.get("offsets.retention.minutes"));
        assertEquals("4096", groups.get("offset.metadata.max.bytes"));
        assertEquals("uniform,range", groups.get("group.consumer.assignors"));
        assertEquals("1000", groups.get("group.consumer.assignment.interval.ms"));
        assertFalse(groups.containsKey("num.partitions"));
    }

    @Test
    void wrongOnesAndTheNodesOwnAreRefused() {
        for (Map<String, String> wrong :
                List.of(
                        Map.of("no.such", "1"),
                        Map.of("num.partitions", "0"),
                        Map.of("message.max.bytes", "999999999"),
                        Map.of("log.retention.hours", "99999999"),
                        Map.of("log.roll.hours", "0"))) {
            assertThrows(ProblemException.class, () -> BrokerConfigs.validate(wrong));
        }
        assertThrows(ProblemException.class, () -> BrokerConfigs.requireOfTenant("group.max.size"));
        BrokerConfigs.requireOfTenant("num.partitions");
    }
}
