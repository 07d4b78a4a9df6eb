package io.tributary.tenant.token;

import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import io.smallrye.jwt.build.Jwt;
import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.Principal;
import io.tributary.tenant.access.Secrets;
import io.tributary.tenant.token.SigningKeys.SigningKey;
import java.io.IOException;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.EllipticCurveJsonWebKey;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.lang.JoseException;

/**
 * Short-lived tokens in the place of a key's secret: JWTs signed with ES256 by our own keys, and
 * nothing else. A token says which key it stands for; what that key may do is looked up when the
 * token is used.
 */
public final class Tokens {
    /** How far the clocks of nodes may differ; an end is an end all the same. */
    static final Duration CLOCK_SKEW = Duration.ofSeconds(30);

    private static final String ISSUER = "tributary";
    private static final String TENANT = "tenant";
    private static final int MAX_LENGTH = 4 << 10;

    private final SigningKeys keys;
    private final Secrets secrets;
    private final InstantSource clock;
    private final Duration lifetime;

    public Tokens(SigningKeys keys, Secrets secrets, InstantSource clock, Duration lifetime) {
        this.keys = keys;
        this.secrets = secrets;
        this.clock = clock;
        this.lifetime = lifetime;
    }

    /** A token just made. */
    public record Issued(String token, Duration lifetime) {}

    /** What a good token says. */
    public record Verified(String keyId, Optional<TenantId> tenant, Instant expiresAt) {}

    /** Makes a token for a key that has proven itself. */
    public Issued issue(Principal principal) throws IOException {
        SigningKey key = keys.current();
        Instant now = clock.instant();
        var claims =
                Jwt.claims()
                        .issuer(ISSUER)
                        .audience(ISSUER)
                        .subject(principal.keyId())
                        .issuedAt(now)
                        .expiresAt(now.plus(lifetime))
                        .claim("jti", secrets.newId());
        principal.tenant().ifPresent(tenant -> claims.claim(TENANT, tenant.value()));
        String token =
                claims.jws()
                        .keyId(key.id())
                        .algorithm(SignatureAlgorithm.ES256)
                        .sign(key.pair().getPrivate());
        return new Issued(token, lifetime);
    }

    /**
     * Checks a token: its form, algorithm, key, signature, issuer, audience and times.
     *
     * @return empty when anything is wrong with it
     */
    public Optional<Verified> verify(String token) throws IOException {
        if (token.length() > MAX_LENGTH || token.chars().filter(c -> c == '.').count() != 2) {
            return Optional.empty();
        }
        Optional<SigningKey> key = signedBy(token);
        if (key.isEmpty()) {
            return Optional.empty();
        }
        try {
            JwtClaims claims =
                    new JwtConsumerBuilder()
                            .setJwsAlgorithmConstraints(
                                    ConstraintType.PERMIT,
                                    AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256)
                            .setVerificationKey(key.get().pair().getPublic())
                            .setExpectedIssuer(true, ISSUER)
                            .setExpectedAudience(true, ISSUER)
                            .setRequireSubject()
                            .setRequireExpirationTime()
                            .setRequireIssuedAt()
                            .setRequireJwtId()
                            .setIssuedAtRestrictions(
                                    (int) CLOCK_SKEW.toSeconds(),
                                    (int) lifetime.plus(CLOCK_SKEW).toSeconds())
                            .setEvaluationTime(NumericDate.fromMilliseconds(clock.millis()))
                            .build()
                            .processToClaims(token);
            return Optional.of(
                    new Verified(
                            claims.getSubject(),
                            Optional.ofNullable(claims.getStringClaimValue(TENANT))
                                    .map(TenantId::new),
                            Instant.ofEpochMilli(claims.getExpirationTime().getValueInMillis())));
        } catch (InvalidJwtException | MalformedClaimException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Optional<SigningKey> signedBy(String token) throws IOException {
        try {
            JsonWebSignature signature = new JsonWebSignature();
            signature.setCompactSerialization(token);
            String id = signature.getKeyIdHeaderValue();
            return id == null ? Optional.empty() : keys.find(id);
        } catch (JoseException e) {
            return Optional.empty();
        }
    }

    /** The public keys, as a JSON Web Key Set. */
    public Map<String, Object> keySet() throws IOException {
        List<Map<String, Object>> published = new ArrayList<>();
        for (SigningKey key : keys.all()) {
            EllipticCurveJsonWebKey jwk =
                    new EllipticCurveJsonWebKey((ECPublicKey) key.pair().getPublic());
            jwk.setKeyId(key.id());
            jwk.setUse("sig");
            jwk.setAlgorithm(AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256);
            published.add(jwk.toParams(JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
        }
        return Map.of("keys", published);
    }
}
