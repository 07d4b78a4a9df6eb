package io.tributary.ingest.kafka.wire;

import io.tributary.kernel.id.TenantId;
import io.tributary.metadata.access.Principal;
import java.time.Instant;
import java.util.Optional;

/**
 * What a connection has proven.
 *
 * @param endpoint where it came in
 * @param mechanism the SASL mechanism agreed on, from handshake to proof
 * @param rawTokens whether the mechanism's tokens come without requests around them
 * @param credentials what was proven, to be asked about again; empty where nothing need be
 * @param principal who it is; empty before authentication
 * @param expiresAt when it must have authenticated again
 */
public record Session(
        Endpoint endpoint,
        Optional<String> mechanism,
        boolean rawTokens,
        Optional<String> credentials,
        Optional<Principal> principal,
        Instant expiresAt) {

    static Session begin(Endpoint endpoint) {
        return new Session(
                endpoint, Optional.empty(), false, Optional.empty(), Optional.empty(), Instant.MAX);
    }

    Session agreed(String name, boolean raw) {
        return new Session(endpoint, Optional.of(name), raw, credentials, principal, expiresAt);
    }

    Session proven(String by, Principal who, Instant until) {
        return new Session(
                endpoint, Optional.empty(), false, Optional.of(by), Optional.of(who), until);
    }

    /** The same holder with the grants of now. */
    Session refreshed(Principal now) {
        return new Session(
                endpoint, mechanism, rawTokens, credentials, Optional.of(now), expiresAt);
    }

    public boolean authenticated() {
        return principal.isPresent();
    }

    /** Who it is; only once authenticated. */
    public Principal who() {
        return principal.orElseThrow();
    }

    /** Whose cluster this is; only once authenticated. */
    public TenantId tenant() {
        return who().tenant().orElseThrow();
    }
}
