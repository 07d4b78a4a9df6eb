package io.tributary.metadata.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.ShardId;
import io.tributary.kernel.id.TenantId;
import io.tributary.kernel.id.TopicId;
import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.access.SecretHash;
import io.tributary.metadata.backup.BackupName;
import io.tributary.metadata.backup.BackupReader;
import io.tributary.metadata.backup.BackupWriter;
import io.tributary.metadata.backup.TreeCopy;
import io.tributary.metadata.quota.Allowance;
import io.tributary.metadata.quota.Plans;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.quota.Quotas;
import io.tributary.metadata.record.MemoryRecords;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.metadata.topic.Topic;
import io.tributary.metadata.topic.Topics;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RestoredRecordsTest {
    private static final TenantId STAYS = new TenantId("t-staysstaysstays2");
    private static final TenantId GOES = new TenantId("t-goesgoesgoesgoes");
    private static final Topics.Limits UNBOUNDED = new Topics.Limits(100, 100);
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final MemoryRecords records = new MemoryRecords();

    private static ApiKey key(String id, Optional<TenantId> tenant, Role role) {
        return new ApiKey(
                id,
                tenant,
                role,
                SecretHash.of("s", RandomGeneratorFactory.of("L64X128MixRandom").create(1)),
                "",
                List.of(),
                NOW,
                Optional.empty(),
                Optional.empty());
    }

    private static Topic topic(TenantId tenant, String name, int number) {
        return new Topic(
                new TopicId(new UUID(1, number)),
                tenant,
                name,
                List.of(new ShardId(0)),
                Map.of(),
                NOW);
    }

    private Directory restored() throws Exception {
        ByteArrayOutputStream backup = new ByteArrayOutputStream();
        BackupWriter writer = new BackupWriter(backup, new BackupName(1, 1, new UUID(1, 1)), 0);
        new TreeCopy(records).writeTo(writer);
        writer.finish();
        NavigableMap<String, byte[]> read =
                BackupReader.read(new ByteArrayInputStream(backup.toByteArray())).records();
        MemoryRecords written = new MemoryRecords();
        RestoredRecords.write(RestoredRecords.of(read), written);
        return new Directory(written, Runnable::run);
    }

    @Test
    void limitsOfTenantsAndKeysAndBrokerConfigsComeBack() throws Exception {
        Directory directory = new Directory(records, Runnable::run);
        Quotas own = new Quotas(Map.of(Quota.TOPICS, 7L, Quota.CONNECTIONS, Quotas.UNLIMITED));
        Quotas ofKey = new Quotas(Map.of(Quota.REQUESTS_PER_SECOND, 3L));
        Map<String, String> configs = Map.of("num.partitions", "5", "log.retention.ms", "1000");
        directory
                .tenants()
                .add(
                        new Tenant(STAYS, "name", Tenant.State.SUSPENDED, NOW),
                        key("admin", Optional.of(STAYS), Role.ADMIN),
                        10);
        directory.tenants().setAllowance(STAYS, new Allowance(Optional.of("gold"), own));
        directory.tenants().setBrokerConfigs(STAYS, before -> configs);
        directory.apiKeys().setQuotas(STAYS, "admin", before -> ofKey);

        Directory restored = restored();

        Tenant tenant = restored.tenants().find(STAYS).orElseThrow();
        assertEquals(new Allowance(Optional.of("gold"), own), tenant.allowance());
        assertEquals(configs, tenant.brokerConfigs());
        assertEquals(Tenant.State.SUSPENDED, tenant.state());
        assertEquals(ofKey, restored.apiKeys().find("admin").orElseThrow().quotas());
        Plans plans =
                new Plans(
                        Map.of(
                                Plans.DEFAULT,
                                Quotas.NONE,
                                "gold",
                                new Quotas(Map.of(Quota.TOPICS, 1L, Quota.PARTITIONS, 70L))),
                        Plans.DEFAULT);
        Quotas limits = restored.limits(plans).limits(STAYS);
        assertEquals(7, limits.limit(Quota.TOPICS), "its own");
        assertEquals(70, limits.limit(Quota.PARTITIONS), "its plan's");
    }

    @Test
    void halfRemovedTenantIsGoneAndTopicsAreFoundByTheirIds() throws Exception {
        Directory directory = new Directory(records, Runnable::run);
        for (TenantId tenant : List.of(STAYS, GOES)) {
            directory
                    .tenants()
                    .add(
                            new Tenant(tenant, "name", Tenant.State.ACTIVE, NOW),
                            key(tenant.value().substring(2), Optional.of(tenant), Role.ADMIN),
                            10);
        }
        directory.topics().add(topic(STAYS, "kept", 1), UNBOUNDED);
        directory.topics().add(topic(STAYS, "removed", 2), UNBOUNDED);
        directory.topics().remove(STAYS, "removed");
        directory.topics().add(topic(GOES, "orphan", 3), UNBOUNDED);
        String path = Paths.tenant(GOES);
        RecordJson.StoredTenant going =
                new RecordJson.StoredTenant(
                        new Tenant(GOES, "name", Tenant.State.ACTIVE, NOW), true);
        records.apply(
                List.of(
                        new io.tributary.metadata.record.Change.Replace(
                                path,
                                RecordJson.write(going),
                                records.read(path).orElseThrow().version())));

        Directory restored = restored();

        assertEquals(
                List.of(STAYS),
                restored.tenants().list(Optional.empty(), 10).stream().map(Tenant::id).toList());
        assertEquals(
                "kept", restored.topics().find(new TopicId(new UUID(1, 1))).orElseThrow().name());
        assertEquals(List.of(), restored.topics().list(GOES));
        assertEquals(
                Set.of(new UUID(1, 2), new UUID(1, 3)),
                restored.topics().pendingRemovals(10).stream()
                        .map(removal -> removal.topic().value())
                        .collect(Collectors.toSet()),
                "for storage and groups to carry out");
        assertTrue(restored.apiKeys().find(GOES.value().substring(2)).isEmpty());
        assertTrue(restored.apiKeys().find(STAYS.value().substring(2)).isPresent());
    }
}
