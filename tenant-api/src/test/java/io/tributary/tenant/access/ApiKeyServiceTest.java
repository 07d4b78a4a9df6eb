package io.tributary.tenant.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.directory.Directory;
import io.tributary.metadata.quota.Plans;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.quota.Quotas;
import io.tributary.metadata.record.MemoryRecords;
import io.tributary.tenant.Clock;
import io.tributary.tenant.signup.TenantService;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ApiKeyServiceTest {
    private final Clock clock = new Clock();
    private final Secrets secrets =
            new Secrets(RandomGeneratorFactory.of("L64X128MixRandom").create(1));
    private ApiKeyService keys;
    private String first;
    private Principal admin;

    @BeforeEach
    void start() throws Exception {
        Directory directory = new Directory(new MemoryRecords(), Runnable::run);
        keys =
                new ApiKeyService(
                        directory.apiKeys(),
                        secrets,
                        clock,
                        directory.limits(Plans.of(new Quotas(Map.of(Quota.API_KEYS, 3L)))));
        TenantService tenants =
                new TenantService(
                        directory.tenants(),
                        keys,
                        secrets,
                        clock,
                        new TenantService.Policy(true, 100, 2));
        TenantService.SignedUp made = tenants.signUp(Optional.empty(), "address", "acme");
        first = made.key().key().id();
        admin = made.key().key().principal();
    }

    private NewKey made(Role role, Optional<Duration> lifetime) throws Exception {
        return keys.create(
                admin,
                new ApiKeyService.Wish("", role, List.of(), lifetime.map(clock.instant()::plus)));
    }

    private int refusal(String keyId) {
        return assertThrows(ProblemException.class, () -> keys.delete(admin, keyId))
                .problem()
                .status();
    }

    @Test
    void keyThatWillExpireIsNoHeirOfTheLastOneThatDoesNot() throws Exception {
        NewKey expiring = made(Role.ADMIN, Optional.of(Duration.ofDays(1)));
        made(Role.CLIENT, Optional.empty());
        assertEquals(409, refusal(first));
        keys.delete(admin, expiring.key().id());
        made(Role.ADMIN, Optional.empty());
        keys.delete(admin, first);
    }
}
