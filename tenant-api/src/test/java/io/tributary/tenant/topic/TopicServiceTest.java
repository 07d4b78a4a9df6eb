package io.tributary.tenant.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.broker.BrokerSettings;
import io.tributary.metadata.directory.Directory;
import io.tributary.metadata.quota.Plans;
import io.tributary.metadata.quota.Quotas;
import io.tributary.metadata.quota.TenantLimits;
import io.tributary.metadata.record.MemoryRecords;
import io.tributary.metadata.topic.TopicConfigs;
import io.tributary.tenant.Clock;
import io.tributary.tenant.access.ApiKeyService;
import io.tributary.tenant.access.Secrets;
import io.tributary.tenant.signup.TenantService;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class TopicServiceTest {
    @Test
    void changedConfigMustNotContradictOneThatWasSetBefore() throws Exception {
        Directory directory = new Directory(new MemoryRecords(), Runnable::run);
        TenantLimits limits = directory.limits(Plans.of(Quotas.NONE));
        Secrets secrets = new Secrets(RandomGeneratorFactory.of("L64X128MixRandom").create(1));
        Clock clock = new Clock();
        Principal admin =
                new TenantService(
                                directory.tenants(),
                                new ApiKeyService(directory.apiKeys(), secrets, clock, limits),
                                secrets,
                                clock,
                                new TenantService.Policy(true, 100, 2))
                        .signUp(Optional.empty(), "address", "acme")
                        .key()
                        .key()
                        .principal();
        TopicService topics =
                new TopicService(
                        directory.topics(),
                        ShardPlacement.spread(1),
                        secrets,
                        clock,
                        10,
                        limits,
                        new BrokerSettings(Map.of(), directory.tenants()));
        String cluster = admin.tenant().orElseThrow().clusterId();
        var _ =
                topics.create(
                        admin,
                        cluster,
                        "news",
                        1,
                        Map.of(TopicConfigs.MAX_COMPACTION_LAG_MS, "1000"),
                        false);
        ProblemException refused =
                assertThrows(
                        ProblemException.class,
                        () ->
                                topics.configure(
                                        admin,
                                        cluster,
                                        "news",
                                        old ->
                                                Map.of(
                                                        TopicConfigs.MAX_COMPACTION_LAG_MS,
                                                        "1000",
                                                        TopicConfigs.MIN_COMPACTION_LAG_MS,
                                                        "2000"),
                                        false));
        assertEquals(400, refused.problem().status());
    }
}
