package io.tributary.ingest.kafka.wire;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.security.sasl.SaslException;
import org.apache.kafka.common.security.oauthbearer.internals.OAuthBearerClientInitialResponse;

/** Reads what SASL clients send as what the Authorization header of HTTP would say. */
final class SaslCredentials {
    static final String PLAIN = "PLAIN";
    static final String OAUTHBEARER = "OAUTHBEARER";
    static final List<String> MECHANISMS = List.of(PLAIN, OAUTHBEARER);

    private SaslCredentials() {}

    /** Empty when the token is not of the mechanism's form. */
    static Optional<String> of(String mechanism, byte[] token) {
        return mechanism.equals(PLAIN) ? plain(token) : bearer(token);
    }

    /** {@code [authorization id] NUL id NUL secret}, RFC 4616. */
    private static Optional<String> plain(byte[] token) {
        String[] parts = new String(token, StandardCharsets.UTF_8).split("\0", -1);
        if (parts.length != 3
                || parts[1].isEmpty()
                || !(parts[0].isEmpty() || parts[0].equals(parts[1]))) {
            return Optional.empty();
        }
        byte[] pair = (parts[1] + ":" + parts[2]).getBytes(StandardCharsets.UTF_8);
        return Optional.of("Basic " + Base64.getEncoder().encodeToString(pair));
    }

    private static Optional<String> bearer(byte[] token) {
        try {
            return Optional.of(
                    "Bearer " + new OAuthBearerClientInitialResponse(token).tokenValue());
        } catch (SaslException e) {
            return Optional.empty();
        }
    }
}
