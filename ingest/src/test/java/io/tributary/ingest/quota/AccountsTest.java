package io.tributary.ingest.quota;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.quota.Plans;
import io.tributary.metadata.quota.Quota;
import io.tributary.metadata.quota.Quotas;
import io.tributary.metadata.quota.TenantLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AccountsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int MOST_CONNECTIONS = 7;
    private static final TenantId ACME = new TenantId("t-aaaaaaaaaaaaaaaa");
    private static final TenantId OTHER = new TenantId("t-bbbbbbbbbbbbbbbb");

    private final AtomicLong now = new AtomicLong();
    private final Map<TenantId, Quotas> tenants = new ConcurrentHashMap<>();
    private final Map<String, Quotas> keys = new ConcurrentHashMap<>();
    private final Accounts accounts =
            new Accounts(
                    new TenantLimits() {
                        @Override
                        public Quotas limits(TenantId tenant) {
                            return tenants.get(tenant);
                        }

                        @Override
                        public Optional<Quotas> ifCached(TenantId tenant) {
                            return Optional.ofNullable(tenants.get(tenant));
                        }

                        @Override
                        public Optional<Quotas> keyIfCached(String keyId) {
                            return Optional.ofNullable(keys.get(keyId));
                        }

                        @Override
                        public Plans plans() {
                            return Plans.of(new Quotas(Map.of(Quota.CONNECTIONS, 1L)));
                        }
                    },
                    now::get,
                    new QuotaMetrics() {
                        @Override
                        public void throttled(Quota quota, Duration wait) {}

                        @Override
                        public void refused(Quota quota) {}
                    },
                    MOST_CONNECTIONS);

    private Claim claim(TenantId tenant, String key) {
        return accounts.claim(new Principal(Optional.of(tenant), key, Role.CLIENT, List.of()));
    }

    private int requests(TenantId tenant, String key) {
        int taken = 0;
        while (claim(tenant, key).takeIfPaid(Quota.REQUESTS_PER_SECOND, 1).isEmpty()) {
            taken++;
        }
        return taken;
    }

    @Test
    void tenantsShareNothingAndKeysShareTheirTenants() {
        tenants.put(ACME, new Quotas(Map.of(Quota.REQUESTS_PER_SECOND, 100L)));
        tenants.put(OTHER, new Quotas(Map.of(Quota.REQUESTS_PER_SECOND, 50L)));
        keys.put("small", new Quotas(Map.of(Quota.REQUESTS_PER_SECOND, 10L)));
        assertEquals(11, requests(ACME, "small"));
        assertEquals(90, requests(ACME, "large"), "what the small one was refused cost nothing");
        assertEquals(51, requests(OTHER, "theirs"));
        Excess ofKey = claim(ACME, "small").takeIfPaid(Quota.REQUESTS_PER_SECOND, 1).orElseThrow();
        assertEquals(42_903, ofKey.problem().errorCode());
        assertTrue(
                ofKey.message().startsWith("The API key's quota requests_per_second of 10 "),
                ofKey.message());
    }

    @Test
    void changedLimitHoldsSoonAndForDebtToo() {
        tenants.put(ACME, new Quotas(Map.of(Quota.PRODUCE_BYTES_PER_SECOND, 1_000L)));
        claim(ACME, "key").take(Quota.PRODUCE_BYTES_PER_SECOND, 101_000);
        assertEquals(
                Duration.ofSeconds(100), claim(ACME, "key").debt(Quota.PRODUCE_BYTES_PER_SECOND));
        tenants.put(ACME, new Quotas(Map.of(Quota.PRODUCE_BYTES_PER_SECOND, 1_000_000L)));
        now.addAndGet(SECOND / 2);
        assertTrue(
                claim(ACME, "key").debt(Quota.PRODUCE_BYTES_PER_SECOND).toMillis() <= 100,
                "100,000 bytes at the new rate");
    }

    @Test
    void connectionsAreCountedUntilTheyEnd() {
        tenants.put(ACME, new Quotas(Map.of(Quota.CONNECTIONS, 2L)));
        Place first = place(claim(ACME, "key").connect());
        Place second = place(claim(ACME, "other").connect());
        assertInstanceOf(Claim.Connection.Refused.class, claim(ACME, "key").connect());
        first.close();
        first.close();
        Place third = place(claim(ACME, "key").connect());
        assertInstanceOf(Claim.Connection.Refused.class, claim(ACME, "key").connect());
        assertEquals(2, accounts.of(ACME).get(Quota.CONNECTIONS));
        second.close();
        third.close();
        assertEquals(0, accounts.of(ACME).get(Quota.CONNECTIONS));
    }

    private static Place place(Claim.Connection connection) {
        return assertInstanceOf(Claim.Connection.Taken.class, connection).place();
    }

    @Test
    void noTenantTakesAllConnectionsOfANode() {
        tenants.put(ACME, new Quotas(Map.of()));
        List<Place> places = new ArrayList<>();
        while (claim(ACME, "key").connect() instanceof Claim.Connection.Taken taken) {
            places.add(taken.place());
        }
        assertEquals(MOST_CONNECTIONS, places.size());
    }

    @Test
    void idleAccountsAreForgottenAndThoseInDebtAreNot() {
        tenants.put(ACME, new Quotas(Map.of(Quota.PRODUCE_BYTES_PER_SECOND, 1L)));
        tenants.put(OTHER, new Quotas(Map.of()));
        for (int i = 0; i < 1_000; i++) {
            claim(OTHER, "key" + i).take(Quota.PRODUCE_BYTES_PER_SECOND, 1);
        }
        claim(ACME, "key").take(Quota.PRODUCE_BYTES_PER_SECOND, 1_000);
        assertEquals(1_003, accounts.size());
        now.addAndGet(60 * SECOND);
        assertFalse(claim(ACME, "key").debt(Quota.PRODUCE_BYTES_PER_SECOND).isZero());
        assertEquals(2, accounts.size());
    }

    @Test
    void whileNobodyKnowsTheLimitsTheDefaultPlanHolds() {
        Place only = place(claim(ACME, "key").connect());
        assertInstanceOf(Claim.Connection.Refused.class, claim(ACME, "key").connect());
        only.close();
    }

    @Test
    void rateIsWhatPassedInTheLastSecond() {
        tenants.put(ACME, new Quotas(Map.of()));
        for (int i = 0; i < 40; i++) {
            claim(ACME, "key").take(Quota.FETCH_BYTES_PER_SECOND, 1_000);
            now.addAndGet(SECOND / 10);
        }
        long rate = accounts.of(ACME).get(Quota.FETCH_BYTES_PER_SECOND);
        assertTrue(rate >= 9_000 && rate <= 11_000, "rate " + rate);
        now.addAndGet(10 * SECOND);
        assertEquals(0, accounts.of(ACME).get(Quota.FETCH_BYTES_PER_SECOND));
    }
}
