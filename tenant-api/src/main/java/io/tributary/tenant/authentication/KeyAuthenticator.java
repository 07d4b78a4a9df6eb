package io.tributary.tenant.authentication;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tributary.kernel.fault.Problem;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.access.ApiKeys;
import io.tributary.metadata.access.Authenticator;
import io.tributary.metadata.access.Principal;
import io.tributary.metadata.access.SecretHash;
import io.tributary.metadata.tenant.Tenant;
import io.tributary.metadata.tenant.Tenants;
import io.tributary.tenant.token.Tokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/**
 * Checks {@code Basic id:secret} and our own bearer tokens. What was proven once is remembered by
 * its hash; whether key and tenant are still good is asked anew every time.
 */
public final class KeyAuthenticator implements Authenticator {
    private static final int MAX_REMEMBERED = 50_000;
    private static final int MAX_HEADER_LENGTH = 8 << 10;
    private static final String BASIC = "basic ";
    private static final String BEARER = "bearer ";

    /** Compared where there is no such key, so that this takes as long. */
    private static final SecretHash NOBODY = new SecretHash("00".repeat(16), "00".repeat(32));

    /** A header's SHA-256. */
    private record Digest(long a, long b, long c, long d) {}

    /**
     * What a header proved.
     *
     * @param secretHash the key had; a key made anew under the same id is another
     * @param until when a token ends
     */
    private record Proof(String keyId, SecretHash secretHash, Instant until) {}

    private final ApiKeys keys;
    private final Tenants tenants;
    private final Tokens tokens;
    private final InstantSource clock;
    private final Cache<Digest, Proof> proofs =
            Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).executor(Runnable::run).build();

    public KeyAuthenticator(ApiKeys keys, Tenants tenants, Tokens tokens, InstantSource clock) {
        this.keys = keys;
        this.tenants = tenants;
        this.tokens = tokens;
        this.clock = clock;
    }

    @Override
    public Optional<Principal> ifKnown(String authorization) {
        Proof proof = proofs.getIfPresent(digest(authorization));
        if (proof == null) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        Optional<ApiKey> key =
                keys.ifCached(proof.keyId())
                        .filter(k -> k.secretHash().equals(proof.secretHash()))
                        .filter(k -> !k.expired(now) && now.isBefore(proof.until()));
        if (key.isEmpty()) {
            return Optional.empty();
        }
        Optional<TenantId> tenant = key.get().tenant();
        if (tenant.isPresent()
                && tenants.ifCached(tenant.get())
                        .filter(t -> t.state() == Tenant.State.ACTIVE)
                        .isEmpty()) {
            return Optional.empty();
        }
        keys.used(proof.keyId(), now);
        return Optional.of(key.get().principal());
    }

    @Override
    public Instant goodUntil(String authorization) {
        Proof proof = proofs.getIfPresent(digest(authorization));
        if (proof == null) {
            return Instant.MIN;
        }
        Instant keyEnds =
                keys.ifCached(proof.keyId()).flatMap(ApiKey::expiresAt).orElse(Instant.MAX);
        return keyEnds.isBefore(proof.until()) ? keyEnds : proof.until();
    }

    @Override
    public Principal authenticate(String authorization) {
        if (authorization.length() > MAX_HEADER_LENGTH) {
            throw unauthorized();
        }
        String scheme = authorization.toLowerCase(Locale.ROOT);
        try {
            if (scheme.startsWith(BASIC)) {
                return basic(authorization);
            }
            if (scheme.startsWith(BEARER)) {
                return bearer(authorization);
            }
        } catch (IOException | UncheckedIOException e) {
            throw Problem.retryLater(
                            503, "Credentials cannot be checked right now.", Duration.ofSeconds(1))
                    .asException();
        }
        throw unauthorized();
    }

    private Principal basic(String authorization) throws IOException {
        String pair;
        try {
            byte[] decoded =
                    Base64.getDecoder().decode(authorization.substring(BASIC.length()).strip());
            pair = new String(decoded, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw unauthorized();
        }
        int colon = pair.indexOf(':');
        String id = colon < 0 ? pair : pair.substring(0, colon);
        String secret = colon < 0 ? "" : pair.substring(colon + 1);
        Optional<ApiKey> key = id.matches("[A-Z2-7]{16}") ? keys.find(id) : Optional.empty();
        boolean matches = key.map(ApiKey::secretHash).orElse(NOBODY).matches(secret);
        if (key.isEmpty() || !matches) {
            throw unauthorized();
        }
        Principal principal = live(key.get());
        remember(authorization, key.get(), Instant.MAX);
        return principal;
    }

    private Principal bearer(String authorization) throws IOException {
        Tokens.Verified token =
                tokens.verify(authorization.substring(BEARER.length()).strip())
                        .orElseThrow(KeyAuthenticator::unauthorized);
        ApiKey key =
                keys.find(token.keyId())
                        .filter(k -> k.tenant().equals(token.tenant()))
                        .orElseThrow(KeyAuthenticator::unauthorized);
        Principal principal = live(key);
        remember(authorization, key, token.expiresAt());
        return principal;
    }

    private Principal live(ApiKey key) throws IOException {
        Instant now = clock.instant();
        if (key.expired(now)) {
            throw unauthorized();
        }
        if (key.tenant().isPresent()) {
            Tenant tenant =
                    tenants.find(key.tenant().get()).orElseThrow(KeyAuthenticator::unauthorized);
            if (tenant.state() == Tenant.State.SUSPENDED) {
                throw Problem.of(403, "The tenant is suspended.").asException();
            }
        }
        keys.used(key.id(), now);
        return key.principal();
    }

    private void remember(String authorization, ApiKey key, Instant until) {
        proofs.put(digest(authorization), new Proof(key.id(), key.secretHash(), until));
    }

    private static Digest digest(String authorization) {
        try {
            ByteBuffer hash =
                    ByteBuffer.wrap(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(authorization.getBytes(StandardCharsets.UTF_8)));
            return new Digest(hash.getLong(), hash.getLong(), hash.getLong(), hash.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static ProblemException unauthorized() {
        return Problem.of(401, "Unauthorized").asException();
    }
}
