package io.tributary.tenant.signup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.directory.Directory;
import io.tributary.metadata.quota.Plans;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.quota.Quotas;
import io.tributary.metadata.record.MemoryRecords;
import io.tributary.tenant.Clock;
import io.tributary.tenant.access.ApiKeyService;
import io.tributary.tenant.access.Secrets;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TenantServiceTest {
    private final Clock clock = new Clock();
    private TenantService tenants;

    @BeforeEach
    void start() throws Exception {
        Secrets secrets = new Secrets(RandomGeneratorFactory.of("L64X128MixRandom").create(1));
        Directory directory = new Directory(new MemoryRecords(), Runnable::run);
        tenants =
                new TenantService(
                        directory.tenants(),
                        new ApiKeyService(
                                directory.apiKeys(),
                                secrets,
                                clock,
                                directory.limits(Plans.of(new Quotas(Map.of(Quota.API_KEYS, 3L))))),
                        secrets,
                        clock,
                        new TenantService.Policy(true, 6, 2));
    }

    private TenantService.SignedUp signedUp(String address) throws IOException {
        return tenants.signUp(Optional.empty(), address, "acme");
    }

    private Problem refusal(String address) {
        return assertThrows(ProblemException.class, () -> signedUp(address)).problem();
    }

    @Test
    void tenantsAreTakenUpToTheLimitAndAgainWhenOneIsGone() throws Exception {
        signedUp("a");
        TenantService.SignedUp second = signedUp("a");
        assertEquals(403, refusal("a").status());
        tenants.deleteSelf(second.key().key().principal());
        signedUp("a");
        assertEquals(403, refusal("a").status());
    }

    @Test
    void tooManySignUpsAreToldTheQuotaTheRateAndTheWait() throws Exception {
        signedUp("a");
        signedUp("a");
        for (int i = 0; i < 4; i++) {
            assertEquals(403, refusal("a").status());
        }
        Problem problem = refusal("a");
        assertEquals(429, problem.status());
        assertEquals(Optional.of(Duration.ofSeconds(10)), problem.retryAfter());
        for (String told : new String[] {"6 a minute are allowed", "7 a minute", "in 10 s"}) {
            assertTrue(problem.message().contains(told), problem.message());
        }
        assertEquals(403, refusal("b").status());
    }
}
