package io.tributary.tenant.quota;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tributary.kernel.fault.ProblemException;
import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.directory.Directory;
import io.tributary.metadata.quota.Plans;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.quota.Quotas;
import io.tributary.metadata.quota.TenantLimits;
import io.tributary.metadata.quota.Usage;
import io.tributary.metadata.record.MemoryRecords;
import io.tributary.tenant.Clock;
import io.tributary.tenant.access.ApiKeyService;
import io.tributary.tenant.access.Secrets;
import io.tributary.tenant.signup.TenantService;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuotaServiceTest {
    private static final Usage NOTHING =
            new Usage() {
                @Override
                public Map<Quota, Long> of(TenantId tenant) {
                    return Map.of();
                }

                @Override
                public Map<Quota, Long> of(TenantId tenant, String keyId) {
                    return Map.of();
                }
            };

    private QuotaService quotas;
    private Principal admin;

    @BeforeEach
    void start() throws Exception {
        Directory directory = new Directory(new MemoryRecords(), Runnable::run);
        TenantLimits limits = directory.limits(Plans.of(Quotas.NONE));
        Secrets secrets = new Secrets(RandomGeneratorFactory.of("L64X128MixRandom").create(1));
        Clock clock = new Clock();
        TenantService tenants =
                new TenantService(
                        directory.tenants(),
                        new ApiKeyService(directory.apiKeys(), secrets, clock, limits),
                        secrets,
                        clock,
                        new TenantService.Policy(true, 100, 2));
        admin = tenants.signUp(Optional.empty(), "address", "acme").key().key().principal();
        quotas =
                new QuotaService(
                        directory.tenants(),
                        directory.apiKeys(),
                        directory.topics(),
                        limits,
                        NOTHING);
    }

    private Quotas change(UnaryOperator<Quotas> change) throws IOException {
        return quotas.changeKey(admin, QuotaService.SELF, admin.keyId(), change, false).own();
    }

    @Test
    void ofTwoChangesAtOnceNoneIsLost() throws Exception {
        Quotas bytes = new Quotas(Map.of(Quota.PRODUCE_BYTES_PER_SECOND, 1_000L));
        Quotas requests = new Quotas(Map.of(Quota.REQUESTS_PER_SECOND, 7L));
        AtomicBoolean first = new AtomicBoolean(true);

        Quotas both =
                change(
                        own -> {
                            if (first.getAndSet(false)) {
                                assertDoesNotThrow(() -> change(bytes::over));
                            }
                            return requests.over(own);
                        });

        assertEquals(requests.over(bytes), both);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "..", "aaaaaaaaaaaaaaaa", "aaaaaaa/aaaaaaaa"})
    void whatIsNoKeysIdIsNotFound(String keyId) {
        assertEquals(
                404,
                assertThrows(
                                ProblemException.class,
                                () -> quotas.key(admin, QuotaService.SELF, keyId))
                        .problem()
                        .status());
        assertEquals(
                404,
                assertThrows(
                                ProblemException.class,
                                () ->
                                        quotas.changeKey(
                                                admin, QuotaService.SELF, keyId, own -> own, false))
                        .problem()
                        .status());
    }
}
