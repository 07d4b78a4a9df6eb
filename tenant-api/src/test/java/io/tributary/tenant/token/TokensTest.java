package io.tributary.tenant.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.Role;
import io.tributary.metadata.record.MemoryRecords;
import io.tributary.tenant.Clock;
import io.tributary.tenant.access.Secrets;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGeneratorFactory;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Test;

class TokensTest {
    private static final Duration LIFETIME = Duration.ofMinutes(15);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Principal WHO =
            new Principal(
                    Optional.of(new TenantId("t-acmeacmeacmeacme")),
                    "AAAAAAAAAAAAAAAA",
                    Role.ADMIN,
                    List.of());

    private final MemoryRecords records = new MemoryRecords();
    private final Clock clock = new Clock();
    private final Tokens tokens = node();

    /** Another node over the same records. */
    private Tokens node() {
        return new Tokens(
                new SigningKeys(records, clock, LIFETIME),
                new Secrets(RandomGeneratorFactory.of("L64X128MixRandom").create(1)),
                clock,
                LIFETIME);
    }

    private String issued() throws IOException {
        return tokens.issue(WHO).token();
    }

    private static String keyOf(String token) throws JoseException {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setCompactSerialization(token);
        return signature.getKeyIdHeaderValue();
    }

    private List<Object> published() throws IOException {
        List<?> keys = (List<?>) tokens.keySet().get("keys");
        return keys.stream().map(key -> (Object) ((Map<?, ?>) key).get("kid")).toList();
    }

    @Test
    void tokenSaysWhoseKeyItStandsFor() throws Exception {
        Tokens.Verified verified = tokens.verify(issued()).orElseThrow();
        assertEquals(WHO.keyId(), verified.keyId());
        assertEquals(WHO.tenant(), verified.tenant());
        assertEquals(clock.instant().plus(LIFETIME), verified.expiresAt());
    }

    @Test
    void tokenEndsWhenItSaysAndNotLater() throws Exception {
        String token = issued();
        clock.pass(LIFETIME.minusSeconds(1));
        assertTrue(tokens.verify(token).isPresent());
        clock.pass(Duration.ofSeconds(1));
        assertFalse(tokens.verify(token).isPresent());
    }

    @Test
    void newKeyIsPublishedForAsLongAsTheKeySetIsCachedBeforeItSigns() throws Exception {
        String first = keyOf(issued());
        assertEquals(List.of(first), published());
        // When a day is nearly over
        clock.pass(DAY.minus(SigningKeys.SIGNS_AFTER));
        // Then the next key is there, and does not sign yet
        assertEquals(first, keyOf(issued()));
        List<Object> both = published();
        assertEquals(2, both.size());
        clock.pass(SigningKeys.CACHED_FOR);
        assertEquals(first, keyOf(issued()));
        // When it has been published for long enough
        clock.pass(SigningKeys.SIGNS_AFTER.minus(SigningKeys.CACHED_FOR));
        String second = keyOf(issued());
        assertNotEquals(first, second);
        assertEquals(both, published());
        assertTrue(both.contains(second));
    }

    @Test
    void tokenOutlivesTheRotationAndItsKeyDiesWithIt() throws Exception {
        String first = keyOf(issued());
        clock.pass(DAY.minus(SigningKeys.SIGNS_AFTER));
        assertEquals(first, keyOf(issued()));
        clock.pass(SigningKeys.SIGNS_AFTER.minusSeconds(1));
        String last = issued();
        assertEquals(first, keyOf(last));
        // When the next key signs, then the last token of the old one is good until its end
        clock.pass(LIFETIME.minusSeconds(1));
        assertNotEquals(first, keyOf(issued()));
        assertTrue(tokens.verify(last).isPresent());
        assertTrue(node().verify(last).isPresent());
        clock.pass(Duration.ofSeconds(1));
        assertTrue(published().contains(first));
        // And the old key is gone as soon as no clock can be behind it
        clock.pass(Tokens.CLOCK_SKEW.plusSeconds(1));
        assertFalse(published().contains(first));
        assertEquals(published(), List.<Object>copyOf(records.children("/signing-keys")));
        assertFalse(tokens.verify(last).isPresent());
    }

    @Test
    void keyNobodyUsedForDaysGivesWayToOneThatIsPublishedFirst() throws Exception {
        String first = keyOf(issued());
        clock.pass(DAY.multipliedBy(5));
        String token = issued();
        assertEquals(first, keyOf(token));
        assertTrue(node().verify(token).isPresent());
        clock.pass(SigningKeys.SIGNS_AFTER);
        assertNotEquals(first, keyOf(issued()));
        assertTrue(tokens.verify(token).isPresent());
    }

    @Test
    void nodesThatRotateAtOnceShareOneKey() throws Exception {
        Tokens other = node();
        String first = keyOf(issued());
        assertEquals(first, keyOf(other.issue(WHO).token()));
        clock.pass(DAY);
        issued();
        other.issue(WHO);
        assertEquals(2, records.children("/signing-keys").size());
        clock.pass(SigningKeys.SIGNS_AFTER);
        String token = issued();
        assertEquals(keyOf(token), keyOf(other.issue(WHO).token()));
        assertTrue(other.verify(token).isPresent());
    }

    @Test
    void tokenSignedWithAnotherServicesKeyIsNone() throws Exception {
        Tokens stranger =
                new Tokens(
                        new SigningKeys(new MemoryRecords(), clock, LIFETIME),
                        new Secrets(RandomGeneratorFactory.of("L64X128MixRandom").create(2)),
                        clock,
                        LIFETIME);
        issued();
        // Both made their key in the same millisecond, so that the ids are the same.
        assertFalse(tokens.verify(stranger.issue(WHO).token()).isPresent());
    }
}
